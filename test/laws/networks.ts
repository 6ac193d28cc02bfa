/** Composite graphs that the laws of passes and backends run over. */
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { assign, f32, type Graph, grad, type InputSpec, i32, type NdArray, Parameter, type Tensor, trace } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";

type Traced = Readonly<Record<string, Tensor>>;

/** A function to trace, with values for its inputs. Each call makes states of its own, so that programs do not share them. */
export interface SampleNetwork {
  readonly specs: Readonly<Record<string, InputSpec>>;
  readonly inputs: Readonly<Record<string, NdArray>>;
  readonly make: () => (inputs: Traced) => Readonly<Record<string, Tensor>>;
}

/** Numbers in [-scale, scale), the same for the same name. */
export function drawn(name: string, shape: Shape, scale = 1): NdArray {
  const stream = new RandomStream(7, name);
  return f32(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => scale * (2 * stream.uniform(i) - 1)),
  );
}

const parameter = (name: string, shape: Shape, scale: number): Parameter =>
  new Parameter(shape, (array) => array.data.set(drawn(name, shape, scale).data), name);

const labels = (n: number, classes: number): NdArray =>
  i32(
    [n],
    Array.from({ length: n }, (_, i) => (3 * i + 1) % classes),
  );

/** Loss, logits and gradients of a LeNet in small, and one step of SGD with momentum. */
function lenet(pool: "max" | "average", activation: (x: Tensor) => Tensor) {
  const w1 = parameter("w1", [4, 1, 5, 5], 0.3);
  const b1 = parameter("b1", [4], 0.1);
  const w2 = parameter("w2", [6, 4, 3, 3], 0.3);
  const b2 = parameter("b2", [6], 0.1);
  const w3 = parameter("w3", [5, 54], 0.3);
  const b3 = parameter("b3", [5], 0.1);
  const all = [w1, b1, w2, b2, w3, b3];
  const momenta = all.map((p) => new Parameter(p.shape, undefined, `${p.name}.momentum`));
  const pooled = (x: Tensor): Tensor => (pool === "max" ? ops.maxPool(x, 2) : ops.avgPool(x, 2));
  return ({ x, target, lr }: Traced): Readonly<Record<string, Tensor>> => {
    const h1 = pooled(activation(ops.conv(x!, w1.tensor, b1.tensor, { padding: 2 })));
    const h2 = pooled(activation(ops.conv(h1, w2.tensor, b2.tensor)));
    const logits = ops.linear(ops.flatten(h2), w3.tensor, b3.tensor);
    const loss = ops.crossEntropy(logits, target!);
    const gradients = grad(
      loss,
      all.map((p) => p.tensor),
    );
    all.forEach((p, i) => {
      const momentum = ops.add(ops.mul(momenta[i]!.tensor, 0.9), gradients[i]!);
      assign(momenta[i]!, momentum);
      assign(p, ops.sub(p.tensor, ops.mul(momentum, lr!)));
    });
    const named = all.map((p, i): [string, Tensor] => [`d${p.name}`, gradients[i]!]);
    return { loss, logits, guess: ops.argmax(logits), ...Object.fromEntries(named) };
  };
}

const lenetInputs = {
  specs: { x: [3, 1, 16, 16], target: { shape: [3], dtype: "i32" }, lr: [] },
  inputs: { x: drawn("x", [3, 1, 16, 16]), target: labels(3, 5), lr: f32([], [0.05]) },
} as const;

/** A residual block with strides, groups and a shortcut, everything differentiated, the input too. */
function residual({ x, w1, w2, w3, dy }: Traced): Readonly<Record<string, Tensor>> {
  const h = ops.relu(ops.conv(x!, w1!, undefined, { stride: 2, padding: 1 }));
  const y = ops.relu(ops.add(ops.conv(h, w2!, undefined, { padding: 1, groups: 2 }), ops.conv(x!, w3!, undefined, { stride: 2 })));
  const pooled = ops.mean(y, [2, 3]);
  const loss = ops.sum(ops.mul(pooled, dy!));
  const [dx, dw1, dw2, dw3] = grad(loss, [x!, w1!, w2!, w3!]) as [Tensor, Tensor, Tensor, Tensor];
  return { pooled, dx, dw1, dw2, dw3 };
}

const residualShapes = { x: [2, 4, 7, 9], w1: [6, 4, 3, 3], w2: [6, 3, 3, 3], w3: [6, 4, 1, 1], dy: [2, 6] };

/** Batch normalisation written out: means, variances, square roots, broadcasts, and a gradient through all of it. */
function normalised({ x, gamma, beta, dy }: Traced): Readonly<Record<string, Tensor>> {
  const centred = ops.sub(x!, ops.mean(x!, [0, 2, 3], true));
  const variance = ops.mean(ops.mul(centred, centred), [0, 2, 3], true);
  const scale = ops.div(ops.reshape(gamma!, [-1, 1, 1]), ops.sqrt(ops.add(variance, 1e-5)));
  const y = ops.add(ops.mul(centred, scale), ops.reshape(beta!, [-1, 1, 1]));
  const loss = ops.sum(ops.mul(ops.tanh(y), dy!));
  const [dx, dgamma, dbeta] = grad(loss, [x!, gamma!, beta!]) as [Tensor, Tensor, Tensor];
  return { y, dx, dgamma, dbeta };
}

const normalisedShapes = { x: [3, 5, 4, 6], gamma: [5], beta: [5], dy: [3, 5, 4, 6] };

/** A U-Net in small: down with reflected margins, up by a transposed convolution and by resizing, joined to what came before. */
function unet({ x, w1, w2, up, w3, dy }: Traced): Readonly<Record<string, Tensor>> {
  const wide = ops.relu(ops.conv(x!, w1!, undefined, { padding: 1, paddingMode: "reflect" }));
  const narrow = ops.relu(ops.conv(ops.maxPool(wide, 2), w2!, undefined, { padding: "same" }));
  const spread = ops.relu(ops.convTranspose(narrow, up!, undefined, { stride: 2 }));
  const resized = ops.interpolate(ops.slice(narrow, [[], [0, 2]]), { scaleFactor: 2, mode: "bilinear" });
  const joined = ops.concat([wide, spread, resized]);
  const y = ops.conv(joined, w3!, undefined, { padding: 1, paddingMode: "circular" });
  const [dx, dw1, dw2, dup, dw3] = grad(ops.sum(ops.mul(y, dy!)), [x!, w1!, w2!, up!, w3!]) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  return { joined, y, dx, dw1, dw2, dup, dw3 };
}

const unetShapes = { x: [2, 3, 8, 6], w1: [5, 3, 3, 3], w2: [6, 5, 3, 3], up: [6, 4, 2, 2], w3: [3, 11, 3, 3], dy: [2, 3, 8, 6] };

/** A gradient of a gradient: the penalty of WGAN-GP, through a convolution and a smooth activation. */
function penalised({ x, w, v }: Traced): Readonly<Record<string, Tensor>> {
  const score = ops.sum(ops.mul(ops.mean(ops.sigmoid(ops.conv(x!, w!, undefined, { padding: 1 })), [2]), v!));
  const [slope] = grad(score, [x!]) as [Tensor];
  const length = ops.sub(ops.sqrt(ops.add(ops.sum(ops.mul(slope, slope)), 1e-6)), 1);
  const [dw] = grad(ops.mul(length, length), [w!]) as [Tensor];
  return { score, slope, dw };
}

const penalisedShapes = { x: [2, 3, 11], w: [4, 3, 3], v: [2, 4] };

const drawnInputs = (shapes: Readonly<Record<string, Shape>>): Readonly<Record<string, NdArray>> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(name, shape)]));

/** Every sample by name. */
export const NETWORKS: Readonly<Record<string, SampleNetwork>> = {
  "LeNet with max pools": { ...lenetInputs, make: () => lenet("max", ops.relu) },
  "LeNet with averages": { ...lenetInputs, make: () => lenet("average", ops.tanh) },
  "residual block": { specs: residualShapes, inputs: drawnInputs(residualShapes), make: () => residual },
  "batch normalisation": { specs: normalisedShapes, inputs: drawnInputs(normalisedShapes), make: () => normalised },
  "U-Net": { specs: unetShapes, inputs: drawnInputs(unetShapes), make: () => unet },
  "gradient penalty": { specs: penalisedShapes, inputs: drawnInputs(penalisedShapes), make: () => penalised },
};

/** The graph of a sample before any pass. */
export const graphOfSample = ({ specs, make }: SampleNetwork): Graph => trace(specs, make(), { mode: "train" });
