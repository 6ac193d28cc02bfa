import { FormatError } from "../base/formatError.ts";

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** More than any data set known to this library holds; a file that unpacks to more is refused before it fills the memory. */
const LIMIT = 1 << 30;

/**
 * The content of a gzip file, or `bytes` themselves where they are not gzip. In Node and browsers alike.
 *
 * Throws FormatError with fault "gzip" for a damaged or truncated file (the format carries a checksum), or for more than 1 GiB.
 */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGzip(bytes)) return bytes;
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(next.value);
      length += next.value.length;
      if (length <= LIMIT) continue;
      await reader.cancel();
      throw new FormatError(file, "gzip", `unpacked size must be at most ${LIMIT} bytes, got more. Unpack it yourself if that is meant.`);
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const message = `gzip stream is damaged or cut short, got ${bytes.length} bytes (${String(cause)}). Fetch the file again.`;
    throw new FormatError(file, "gzip", message, { cause });
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
