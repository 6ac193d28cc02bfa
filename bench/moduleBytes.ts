/** Counts the bytes of the WebAssembly modules that are compiled from here on. */
export function countModuleBytes(): () => number {
  let bytes = 0;
  const counted = <F extends (source: never, ...rest: never[]) => unknown>(original: F): F =>
    ((source: BufferSource | WebAssembly.Module, ...rest: never[]) => {
      if ("byteLength" in source) bytes += source.byteLength;
      return original(source as never, ...rest);
    }) as unknown as F;
  WebAssembly.compile = counted(WebAssembly.compile);
  WebAssembly.instantiate = counted(WebAssembly.instantiate);
  return () => bytes;
}
