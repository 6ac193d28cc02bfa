/** The programs whose bytes a summary says: one step of training, and one forward pass. */
import { grad } from "../../autodiff/grad.ts";
import { CONTROL_BYTES } from "../../backend/wasm/barrier.ts";
import type { DType } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import type { Graph } from "../../ir/graph.ts";
import { OpError } from "../../ir/op.ts";
import { Tensor } from "../../ir/tensor.ts";
import { withAuxiliaries } from "../../ir/trace.ts";
import { forwardFrom } from "../../nn/forwardFrom.ts";
import type { Module } from "../../nn/module.ts";
import { add, mul } from "../../ops/arithmetic.ts";
import { crossEntropy } from "../../ops/crossEntropy.ts";
import { mean } from "../../ops/sum.ts";
import type { Optimizer } from "../../optim/optimizer.ts";
import { optimize } from "../../passes/optimize.ts";
import { planGraph } from "../../plan/plan.ts";
import { type InputSpec, trace } from "../../runtime/compile.ts";

/** What a network takes: the shape of one input, without the batch, and its element type. */
export interface InputKind {
  readonly shape: Shape;
  readonly dtype: DType;
}

const batchOf = ({ shape, dtype }: InputKind, batch: number): InputSpec => ({ shape: [batch, ...shape], dtype });

/** The forward pass in eval mode: input "x"; output "output", or those that the network names. */
export function inferenceGraph(model: Module, input: InputKind, batch: number): Graph {
  return trace({ x: batchOf(input, batch) }, ({ x }) => tensorsOf(forwardFrom(model, x)));
}

/**
 * One step of training: forward, loss, gradients by every parameter, update. Inputs "x", "labels" [batch] and "lr"; output "loss". The
 * loss is the cross-entropy of scores [batch, classes], and the mean of outputs of any other shape; those of several outputs and of
 * auxiliary heads are added.
 */
export function trainingGraph(model: Module, input: InputKind, batch: number, optimizer: Optimizer): Graph {
  const inputs = { x: batchOf(input, batch), labels: { shape: [batch], dtype: "i32" }, lr: [] } as const;
  const step = ({ x, labels, lr }: { readonly [K in keyof typeof inputs]: Tensor }): { readonly loss: Tensor } => {
    const lossOf = (y: Tensor): Tensor => (y.shape.length === 2 ? crossEntropy(y, labels) : mean(y));
    const { result, auxiliaries } = withAuxiliaries(() => Object.values(tensorsOf(forwardFrom(model, x))));
    const own = result.map(lossOf).reduce((sum, one) => add(sum, one));
    const loss = auxiliaries.reduce((sum, { output, weight }) => add(sum, mul(lossOf(output), weight)), own);
    const parameters = model.parameters();
    const gradients = grad(
      loss,
      parameters.map((p) => p.tensor),
    );
    optimizer.step(parameters, gradients, lr);
    return { loss };
  };
  return trace(inputs, step, { mode: "train" });
}

/** The bytes that the WebAssembly backend allocates for this graph: program.memory.total, without compiling it. */
export const bytesOf = (graph: Graph): number => planGraph(optimize(graph), CONTROL_BYTES).bytes;

/** What a network gives, by name: one tensor, or the tensors among the values of an object or a list. */
export function tensorsOf(y: unknown): Readonly<Record<string, Tensor>> {
  if (y instanceof Tensor) return { output: y };
  const all = Object.entries(Object(y) as object).filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor);
  if (all.length > 0) return Object.fromEntries(all);
  throw new OpError("summary", `the network must give tensors, got ${y === null ? "null" : typeof y}`);
}
