/** Running ops and small graphs in f64, one way for every law. */

import { interpret } from "../../src/backend/reference/interpret.ts";
import { present } from "../../src/base/assert.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { graphOf, input, type Tensor } from "../../src/index.ts";
import { kernelsOf, type Op, type Values } from "../../src/ir/op.ts";
import { evaluateKernel } from "../../src/kernel/evaluate.ts";
import { type Buffer, buffer } from "../../src/kernel/expr.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import type { OpCase } from "../cases/opCase.ts";

/** The op's plain loops. `outShape` is what infer says. */
export function runReference(op: Op, c: OpCase, values: readonly Float64Array[]): Float64Array {
  const { shape } = op.infer(c.inputs, c.attrs);
  const out: Values = { shape, data: new Float64Array(sizeOf(shape)) };
  op.reference(withShapes(c, values), out, c.attrs);
  return out.data;
}

export const withShapes = (c: OpCase, values: readonly Float64Array[]): Values[] =>
  c.inputs.map((i, k) => ({ shape: i.shape, data: values[k]! }));

/** The op's kernels and their buffers. */
export function kernelsOfCase(
  op: Op,
  c: OpCase,
): { readonly kernels: readonly Kernel[]; readonly inputs: readonly Buffer[]; readonly out: Buffer } {
  const type = op.infer(c.inputs, c.attrs);
  const inputs = c.inputs.map((i, k) => buffer(`x${k}`, i.shape, i.dtype));
  const out = buffer("out", type.shape, type.dtype);
  return { kernels: kernelsOf(op, inputs, out, c.attrs), inputs, out };
}

/** The op's kernels, one point at a time. Elements that they do not write are `untouched`. */
export function runKernel(op: Op, c: OpCase, values: readonly Float64Array[], untouched: number): Float64Array {
  const { kernels, inputs, out } = kernelsOfCase(op, c);
  const memory = new Map<Buffer, Float64Array>(inputs.map((b, k) => [b, values[k]!]));
  const result = new Float64Array(sizeOf(out.shape)).fill(untouched);
  memory.set(out, result);
  for (const k of kernels) evaluateKernel(k, (b) => present(memory.get(b), b.name));
  return result;
}

/** The inputs of a case as tensors x0, x1, ... */
export const tensorsOf = (c: OpCase): Tensor[] => c.inputs.map((i, k) => input(`x${k}`, i.shape, i.dtype));

/** A function from the values of `leaves` to those of `roots`, all in f64. */
export function evaluator(leaves: readonly Tensor[], roots: readonly Tensor[]): (values: readonly Float64Array[]) => Float64Array[] {
  const inputs = new Map(leaves.map((t): [string, Tensor] => [t.source.kind === "input" ? t.source.name : "", t]));
  const graph = graphOf(inputs, new Map(roots.map((t, i): [string, Tensor] => [`${i}`, t])));
  return (values) => {
    const computed = interpret(graph, (t) => values[leaves.indexOf(t)]!);
    return roots.map((t) => computed.get(t)!.data);
  };
}

export const innerProduct = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Sum of magnitudes of the products: what rounding of an inner product scales with. */
export const innerMagnitude = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + Math.abs(x * b[i]!), 0);

/** Largest finite magnitude. */
export const largest = (values: Float64Array): number =>
  values.reduce((m, x) => (Math.abs(x) < Infinity ? Math.max(m, Math.abs(x)) : m), 0);
