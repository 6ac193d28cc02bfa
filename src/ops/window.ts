/** Sliding windows: what convolutions and pools of any spatial rank share. */
import { type Shape, showShape } from "../base/shape.ts";
import { OpError, type TensorType } from "../ir/op.ts";
import { type Axis, Int } from "../kernel/int.ts";

/** One entry per spatial axis. */
export interface WindowAttrs extends Readonly<Record<string, unknown>> {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** [before, after] per axis; negative crops. */
  readonly padding: readonly (readonly [number, number])[];
  readonly dilation: readonly number[];
}

/** A size for every axis, or one for all. */
export type Sizes = number | readonly number[];
/** A size for every axis, one for all, or [before, after] for every axis. */
export type Padding = number | readonly (number | readonly [number, number])[];

/** One size per axis. */
export function perAxis(op: string, what: string, sizes: Sizes, rank: number): readonly number[] {
  const all = typeof sizes === "number" ? new Array<number>(rank).fill(sizes) : [...sizes];
  if (all.length !== rank) throw new OpError(op, `${what} needs ${rank} numbers, got ${showShape(all)}`);
  if (all.some((s) => !Number.isInteger(s) || s < 1))
    throw new OpError(op, `${what} must be whole numbers of at least 1, got ${showShape(all)}`);
  return all;
}

/** [before, after] per axis. */
export function perSide(op: string, padding: Padding, rank: number): readonly (readonly [number, number])[] {
  const all = typeof padding === "number" ? new Array<number>(rank).fill(padding) : padding;
  if (all.length !== rank) throw new OpError(op, `padding needs ${rank} entries, got ${all.length}`);
  return all.map((p): readonly [number, number] => {
    const sides: readonly [number, number] = typeof p === "number" ? [p, p] : p;
    if (sides.some((s) => !Number.isInteger(s))) throw new OpError(op, `padding must be whole numbers, got ${JSON.stringify(padding)}`);
    return sides;
  });
}

/**
 * Padding by a rule:
 *
 *   valid    none
 *   same     zeros so that ceil(n / s) windows fit; of an odd number, the extra one comes after (PyTorch, and TensorFlow with strides)
 *   full     every window that holds at least one element: d (k - 1) on both sides
 *   causal   d (k - 1) before and none after, so that nothing later is read; for one axis
 */
export type PaddingRule = "valid" | "same" | "full" | "causal";

/** [before, after] per axis, for inputs with these spatial extents; "same" needs none of them where the stride is 1. */
export function sidesOf(
  op: string,
  padding: Padding | PaddingRule,
  space: readonly (number | undefined)[],
  { kernel, stride, dilation }: Pick<WindowAttrs, "kernel" | "stride" | "dilation">,
): readonly (readonly [number, number] | undefined)[] {
  if (typeof padding !== "string") return perSide(op, padding, kernel.length);
  const reach = kernel.map((k, d) => dilation[d]! * (k - 1));
  switch (padding) {
    case "valid":
      return reach.map(() => [0, 0]);
    case "full":
      return reach.map((r) => [r, r]);
    case "causal":
      if (kernel.length !== 1)
        throw new OpError(op, `padding causal is for one spatial axis, got ${kernel.length}. Give [before, after] for each`);
      return reach.map((r) => [r, 0]);
    case "same":
      return reach.map((r, d) => {
        const [n, s] = [space[d], stride[d]!];
        if (n === undefined && s !== 1) return undefined;
        const total = s === 1 ? r : Math.max(0, (Math.ceil(n! / s) - 1) * s + r + 1 - n!);
        return [Math.floor(total / 2), Math.ceil(total / 2)];
      });
    default:
      throw new OpError(op, `padding must be sizes, "same", "valid", "full" or "causal", got ${JSON.stringify(padding)}`);
  }
}

/** floor((n + before + after - d (k - 1) - 1) / s) + 1 along one axis, or rounded up with `ceil`; PyTorch's formula. */
export function windowCount(
  n: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
  ceil = false,
): number {
  const room = n + padding[0] + padding[1] - dilation * (kernel - 1) - 1;
  if (!ceil) return Math.max(0, Math.floor(room / stride) + 1);
  // PyTorch: rounded up, even the first window may reach beyond the end; a last one that would start there is dropped.
  const count = Math.ceil(room / stride) + 1;
  return Math.max(0, (count - 1) * stride >= n + padding[0] ? count - 1 : count);
}

/** How many windows there are along each axis. */
export const outSpace = (space: Shape, { kernel, stride, padding, dilation }: WindowAttrs): Shape =>
  kernel.map((k, d) => windowCount(space[d]!, k, stride[d]!, padding[d]!, dilation[d]!));

/** (n - 1) s - before - after + d (k - 1) + outputPadding + 1: how many elements a transposed convolution gives along an axis. */
export const transposedCount = (
  n: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
  outputPadding: number,
): number => (n - 1) * stride - padding[0] - padding[1] + dilation * (kernel - 1) + outputPadding + 1;

/** One size per axis, each below the stride or the dilation: more could only be rows that nothing reaches. */
export function outputPaddingOf(op: string, sizes: Sizes, stride: readonly number[], dilation: readonly number[]): readonly number[] {
  const all = typeof sizes === "number" ? stride.map(() => sizes) : [...sizes];
  const fits = all.length === stride.length && all.every((p, d) => Number.isInteger(p) && p >= 0 && p < Math.max(stride[d]!, dilation[d]!));
  if (fits) return all;
  const limits = showShape(stride.map((s, d) => Math.max(s, dilation[d]!)));
  throw new OpError(op, `outputPadding must be whole numbers below stride or dilation ${limits}, got ${showShape(all)}`);
}

/** Spatial output sizes, or an OpError that says which axis is too small. */
export function windowShape(op: string, x: TensorType, w: WindowAttrs): Shape {
  const rank = w.kernel.length;
  if (x.shape.length !== rank + 2) {
    const axes = ["length", "height, width", "depth, height, width"][rank - 1];
    throw new OpError(op, `input must be [batch, channels, ${axes}], got ${showShape(x.shape)}`);
  }
  return w.kernel.map((k, d) => {
    const n = x.shape[d + 2]!;
    const count = windowCount(n, k, w.stride[d]!, w.padding[d]!, w.dilation[d]!);
    if (count < 1) {
      const span = w.dilation[d]! * (k - 1) + 1;
      const [before, after] = w.padding[d]!;
      throw new OpError(
        op,
        `the window spans ${span} but axis ${d + 2} has ${n}${before + after ? ` (${n + before + after} with padding)` : ""}, got input ${showShape(x.shape)}. ` +
          `Use an input of at least ${n + span - (n + before + after)} there, or more padding`,
      );
    }
    return count;
  });
}

/** Where tap `tap` of window `at` reads along axis d: at * stride + tap * dilation - before. */
export const tapIndex = (w: WindowAttrs, d: number, at: Int | Axis, tap: Int | Axis): Int =>
  Int.of(at).mul(w.stride[d]!).add(Int.of(tap).mul(w.dilation[d]!)).sub(w.padding[d]![0]);

/** Which window reads `position` by tap `tap`, times stride: divide by the stride where it divides. */
export const windowIndex = (w: WindowAttrs, d: number, position: Int | Axis, tap: Int | Axis): Int =>
  Int.of(position).add(w.padding[d]![0]).sub(Int.of(tap).mul(w.dilation[d]!));

/** Calls `visit` for every combination of window and tap whose read lies inside the input: plain loops for the references. */
export function forEachTap(
  w: WindowAttrs,
  inSpace: Shape,
  outSpace: Shape,
  visit: (input: number, output: number, tap: number) => void,
): void {
  const rank = inSpace.length;
  const go = (d: number, input: number, output: number, tap: number): void => {
    if (d === rank) return visit(input, output, tap);
    for (let o = 0; o < outSpace[d]!; o++) {
      for (let k = 0; k < w.kernel[d]!; k++) {
        const i = o * w.stride[d]! + k * w.dilation[d]! - w.padding[d]![0];
        if (i < 0 || i >= inSpace[d]!) continue;
        go(d + 1, input * inSpace[d]! + i, output * outSpace[d]! + o, tap * w.kernel[d]! + k);
      }
    }
  };
  go(0, 0, 0, 0);
}
