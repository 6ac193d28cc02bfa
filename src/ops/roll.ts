import type { Shape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { type AxisMap, applyMaps, mapKernels, moving } from "./axisMap.ts";
import { normalizeAxes } from "./reduction.ts";

/** One shift per axis, from 0 to below its extent. */
interface RollAttrs extends Readonly<Record<string, unknown>> {
  readonly shifts: readonly number[];
}

const rolling = (shape: Shape, shifts: readonly number[]): readonly AxisMap[] =>
  shape.flatMap((n, d) => (shifts[d] === 0 ? [] : [moving(d, n, n, (o) => (o - shifts[d]! + n) % n)]));

/** Elements moved along axes; what leaves at one end comes in at the other. */
export const rollOp: Op<RollAttrs> = defineOp<RollAttrs>({
  name: "roll",
  facts: { linear: true },
  infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  grad: (dy, { attrs: { shifts } }) => [apply(rollOp, [dy], { shifts: shifts.map((s, d) => modulo(-s, dy.shape[d]!)) })],
  reference: ([x], y, { shifts }) => applyMaps(x!, y, rolling(x!.shape, shifts)),
  kernel: ([x], y, { shifts }) => mapKernels("roll", x!, y, rolling(x!.shape, shifts)),
});

const modulo = (a: number, n: number): number => ((a % n) + n) % n;

/** `x` with each of these axes rolled by its shift: element i goes to i + shift, round the end. PyTorch's roll. */
export function roll(x: Tensor, shifts: number | readonly number[], axes: number | readonly number[]): Tensor {
  const [by, over] = [[shifts].flat(), [axes].flat()];
  if (by.length !== over.length || by.some((s) => !Number.isInteger(s))) {
    throw new OpError("roll", `needs a whole number for each of ${over.length} axes, got ${by.join(", ")}`);
  }
  const at = over.map((a) => normalizeAxes("roll", [a], x.shape.length)[0]!);
  normalizeAxes("roll", at, x.shape.length);
  const all = x.shape.map((n, d) => (at.includes(d) ? modulo(by[at.indexOf(d)]!, n) : 0));
  return all.every((s) => s === 0) ? x : apply(rollOp, [x], { shifts: all });
}
