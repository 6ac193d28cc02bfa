/** Lengths of gradients, by parameters and by what modules give. */
import { expect, test } from "vitest";
import { gradientNorms } from "../../src/analysis/gradientNorms.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, f32, grad, i32, OpError, reference, type Tensor } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";
import { crossEntropy, mul, sum } from "../../src/ops/index.ts";

function drawn(shape: Shape): ReturnType<typeof f32> {
  const stream = new RandomStream(1, "images");
  return f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}

const images = drawn([6, 1, 8, 8]);
const labels = i32([6], [0, 1, 2, 2, 1, 0]);
const small = () =>
  new nn.Sequential(new nn.Conv2d(1, 3, 3), new nn.BatchNorm2d(3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(108, 3));

test("of a linear layer: by hand", async () => {
  const net = new nn.Sequential(new nn.Linear(2, 1, { bias: false }));
  const { loss, outputs, parameters } = await gradientNorms(
    net.initialize(1),
    { images: f32([1, 2], [3, 4]), labels: f32([1, 1], [0]) },
    { loss: (y) => sum(mul(y, 2)), backend: reference() },
  );
  const [a, b] = net.parameters()[0]!.read().data as Float32Array;
  expect(loss).toBeCloseTo(2 * (3 * a! + 4 * b!), 5);
  expect(parameters).toEqual([{ name: "0.weight", norm: 10, rms: 10 / Math.SQRT2, elements: 2, weightNorm: Math.sqrt(a! * a! + b! * b!) }]);
  expect(outputs).toEqual([{ path: "0", type: "Linear", norm: 2, rms: 2, elements: 1 }]);
});

test("are the lengths of what grad gives, on both backends; states stay as they are", async () => {
  const net = small().initialize(2);
  const before = await net.stateDict();
  const fast = await gradientNorms(net, { images, labels });
  const plain = await gradientNorms(net, { images, labels }, { backend: reference() });
  expect(await net.stateDict()).toEqual(before);
  expect(fast.outputs.map((o) => `${o.path} ${o.type}`)).toEqual(["0 Conv2d", "1 BatchNorm2d", "2 ReLU", "3 Flatten", "4 Linear"]);
  const states = [...net.namedStates()].filter(([name]) => !name.includes("running") && !name.includes("num_batches"));
  const program = await compile(
    reference(),
    { images: images.shape, labels: { shape: [6], dtype: "i32" } },
    ({ images, labels }) => {
      const gradients = grad(
        crossEntropy(net.forward(images as Tensor<[6, 1, 8, 8]>), labels),
        states.map(([, s]) => s.tensor),
      );
      return Object.fromEntries(gradients.map((g, i) => [states[i]![0], g]));
    },
    { mode: "train" },
  );
  const gradients = await program.run({ images, labels });
  expect(fast.parameters.map((p) => p.name)).toEqual(states.map(([name]) => name));
  for (const [i, { name, norm }] of fast.parameters.entries()) {
    const expected = Math.hypot(...(gradients[name]!.data as Float32Array));
    expect(Math.abs(norm - expected)).toBeLessThan(1e-4 * (expected + 0.01));
    expect(Math.abs(plain.parameters[i]!.norm - expected)).toBeLessThan(1e-5 * (expected + 0.01));
  }
});

test("a deep plain net's gradients vanish where shortcuts keep them up", async () => {
  const DEPTH = 24;
  const deep = (hasShortcuts: boolean) => {
    const block = (): nn.Module => {
      const inner = new nn.Sequential(new nn.Conv2d(2, 2, 3, { padding: 1 }), new nn.Tanh());
      return hasShortcuts ? (new nn.Residual(inner as never) as nn.Module) : inner;
    };
    const blocks = Array.from({ length: DEPTH }, block);
    return new nn.Sequential(
      ...([new nn.Conv2d(1, 2, 3, { padding: 1 }), ...blocks, new nn.GlobalAvgPool(), new nn.Flatten(), new nn.Linear(2, 3)] as never[]),
    );
  };
  const first = async (hasShortcuts: boolean): Promise<number> => {
    const net = deep(hasShortcuts) as unknown as nn.Module;
    const { parameters } = await gradientNorms(net.initialize(1), { images, labels });
    return parameters.find((p) => p.name === "0.weight")!.norm / parameters.at(-1)!.norm;
  };
  const [plain, residual] = [await first(false), await first(true)];
  expect(plain).toBeLessThan(1e-3);
  expect(residual).toBeGreaterThan(100 * plain);
});

test("auxiliary heads are part of the loss in train mode", async () => {
  const net = new nn.Sequential(
    new nn.Conv2d(1, 2, 3),
    new nn.Auxiliary(new nn.Sequential(new nn.GlobalAvgPool(), new nn.Flatten(), new nn.Linear(2, 3))),
    new nn.GlobalAvgPool(),
    new nn.Flatten(),
    new nn.Linear(2, 3),
  ) as unknown as nn.Module;
  net.initialize(1);
  const [train, evaluated] = [await gradientNorms(net, { images, labels }), await gradientNorms(net, { images, labels }, { mode: "eval" })];
  expect(train.loss).toBeGreaterThan(evaluated.loss);
  const head = (g: typeof train): number[] => g.parameters.filter((p) => p.name.startsWith("1.")).map((p) => p.norm);
  expect(head(train).every((n) => n > 0)).toBe(true);
  expect(head(evaluated)).toEqual([0, 0]);
});

test("a loss of several numbers is refused", async () => {
  await expect(gradientNorms(small(), { images, labels }, { loss: (y) => y })).rejects.toThrow(OpError);
});
