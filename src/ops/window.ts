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

/** floor((n + before + after - d (k - 1) - 1) / s) + 1 along one axis; PyTorch's formula. */
export function windowCount(
  n: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number],
  dilation: number,
  ceil = false,
): number {
  const room = n + padding[0] + padding[1] - dilation * (kernel - 1) - 1;
  if (room < 0) return 0;
  const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  // PyTorch: a last window that would start in the padding after the input is dropped.
  return ceil && (count - 1) * stride >= n + padding[0] ? count - 1 : count;
}

/** Spatial output sizes, or an OpError that says which axis is too small. */
export function windowShape(op: string, x: TensorType, w: WindowAttrs, ceil = false): Shape {
  const rank = w.kernel.length;
  if (x.shape.length !== rank + 2) {
    const axes = ["length", "height, width", "depth, height, width"][rank - 1];
    throw new OpError(op, `input must be [batch, channels, ${axes}], got ${showShape(x.shape)}`);
  }
  return w.kernel.map((k, d) => {
    const n = x.shape[d + 2]!;
    const count = windowCount(n, k, w.stride[d]!, w.padding[d]!, w.dilation[d]!, ceil);
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
