/** The first of the ascending sizes from which on all have the property, or undefined. */
export function onward(sizes: readonly number[], has: (size: number) => boolean): number | undefined {
  const last = sizes.findLastIndex((size) => !has(size));
  return sizes[last + 1];
}
