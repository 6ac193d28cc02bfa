/** A network with norms, dropout and smooth activations, trained: backends agree, and threads change no bit. */
import { expect, test } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { type Backend, compile, f32, grad, i32, type NdArray, reference, type Tensor, wasm } from "../../src/index.ts";
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  Dropout2d,
  Flatten,
  GELU,
  GroupNorm,
  Linear,
  LocalResponseNorm,
  PReLU,
  Sequential,
  SiLU,
} from "../../src/nn/index.ts";
import { crossEntropy } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";

const SHAPE = [6, 3, 9, 7] as const;

function drawn(): NdArray {
  const stream = new RandomStream(1, "images");
  return f32(
    SHAPE,
    Array.from({ length: 6 * 3 * 9 * 7 }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}

/** Losses of four steps, and the state after them. */
async function trained(backend: Backend): Promise<Map<string, NdArray>> {
  const model = new Sequential(
    new Conv2d(3, 8, 3, { bias: false }),
    new BatchNorm2d(8),
    new GELU(),
    new Dropout2d(0.2),
    new Conv2d(8, 12, 3, { padding: 1 }),
    new GroupNorm(3, 12),
    new PReLU(12),
    new LocalResponseNorm(3, { alpha: 0.1 }),
    new Flatten(),
    new Linear(12 * 7 * 5, 20),
    new SiLU(),
    new Dropout(0.3),
    new Linear(20, 4),
  ).initialize(3);
  const optimizer = new SGD({ lr: 0.05, momentum: 0.9, weightDecay: 1e-3 });
  const program = await compile(
    backend,
    { x: SHAPE, target: { shape: [6], dtype: "i32" }, weight: [4], lr: [] },
    ({ x, target, weight, lr }) => {
      const loss = crossEntropy(model.forward(x) as Tensor, target, { weight, labelSmoothing: 0.1, ignoreIndex: 3 });
      const parameters = model.parameters();
      optimizer.step(parameters, grad(loss, parameters.map((p) => p.tensor)), lr); // biome-ignore format: one call
      return { loss };
    },
    { mode: "train" },
  );
  const results = new Map<string, NdArray>();
  const inputs = { x: drawn(), target: i32([6], [0, 1, 2, 3, 1, 0]), weight: f32([4], [1, 2, 0.5, 1]), lr: 0.05 };
  for (let step = 0; step < 4; step++) results.set(`loss ${step}`, (await program.run(inputs)).loss);
  for (const [name, value] of await model.stateDict()) results.set(name, value);
  await program.close();
  return results;
}

test("wasm trains as the reference does, with the same bits for any number of threads", async () => {
  const expected = await trained(reference());
  const one = await trained(wasm({ threads: 1 }));
  for (const [name, e] of expected) {
    const largest = Math.max(...Array.from(e.data, Math.abs));
    e.data.forEach((v: number, i: number) => {
      const a = one.get(name)!.data[i]!;
      expect(Math.abs(a - v), `${name}[${i}]: ${a}, not ${v}`).toBeLessThanOrEqual(2e-5 * largest);
    });
  }
  for (const threads of [2, 3]) expect(await trained(wasm({ threads })), `${threads} threads`).toEqual(one);
  const losses = [...expected].filter(([name]) => name.startsWith("loss")).map(([, v]) => v.data[0]!);
  expect(losses[3]!).toBeLessThan(losses[0]!);
});
