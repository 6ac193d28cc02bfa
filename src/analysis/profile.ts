import { CONTROL_BYTES } from "../backend/wasm/barrier.ts";
import type { DType } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import { RandomStream } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import { OpError } from "../ir/op.ts";
import type { Mode } from "../ir/trace.ts";
import type { Origin } from "../kernel/kernel.ts";
import type { Module } from "../nn/module.ts";
import type { InputOf } from "../nn/network.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { SGD } from "../optim/sgd.ts";
import { optimize } from "../passes/optimize.ts";
import { planGraph } from "../plan/plan.ts";
import { measureSteps } from "../runtime/stepTimes.ts";
import { measurePeak } from "./peak.ts";
import { type KernelTask, type StepWork, stepWork } from "./profile/steps.ts";
import { countPaths } from "./summary/countPaths.ts";
import { inferenceGraph, trainingGraph } from "./summary/programs.ts";

export interface ProfileOptions {
  /** What to call the network. Default: its class. */
  readonly name?: string;
  /** Element type of the input: "i32" for words of a text. Default "f32". */
  readonly dtype?: DType;
  /** Inputs of one run. Default 1. */
  readonly batch?: number;
  /** A forward pass, or a whole step of training. Default "eval". */
  readonly mode?: Mode;
  /** What makes the step. Default: SGD with momentum 0.9. */
  readonly optimizer?: Optimizer;
  /** How long to measure, about. Default 2000. */
  readonly milliseconds?: number;
}

/** A kernel of a chain, measured alone. */
export interface ProfiledKernel extends KernelTask {
  readonly milliseconds: number;
}

/** One step of the program, measured: one kernel, several as one loop, or a chain of kernels block by block. */
export interface ProfiledStep extends Omit<StepWork, "kernels"> {
  readonly milliseconds: number;
  /** Of a chain, its kernels; else none. */
  readonly kernels: readonly ProfiledKernel[];
}

/** What a layer takes in one pass. */
export interface ProfiledLayer extends Origin {
  readonly milliseconds: number;
  /** As its definition takes them, however they are computed. */
  readonly multiplyAdds: number;
}

/** Where the time of a program goes, in one thread. Times are medians in milliseconds. */
export interface Profile {
  readonly model: string;
  /** Shape of one input, without the batch. */
  readonly input: Shape;
  readonly batch: number;
  readonly mode: Mode;
  readonly threads: 1;
  /** What the processor's core does at most, in GFLOP/s: a multiply-add is two operations. */
  readonly peakGflops: number;
  /** Of a whole run. The steps, measured one by one, add up to a little more or less. */
  readonly milliseconds: number;
  /** Bytes that the program allocates. */
  readonly memory: number;
  readonly rounds: number;
  /** In order of execution. */
  readonly steps: readonly ProfiledStep[];
  /** In order of first execution. */
  readonly layers: readonly ProfiledLayer[];
}

/**
 * Runs the network, or trains it, in one thread, and says how long each step of its program takes. Weights and running moments stay as they are.
 *
 *     const { steps } = await profile(model, [3, 224, 224], { mode: "train", batch: 8 });
 *
 * Throws an OpError if the network cannot take such inputs. PyTorch: torch.profiler.
 */
export async function profile<M extends Module, const S extends Shape>(
  model: M,
  shape: InputOf<M, S>,
  options: ProfileOptions = {},
): Promise<Profile> {
  const { batch = 1, mode = "eval", optimizer = new SGD({ lr: 0.1, momentum: 0.9 }), milliseconds = 2000, dtype = "f32" } = options;
  if (!Number.isSafeInteger(batch) || batch < 1) throw new OpError("profile", `batch must be a whole number of at least 1, got ${batch}`);
  const kind = { shape: shape as Shape, dtype };
  const traced = mode === "eval" ? inferenceGraph(model, kind, batch) : trainingGraph(model, kind, batch, optimizer);
  const plan = planGraph(optimize(traced), CONTROL_BYTES);
  const peakGflops = measurePeak(milliseconds / 10);
  const times = await measureSteps(plan, inputsOf(traced), milliseconds);
  const steps = plan.steps.map((step, i): ProfiledStep => {
    const { kernels, ...work } = stepWork(step, plan);
    const time = times.steps[i]!;
    return {
      ...work,
      milliseconds: time.milliseconds,
      kernels: time.kernels.map((ms, j) => ({ ...kernels[j]!, milliseconds: ms })),
    };
  });
  return {
    model: options.name ?? model.constructor.name,
    input: kind.shape,
    batch,
    mode,
    threads: 1,
    peakGflops,
    milliseconds: times.run,
    memory: plan.bytes,
    rounds: times.rounds,
    steps,
    layers: layersOf(steps, traced),
  };
}

/** Random images, the first class for each, and a learning rate that leaves the weights as they are. */
function inputsOf(graph: Graph): Map<string, NdArray> {
  return new Map(
    [...graph.inputs].map(([name, t]) => {
      const array = new NdArray(t.dtype, t.shape);
      const stream = new RandomStream(0, name);
      if (t.dtype === "f32" && name !== "lr") for (let i = 0; i < array.data.length; i++) array.data[i] = 2 * stream.uniform(i) - 1;
      return [name, array];
    }),
  );
}

/** The layers' shares of the time, without steps that runs leave out, and what their definitions count. */
function layersOf(steps: readonly ProfiledStep[], traced: Graph): ProfiledLayer[] {
  const counts = countPaths([...traced.outputs.values(), ...traced.updates.values()]);
  const layers = new Map<string, ProfiledLayer>();
  for (const { path, pass, milliseconds, fixed } of steps) {
    if (fixed) continue;
    const key = `${pass} ${path}`;
    const own = counts.get(path);
    const multiplyAdds = (pass === "forward" ? own?.multiplyAdds : pass === "backward" ? own?.backwardMultiplyAdds : 0) ?? 0;
    layers.set(key, { path, pass, multiplyAdds, milliseconds: milliseconds + (layers.get(key)?.milliseconds ?? 0) });
  }
  return [...layers.values()];
}
