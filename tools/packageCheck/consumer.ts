/** Programs of a user of the package, as text: they are compiled and run in a project that has the package and nothing else. */

/** Type-checked against the emitted declarations, with networks that must not compile. */
export const TYPED_CONSUMER = `
import { compile, type NdArray, wasm } from "fovea";
import { strokes } from "fovea/data";
import { lenet5 } from "fovea/models";
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "fovea/nn";
import { Adam, SGD } from "fovea/optim";
import { fit, type History, weightsSha256 } from "fovea/train";

const model = new Sequential(new Conv2d(1, 6, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(1176, 10));

export async function train(): Promise<History> {
  const options = { train: strokes({ split: "train" }), batchSize: 32, epochs: 2 };
  await fit(lenet5(), { ...options, optimizer: new Adam({ lr: 0.001 }) });
  return fit(model, { ...options, optimizer: new SGD({ lr: 0.05 }), backend: wasm({ threads: 1 }) });
}

export async function classify(pixels: Float32Array): Promise<NdArray> {
  const program = await compile(wasm(), { x: [1, 1, 28, 28] }, ({ x }) => model.forward(x));
  const { output } = await program.run({ x: pixels });
  return output;
}

export const hash: Promise<string> = weightsSha256(model);

// @ts-expect-error: takes 16 channels, but its input has 6
new Sequential(new Conv2d(1, 6, 5), new Conv2d(16, 10, 5));
// @ts-expect-error: takes 3 channels, but strokes have 1
fit(new Sequential(new Conv2d(3, 6, 28), new Flatten()), { train: strokes({ split: "train" }), optimizer: new SGD({ lr: 0.05 }) });
// @ts-expect-error: the output is an NdArray
export const wrong: Promise<string> = classify(new Float32Array(784));
`;

/** Run in plain Node: trains on two threads, and prints whether anything was learned. */
export const TRAINING = `
import { wasm } from "fovea";
import { strokes } from "fovea/data";
import { lenet5 } from "fovea/models";
import { SGD } from "fovea/optim";
import { fit } from "fovea/train";

const losses = [];
const { threads } = await fit(lenet5(), {
  train: strokes({ split: "train", count: 1600 }),
  optimizer: new SGD({ lr: 0.05, momentum: 0.9 }),
  batchSize: 32,
  seed: 1,
  backend: wasm({ threads: 2 }),
  onStep: ({ loss }) => losses.push(loss),
});
console.log(threads, losses.length, losses.at(-1) < losses[0] - 0.3 ? "learned" : losses);
`;
