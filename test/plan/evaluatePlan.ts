/** Runs a plan kernel by kernel in f64, in one arena laid out as the plan says: transformations and addresses without machine code. */
import { sizeOf, stridesOf } from "../../src/base/shape.ts";
import type { State } from "../../src/ir/state.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import type { Buffer } from "../../src/kernel/expr.ts";
import { type Axis, Int } from "../../src/kernel/int.ts";
import { type Kernel, reindex } from "../../src/kernel/kernel.ts";
import { dot, forEachIndex } from "../../src/ops/pointwise.ts";
import type { Slot } from "../../src/plan/lower.ts";
import type { Plan } from "../../src/plan/plan.ts";

export interface Result {
  readonly outputs: Map<string, Float64Array>;
  readonly states: Map<State, Float64Array>;
}

export function evaluatePlan(
  plan: Plan,
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  states: (s: State) => ArrayLike<number> = (s) => s.read().data,
): Result {
  const arena = new Float64Array(plan.bytes / 4).fill(Number.NaN);
  const bytes = new Map<Buffer, Float64Array>();
  const memory = (b: Buffer): Float64Array => {
    if (b.dtype !== "u8" && !plan.isLocal(b)) return arena.subarray(plan.address(b) / 4);
    const own = bytes.get(b) ?? new Float64Array(sizeOf(b.shape));
    bytes.set(b, own);
    return own;
  };
  const write = (slot: Slot, shape: readonly number[], data: ArrayLike<number>): void => {
    const strides = stridesOf(shape, slot.order);
    const to = memory(slot.buffer);
    forEachIndex(shape, (at, i) => {
      to[dot(at, strides)] = data[i]!;
    });
  };
  const read = (slot: Slot, shape: readonly number[]): Float64Array => {
    const strides = stridesOf(shape, slot.order);
    const from = memory(slot.buffer);
    const out = new Float64Array(sizeOf(shape));
    forEachIndex(shape, (at, i) => {
      out[i] = from[dot(at, strides)]!;
    });
    return out;
  };
  for (const [name, slot] of plan.inputs) write(slot, slot.shape, inputs[name]!);
  for (const [s, slot] of plan.states) write(slot, s.shape, states(s));
  for (const [b, value] of plan.constants) memory(b).set(value.data);
  for (const { kernels } of plan.steps) for (const k of inBlocks(kernels)) evaluateKernel(k, memory);
  return {
    outputs: new Map([...plan.outputs].map(([name, slot]) => [name, read(slot, slot.shape)])),
    states: new Map([...plan.states].map(([s, slot]) => [s, read(slot, s.shape)])),
  };
}

/** The kernels of a step in the order in which one thread runs them: those of a chain once for each block. */
function inBlocks(kernels: readonly Kernel[]): Kernel[] {
  const blocks = kernels[0]!.chain?.blocks ?? [];
  let points: ReadonlyMap<Axis, Int>[] = [new Map()];
  for (const a of blocks) points = points.flatMap((p) => Array.from({ length: a.extent }, (_, i) => new Map([...p, [a, Int.of(i)]])));
  const part = kernels[0]!.chain?.part;
  const last = (point: ReadonlyMap<Axis, Int>): boolean => [...point].every(([a, i]) => a === part || i.value === a.extent - 1);
  /** Whether the kernel runs at this block: those for each part do after its last one. */
  const runs = (k: Kernel, point: ReadonlyMap<Axis, Int>): boolean =>
    !part || !k.axes.includes(part) || blocks.every((a) => k.axes.includes(a)) || last(point);
  return points.flatMap((point) =>
    kernels
      .filter((k) => runs(k, point))
      .map((k) =>
        reindex(
          k,
          point,
          k.axes.filter((a) => !point.has(a)),
          k.reduce,
        ),
      ),
  );
}
