import { invariant } from "./assert.ts";

/** Sizes per axis, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((n, extent) => n * extent, 1);

/** `[64, 1, 28, 28]`, as error messages write it. */
export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((extent, i) => extent === b[i]);

/** Strides in elements of a dense array whose axes lie in `order`, outermost first (default: as written, row-major). */
export function stridesOf(shape: Shape, order: readonly number[] = shape.map((_, i) => i)): readonly number[] {
  invariant(order.length === shape.length, () => `axis order ${order} does not fit shape ${showShape(shape)}`);
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const axis = order[i]!;
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The shape two shapes broadcast to, by NumPy's and PyTorch's rule, or undefined where they do not. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}
