/**
 * The programs that are timed. Everything large is a State, read and written in the program's own memory: then a run copies
 * nothing in or out, and its time is the kernels' alone. Outputs are assigned to states too, because what nobody keeps is
 * not computed; assigning costs nothing, since the last kernel writes to the state's memory.
 */
import {
  assign,
  type Backend,
  compile,
  grad,
  type InputSpec,
  type Program,
  pullback,
  type Shape,
  State,
  type Tensor,
} from "../src/index.ts";
import { createModel, models } from "../src/models/index.ts";
import type { Network } from "../src/nn/index.ts";
import * as ops from "../src/ops/index.ts";
import { SGD } from "../src/optim/index.ts";
import type { ConvWork, NetworkWork, PoolWork } from "./workList.ts";

/** A compiled program, to be run again and again. */
export interface Timed {
  /** Milliseconds of compiling it. */
  readonly compileMs: number;
  run(): Promise<unknown>;
  close(): Promise<void>;
}

/** Which passes: the output alone, or the output and the gradients by all inputs. */
export type Passes = "fwd" | "fwdbwd";

const uniform = (shape: Shape, name: string, scale: number): State =>
  new State(
    shape,
    (array, stream) => {
      for (let i = 0; i < array.data.length; i++) array.data[i] = scale * (2 * stream.uniform(i) - 1);
    },
    name,
  );

/** Keeps a result in memory of its own. */
const keep = (name: string, t: Tensor): void => assign(new State(t.shape, undefined, name), t);

type AnyProgram = Program<Readonly<Record<string, InputSpec>>, Readonly<Record<string, Tensor>>>;

async function timed(compiled: () => Promise<AnyProgram>, inputs = {}): Promise<Timed> {
  const start = performance.now();
  const program = await compiled();
  const compileMs = performance.now() - start;
  return { compileMs, run: () => program.run(inputs), close: () => program.close() };
}

/** y = f(...inputs), and for fwdbwd the gradients of sum(y dy) by all of them. */
function passesOf(backend: Backend, passes: Passes, inputs: readonly State[], f: (...inputs: readonly Tensor[]) => Tensor): Promise<Timed> {
  const program = () =>
    compile(backend, {}, (): Readonly<Record<string, Tensor>> => {
      const xs = inputs.map((i) => i.tensor);
      const y = f(...xs);
      keep("y", y);
      if (passes === "fwdbwd") {
        const dy = uniform(y.shape, "dy", 1).tensor;
        pullback(y, dy, xs).forEach((dx, i) => keep(`d${inputs[i]!.name}`, dx));
      }
      return {};
    });
  return timed(program);
}

/** A convolution with bias, as the other libraries are timed. */
export function convProgram(backend: Backend, w: ConvWork, passes: Passes): Promise<Timed> {
  const x = uniform([w.n, w.c, w.h, w.h], "x", 1);
  const weight = uniform([w.o, w.c / w.g, w.k, w.k], "w", 1);
  const b = uniform([w.o], "b", 1);
  const options = { stride: w.s, padding: w.p, groups: w.g };
  return passesOf(backend, passes, [x, weight, b], (...t) => ops.conv(t[0]!, t[1]!, t[2], options));
}

export function poolProgram(backend: Backend, w: PoolWork, passes: Passes): Promise<Timed> {
  const x = uniform([w.n, w.c, w.h, w.h], "x", 1);
  const pools = {
    max: (t: Tensor) => ops.maxPool(t, w.k, { stride: w.s, padding: w.p }),
    avg: (t: Tensor) => ops.avgPool(t, w.k, { stride: w.s, padding: w.p }),
    gap: (t: Tensor) => ops.mean(t, [2, 3], true),
  };
  return passesOf(backend, passes, [x], (t) => pools[w.kind](t!));
}

/** Scores of n images of the model's published shape, or a training step on them. */
export function networkProgram(backend: Backend, { model, n }: Pick<NetworkWork, "model" | "n">, pass: "fwd" | "step"): Promise<Timed> {
  const network = createModel(model).initialize(1);
  const { input, classes } = models[model]!;
  if (pass === "step") return trainingStep(backend, network, [n, ...input], classes);
  const x = uniform([n, ...input], "images", 1);
  return timed(() =>
    compile(backend, {}, (): Readonly<Record<string, Tensor>> => {
      keep("scores", network.forward(x.tensor as never));
      return {};
    }),
  );
}

/** One training step on images of that shape: forward, cross-entropy, all gradients, SGD with momentum. Its loss comes out. */
export function trainingStep(backend: Backend, network: Network<Shape, readonly [number]>, images: Shape, classes: number): Promise<Timed> {
  network.initialize(1);
  const optimizer = new SGD({ lr: 0.01, momentum: 0.9 });
  const x = uniform(images, "images", 1);
  const target = new State([images[0]!], (array) => array.data.forEach((_, i) => (array.data[i] = i % classes)), "labels", "i32");
  const program = () =>
    compile(
      backend,
      { lr: [] },
      ({ lr }): Readonly<Record<string, Tensor>> => {
        const loss = ops.crossEntropy(network.forward(x.tensor as never), target.tensor);
        const parameters = network.parameters();
        optimizer.step(
          parameters,
          grad(
            loss,
            parameters.map((p) => p.tensor),
          ),
          lr,
        );
        return { loss };
      },
      { mode: "train" },
    );
  return timed(program as never, { lr: 0.01 });
}
