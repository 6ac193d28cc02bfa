/** Looking into networks: what layers give, what filters look for, which pixels speak for a class. */
import { describe, expect, test } from "vitest";
import {
  activationMaximization,
  featureMaps,
  filters,
  gradCam,
  gradientTimesInput,
  guidedBackpropagation,
  integratedGradients,
  occlusion,
  randomizationCheck,
  rankCorrelation,
  saliency,
  smoothGrad,
} from "../../src/analysis/explain/index.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Backend, compile, constant, f32, NdArray, OpError, reference, type Tensor, wasm } from "../../src/index.ts";
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  Conv3d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  ReLU6,
  Sequential,
  Tanh,
} from "../../src/nn/index.ts";
import { mul } from "../../src/ops/index.ts";

/** Numbers between -1 and 1 by a name. */
function noise(name: string, shape: readonly number[]): NdArray<"f32"> {
  const stream = new RandomStream(1, name);
  const array = new NdArray("f32", shape);
  array.data.forEach((_, i) => (array.data[i] = 2 * stream.uniform(i) - 1));
  return array;
}

/** A small network of smooth functions, whose derivatives exist everywhere. */
const smooth = () =>
  new Sequential(
    ["conv1", new Conv2d(2, 3, 3, { padding: 1 })],
    ["tanh1", new Tanh()],
    ["conv2", new Conv2d(3, 4, 3)],
    ["tanh2", new Tanh()],
    ["flatten", new Flatten()],
    ["fc", new Linear(4 * 3 * 4, 3)],
  ).initialize(5) as Module;

/** A small network as they are used. */
const rectified = () =>
  new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(4, 6, 3, { padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Linear(6 * 16, 3),
  ).initialize(3) as Module;

/** Scores [n, classes], without anything of what is tested here. */
async function scoresOf(model: Module, x: NdArray, backend: Backend = reference()): Promise<NdArray> {
  const program = await compile(backend, { x: x.shape }, (inputs) => model.forward(inputs.x as never) as Tensor);
  const { output } = await program.run({ x });
  await program.close();
  return output;
}

const bits = (array: NdArray): readonly number[] => [...new Uint32Array(Float32Array.from(array.data).buffer)];

describe("featureMaps", () => {
  const x = noise("maps", [2, 2, 5, 6]);

  test("gives what each layer gives: one after the other they make the network", async () => {
    const model = smooth();
    const maps = await featureMaps(model, x);
    expect([...maps.keys()]).toEqual(["conv1", "tanh1", "conv2", "tanh2", "flatten", "fc"]);
    expect(maps.get("conv1")!.shape).toEqual([2, 3, 5, 6]);
    maps.get("tanh1")!.data.forEach((v, i) => expect(v).toBeCloseTo(Math.tanh(maps.get("conv1")!.data[i]!), 6));
    const scores = await scoresOf(model, x);
    maps.get("fc")!.data.forEach((v, i) => expect(v).toBeCloseTo(scores.data[i]!, 5));
  });

  test("gives chosen modules in the order asked for, containers and the network itself too", async () => {
    const model = new Sequential(["features", new Sequential(new Conv2d(2, 3, 3), new ReLU())], ["flatten", new Flatten()]) as Module;
    const maps = await featureMaps(model, x, { layers: ["flatten", "", "features", "features.0"] });
    expect([...maps].map(([path, { shape }]) => [path, shape.length])).toEqual([
      ["flatten", 2],
      ["", 2],
      ["features", 4],
      ["features.0", 4],
    ]);
    expect(bits(maps.get("features")!)).toEqual(bits(maps.get("flatten")!));
  });

  test("tells uses of one module apart", async () => {
    class Twice extends Module {
      readonly half = new Conv2d(2, 2, 1);
      override forward(x: Tensor<[number, 2, number, number]>): Tensor {
        return this.half.forward(this.half.forward(x));
      }
    }
    const model = new Twice().initialize(1);
    const maps = await featureMaps(model, x, { layers: ["half", "half@2"] });
    const again = await featureMaps(model, maps.get("half")!, { layers: ["half"] });
    expect(bits(maps.get("half@2")!)).toEqual(bits(again.get("half")!));
  });

  test("leaves modules out that are in no property: they work for the one that uses them", async () => {
    class Outer extends Module {
      readonly half = new Conv2d(2, 2, 1);
      override forward(x: Tensor<[number, 2, number, number]>): Tensor {
        return this.half.forward(new Sequential(new ReLU()).forward(x) as Tensor<[number, 2, number, number]>);
      }
    }
    const model = new Outer().initialize(1);
    const maps = await featureMaps(model, x, { layers: ["half", ""] });
    expect(bits(maps.get("")!)).toEqual(bits(maps.get("half")!));
  });

  test("in training as in training, and nothing in the network changes", async () => {
    const model = new Sequential(new BatchNorm2d(2), new Dropout(0.5)).initialize(1) as Module;
    const before = await model.stateDict();
    const [training, evaluation] = [await featureMaps(model, x, { mode: "train" }), await featureMaps(model, x)];
    const zeros = (maps: ReadonlyMap<string, NdArray>): number => maps.get("1")!.data.filter((v) => v === 0).length;
    expect(zeros(evaluation)).toBe(0);
    expect(zeros(training)).toBeGreaterThan(20);
    // Normalised by the batch's own statistics: mean 0 in each channel.
    const normal = [...training.get("0")!.data];
    expect(normal.reduce((a, b) => a + b, 0) / normal.length).toBeCloseTo(0, 5);
    for (const [name, value] of await model.stateDict()) expect(bits(value), name).toEqual(bits(before.get(name)!));
    expect(bits((await featureMaps(model, x, { mode: "train" })).get("1")!)).toEqual(bits(training.get("1")!));
  });

  test("says which layers there are", async () => {
    await expect(featureMaps(smooth(), x, { layers: ["conv3"] })).rejects.toThrow(
      new OpError(
        "featureMaps",
        'there is no such layer, got "conv3". Did you mean conv1 or conv2? There are conv1, tanh1, conv2, tanh2, flatten, fc',
      ),
    );
    const nested = new Sequential(["features", new Sequential(["first", new ReLU()])]) as Module;
    await expect(featureMaps(nested, x, { layers: ["first"] })).rejects.toThrow("Did you mean features.first?");
    await expect(featureMaps(nested, f32([3], [1, 2, 3]))).rejects.toThrow("images must be f32 [n, channels, ...space]");
  });
});

describe("filters", () => {
  test("as they are, and for looking at between -1 and 1", () => {
    const model = smooth();
    const { path, weight, view, scales } = filters(model);
    expect([path, weight.shape]).toEqual(["conv1", [3, 2, 3, 3]]);
    expect(bits(weight)).toEqual(bits(model.namedStates().get("conv1.weight")!.read()));
    expect(Math.max(...[...view.data].map(Math.abs))).toBe(1);
    view.data.forEach((v, i) => expect(v * scales.data[Math.floor(i / 18)]!).toBeCloseTo(weight.data[i]!, 6));
    expect(new Set(scales.data).size).toBe(1);
  });

  test("each filter by itself, if asked", () => {
    const { view, scales } = filters(smooth(), "conv2", { scale: "filter" });
    for (let o = 0; o < 4; o++) expect(Math.max(...[...view.data.subarray(o * 27, (o + 1) * 27)].map(Math.abs))).toBe(1);
    expect(new Set(scales.data).size).toBe(4);
  });

  test("says which convolutions there are", () => {
    expect(() => filters(smooth(), "fc")).toThrow(new OpError("filters", 'there is no such convolution, got "fc". There are conv1, conv2'));
    expect(() => filters(new Sequential(new ReLU()) as Module)).toThrow("There is none");
  });
});

describe("saliency", () => {
  const x = noise("saliency", [2, 2, 5, 6]);

  test("is the change of the score by each pixel: finite differences", async () => {
    const model = smooth();
    const { values, map, scores } = await saliency(model, x, [2, 0], { backend: reference() });
    const all = await scoresOf(model, x);
    expect(scores.data[0]).toBeCloseTo(all.data[2]!, 6);
    expect(scores.data[1]).toBeCloseTo(all.data[3]!, 6);
    const h = 1 / 256;
    for (let i = 0; i < x.data.length; i += 7) {
      const moved = async (by: number): Promise<number> => {
        const y = x.clone();
        y.data[i]! += by;
        return (await scoresOf(model, y)).data[i < 60 ? 2 : 3]!;
      };
      expect(values.data[i]).toBeCloseTo(((await moved(h)) - (await moved(-h))) / (2 * h), 3);
    }
    expect(map.shape).toEqual([2, 5, 6]);
    map.data.forEach((v, p) => {
      const at = Math.floor(p / 30) * 60 + (p % 30);
      expect(v).toBe(Math.max(Math.abs(values.data[at]!), Math.abs(values.data[at + 30]!)));
    });
  });

  test("times the input: each pixel's share in a score that is linear", async () => {
    const linear = new Sequential(new Flatten(), new Linear(60, 3, { bias: false })).initialize(1) as Module;
    const { values, map, scores } = await gradientTimesInput(linear, x, 1);
    for (const n of [0, 1]) {
      const sum = (array: NdArray, size: number): number => [...array.data.subarray(n * size, (n + 1) * size)].reduce((a, b) => a + b, 0);
      expect(sum(values, 60)).toBeCloseTo(scores.data[n]!, 5);
      expect(sum(map, 30)).toBeCloseTo(scores.data[n]!, 5);
    }
  });

  test("smoothGrad without noise is the gradient, with noise it goes by the seed", async () => {
    const model = smooth();
    const plain = await saliency(model, x, 1);
    const still = await smoothGrad(model, x, 1, { noise: 0, samples: 3 });
    still.values.data.forEach((v, i) => expect(v).toBeCloseTo(plain.values.data[i]!, 6));
    const smoothed = (seed: number) => smoothGrad(model, x, 1, { noise: 0.3, samples: 4, seed });
    const [a, b, c] = [await smoothed(1), await smoothed(1), await smoothed(2)];
    expect(bits(a.values)).toEqual(bits(b.values));
    expect(bits(a.values)).not.toEqual(bits(c.values));
    expect(bits(a.scores)).toEqual(bits(plain.scores));
    // Each copy has a noise of its own.
    const single = await smoothGrad(model, x, 1, { noise: 0.3, samples: 1, seed: 1 });
    expect(rankCorrelation(single.values.data, a.values.data)).toBeLessThan(0.9999);
  });

  test("refuses classes and networks that are none", async () => {
    await expect(saliency(smooth(), x, 3)).rejects.toThrow(new OpError("saliency", "the class must be 0 to 2, got 3"));
    await expect(saliency(smooth(), x, [1])).rejects.toThrow("needs one class for each of 2 images, got 1");
    await expect(saliency(new Sequential(new ReLU()) as Module, x, 0)).rejects.toThrow(
      "the network must give a score for each class, [2, classes], got [2, 2, 5, 6]",
    );
  });
});

describe("guidedBackpropagation", () => {
  test("only what is positive goes back through each rectifier", async () => {
    // y = sum of v relu(w x): by hand, v w where w x > 0 and v > 0.
    const model = new Sequential(new Flatten(), new Linear(1, 4, { bias: false }), new ReLU(), new Linear(4, 1, { bias: false })) as Module;
    const parts = [
      [2, 3],
      [-2, 3],
      [2, -3],
      [5, 0.5],
    ] as const;
    model.loadStateDict(
      new Map([
        [
          "1.weight",
          f32(
            [4, 1],
            parts.map(([w]) => w),
          ),
        ],
        [
          "3.weight",
          f32(
            [1, 4],
            parts.map(([, v]) => v),
          ),
        ],
      ]),
    );
    const x = f32([2, 1, 1], [1, -1]);
    const guided = await guidedBackpropagation(model, x, 0);
    expect([...guided.values.data]).toEqual([2 * 3 + 5 * 0.5, -2 * 3]);
    expect([...(await saliency(model, x, 0)).values.data]).toEqual([2 * 3 - 2 * 3 + 5 * 0.5, -2 * 3]);
  });

  test("knows ReLU6, and says where there is nothing to guide", async () => {
    const x = noise("guided", [1, 2, 5, 6]);
    const six = new Sequential(new ReLU6(), new Flatten(), new Linear(60, 2)).initialize(1) as Module;
    const values = (await guidedBackpropagation(six, x, 0)).values.data;
    expect(values.every((v) => v >= 0) && values.some((v) => v > 0)).toBe(true);
    await expect(guidedBackpropagation(smooth(), x, 0)).rejects.toThrow(/guides gradients at ReLU and ReLU6, but the network has none/);
  });
});

describe("integratedGradients", () => {
  const x = noise("integrated", [2, 2, 5, 6]);

  test("completeness: the shares add up to the difference of the scores", async () => {
    const model = smooth();
    const baseline = noise("baseline", x.shape);
    const found = await integratedGradients(model, x, [0, 2], { baseline, steps: 64 });
    const [scores, base] = [await scoresOf(model, x), await scoresOf(model, baseline)];
    for (const [n, k] of [0, 2].entries()) {
      const total = [...found.values.data.subarray(n * 60, (n + 1) * 60)].reduce((a, b) => a + b, 0);
      const difference = scores.data[3 * n + k]! - base.data[3 * n + k]!;
      expect(Math.abs(difference)).toBeGreaterThan(0.01);
      expect(total).toBeCloseTo(difference, 4);
      expect(found.gaps[n]).toBeCloseTo(0, 4);
    }
  });

  test("the gap of a rectified network shrinks with the steps", async () => {
    const model = rectified();
    const image = noise("steps", [4, 1, 8, 8]);
    const gap = async (steps: number): Promise<number> => {
      const { gaps } = await integratedGradients(model, image, 1, { baseline: -1, steps });
      return gaps.reduce((sum, g) => sum + Math.abs(g), 0);
    };
    const [few, many] = [await gap(2), await gap(200)];
    expect(many).toBeLessThan(few / 10);
    expect(many).toBeLessThan(0.01);
  });

  test("pixels that are as in the baseline have no share", async () => {
    const baseline = x.clone();
    baseline.data[7]! += 0.5;
    const { values } = await integratedGradients(smooth(), x, 0, { baseline, steps: 4 });
    expect([...values.data].flatMap((v, i) => (v === 0 ? [] : [i]))).toEqual([7]);
  });

  test("refuses a baseline of another shape", async () => {
    await expect(integratedGradients(smooth(), x, 0, { baseline: f32([1], [0]) })).rejects.toThrow(
      "the baseline must be f32 [2, 2, 5, 6], as the images are, got f32 [1]",
    );
  });
});

describe("occlusion", () => {
  /** A network that sees only the top left 4 x 4 pixels. */
  class Corner extends Module {
    readonly net = rectified();
    override forward(x: Tensor): Tensor {
      const mask = f32(
        [1, 1, 8, 8],
        Array.from({ length: 64 }, (_, p) => (p % 8 < 4 && p < 32 ? 1 : 0)),
      );
      return this.net.forward(mul(x, constant(mask)) as never) as Tensor;
    }
  }
  const x = noise("occlusion", [2, 1, 8, 8]);

  test("hiding what the network does not see changes nothing", async () => {
    const { drops, map } = await occlusion(new Corner(), x, 2, { size: 2, stride: 2, fill: 0.7 });
    expect([drops.shape, map.shape]).toEqual([
      [2, 4, 4],
      [2, 8, 8],
    ]);
    const seen = (place: number): boolean => place % 4 < 2 && place % 16 < 8;
    drops.data.forEach((drop, place) => (seen(place) ? expect(drop).not.toBe(0) : expect(drop).toBe(0)));
    // Squares that do not overlap: the map repeats the drops.
    map.data.forEach((v, p) => {
      const [n, y, x] = [Math.floor(p / 64), Math.floor(p / 8) % 8, p % 8];
      expect(v).toBe(drops.data[n * 16 + (y >> 1) * 4 + (x >> 1)]);
    });
  });

  test("is the score of the image minus that of the image with a hole", async () => {
    const model = rectified();
    const { drops, scores } = await occlusion(model, x, [0, 1], { size: 3, stride: 2, fill: -0.5, batchSize: 4 });
    expect(drops.shape).toEqual([2, 4, 4]);
    const all = await scoresOf(model, x);
    expect(scores.data[1]).toBeCloseTo(all.data[4]!, 6);
    const hole = x.clone();
    // The last place of the second image: cut off at the corner.
    for (const row of [6, 7]) hole.data.fill(-0.5, 64 + row * 8 + 6, 64 + row * 8 + 8);
    expect(drops.data[31]).toBeCloseTo(all.data[4]! - (await scoresOf(model, hole)).data[4]!, 5);
  });

  test("of a probability", async () => {
    const { drops, scores } = await occlusion(rectified(), x, 0, { measure: "probability" });
    expect(scores.data.every((p) => p > 0 && p < 1)).toBe(true);
    expect(drops.data.every((d) => Math.abs(d) < 1)).toBe(true);
  });

  test("refuses what would miss pixels", async () => {
    await expect(occlusion(rectified(), x, 0, { size: 2, stride: 3 })).rejects.toThrow("stride must be at most size, 2, got 3");
    await expect(occlusion(rectified(), x, 0, { fill: [0, 1] })).rejects.toThrow("one for each of 1 channels, got 2");
    await expect(occlusion(rectified(), x, 0, { size: 0 })).rejects.toThrow("size must be a whole number of at least 1, got 0");
  });
});

describe("gradCam", () => {
  const x = noise("cam", [2, 1, 8, 12]);

  test("of a network that ends in a global mean and a linear layer is its class activation map", async () => {
    const model = new Sequential(
      ["conv", new Conv2d(1, 5, 3)],
      ["relu", new ReLU()],
      ["pool", new AdaptiveAvgPool2d(1)],
      ["flatten", new Flatten()],
      ["fc", new Linear(5, 3)],
    ).initialize(2) as Module;
    const { layer, coarse, map, weights } = await gradCam(model, x, [1, 2]);
    expect([layer, coarse.shape, map.shape]).toEqual(["relu", [2, 6, 10], [2, 8, 12]]);
    const maps = (await featureMaps(model, x, { layers: ["relu"] })).get("relu")!;
    const own = (await model.stateDict()).get("fc.weight")!;
    for (const [n, k] of [1, 2].entries()) {
      for (let c = 0; c < 5; c++) expect(60 * weights.data[n * 5 + c]!).toBeCloseTo(own.data[k * 5 + c]!, 5);
      for (let p = 0; p < 60; p++) {
        let cam = 0;
        for (let c = 0; c < 5; c++) cam += own.data[k * 5 + c]! * maps.data[(n * 5 + c) * 60 + p]!;
        expect(60 * coarse.data[n * 60 + p]!).toBeCloseTo(Math.max(0, cam), 5);
      }
    }
    expect(map.data.some((v) => v > 0)).toBe(true);
  });

  test("looks at any layer with space, and says which there are", async () => {
    const image = noise("cam8", [1, 1, 8, 8]);
    expect((await gradCam(rectified(), image, 0, { layer: "0" })).coarse.shape).toEqual([1, 8, 8]);
    await expect(gradCam(rectified(), image, 0, { layer: "6" })).rejects.toThrow(
      'the layer\'s output must have space, got "6", which gives 3. Take one of 0, 1, 2, 3, 4',
    );
    const flat = new Sequential(new Flatten(), new Linear(64, 2)) as Module;
    await expect(gradCam(flat, image, 0)).rejects.toThrow("the network has none");
  });
});

test("signals and volumes are explained as images are", async () => {
  const signal = new Sequential(new Conv1d(2, 3, 3), new ReLU(), new Flatten(), new Linear(3 * 7, 2)).initialize(1) as Module;
  const volume = new Sequential(new Conv3d(1, 2, 2), new ReLU(), new Flatten(), new Linear(2 * 2 * 3 * 4, 2)).initialize(1) as Module;
  for (const [model, shape] of [
    [signal, [2, 9]],
    [volume, [1, 3, 4, 5]],
  ] as const) {
    const x = noise("rank", [2, ...shape]);
    const space = [2, ...shape.slice(1)];
    expect((await saliency(model, x, 0)).map.shape).toEqual(space);
    expect((await integratedGradients(model, x, 0, { steps: 100 })).gaps.every((gap) => Math.abs(gap) < 0.01)).toBe(true);
    expect((await gradCam(model, x, 1)).map.shape).toEqual(space);
    expect(filters(model).weight.shape).toHaveLength(shape.length + 1);
    const found = await activationMaximization(model, shape, {
      layer: "0",
      channel: 1,
      steps: 5,
      jitter: 1,
      blur: 0.5,
      totalVariation: 1e-4,
    });
    expect(found.images.shape).toEqual([1, ...shape]);
    expect(found.activations[0]!.at(-1)!).toBeGreaterThan(found.activations[0]![0]!);
  }
});

describe("activationMaximization", () => {
  const options = { layer: "3", channel: [0, 2, 5], steps: 20, lr: 0.05, seed: 4 } as const;

  test("the activation rises, of every channel by itself", async () => {
    const { images, activations } = await activationMaximization(rectified(), [1, 8, 8], options);
    expect(images.shape).toEqual([3, 1, 8, 8]);
    for (const own of activations) {
      expect(own).toHaveLength(21);
      expect(own.at(-1)!).toBeGreaterThan(own[0]! + 0.02);
      // Small steps uphill: nearly all of them rise.
      expect(own.filter((v, i) => i > 0 && v > own[i - 1]!).length).toBeGreaterThan(15);
    }
    const alone = await activationMaximization(rectified(), [1, 8, 8], { ...options, channel: 0 });
    alone.images.data.forEach((v, i) => expect(v).toBeCloseTo(images.data[i]!, 5));
  });

  test("the image has what it says: the activations of the last step", async () => {
    const model = rectified();
    const { images, activations } = await activationMaximization(model, [1, 8, 8], { ...options, channel: 1, unit: [1, 2] });
    const maps = (await featureMaps(model, images, { layers: ["3"] })).get("3")!;
    expect(activations[0]!.at(-1)).toBeCloseTo(maps.data[16 + 1 * 4 + 2]!, 5);
    const classes = await activationMaximization(model, [1, 8, 8], { ...options, layer: "", channel: 2 });
    expect(classes.activations[0]!.at(-1)).toBeCloseTo((await scoresOf(model, classes.images)).data[2]!, 4);
  });

  test("regularisers do what they are for", async () => {
    const found = async (more: object): Promise<NdArray> =>
      (await activationMaximization(rectified(), [1, 8, 8], { ...options, channel: 2, ...more })).images;
    const size = ({ data }: NdArray): number => [...data].reduce((sum, v) => sum + v * v, 0);
    const roughness = ({ data }: NdArray): number => [...data].reduce((sum, v, i) => sum + (i % 8 ? Math.abs(v - data[i - 1]!) : 0), 0);
    const plain = await found({});
    expect(size(await found({ l2: 0.1 }))).toBeLessThan(size(plain));
    expect(roughness(await found({ totalVariation: 0.05 }))).toBeLessThan(roughness(plain));
    expect(roughness(await found({ blur: 0.7 }))).toBeLessThan(roughness(plain));
    const held = await found({ low: -0.2, high: [0.3] });
    expect([Math.min(...held.data), Math.max(...held.data)]).toEqual([Math.fround(-0.2), Math.fround(0.3)]);
    expect(bits(await found({ jitter: 2 }))).toEqual(bits(await found({ jitter: 2 })));
    expect(bits(await found({ jitter: 2 }))).not.toEqual(bits(plain));
    // Nothing to climb with: jitter there and back changes nothing.
    expect(bits(await found({ lr: 0, jitter: 3, steps: 7 }))).toEqual(bits(await found({ lr: 0, steps: 1 })));
  });

  test("refuses channels and units that are none", async () => {
    const refused = (more: object, message: string) =>
      expect(activationMaximization(rectified(), [1, 8, 8], { ...options, ...more })).rejects.toThrow(message);
    await refused({ channel: 6 }, 'the channel must be 0 to 5 of layer "3", got 6');
    await refused({ unit: [4, 0] }, 'the unit must lie within [4, 4] of layer "3", got [4, 0]');
    await refused({ layer: "fc" }, 'there is no such layer, got "fc"');
    await refused({ blur: -1 }, "blur must be at least 0, got -1");
  });
});

describe("randomizationCheck", () => {
  const x = noise("random", [1, 1, 8, 8]);

  test("tells explanations of the network from pictures of the image", async () => {
    const model = rectified();
    const before = await model.stateDict();
    const edges = await randomizationCheck(model, async () => x);
    expect(edges.map(({ path, ofValues }) => [path, ofValues])).toEqual([
      ["6", 1],
      ["3", 1],
      ["0", 1],
    ]);
    const real = await randomizationCheck(model, async () => (await saliency(model, x, 0)).values, { seed: 1 });
    for (const { ofValues } of real) expect(Math.abs(ofValues)).toBeLessThan(0.7);
    for (const [name, value] of await model.stateDict()) expect(bits(value), name).toEqual(bits(before.get(name)!));
  });

  test("independent: one layer at a time", async () => {
    const model = rectified();
    const changed = async (weight: string, order: "independent" | "cascading"): Promise<boolean[]> => {
      const found = await randomizationCheck(model, async () => (await model.stateDict()).get(weight)!, { order });
      return found.map(({ ofValues }) => ofValues !== 1);
    };
    expect(await changed("6.weight", "independent")).toEqual([true, false, false]);
    expect(await changed("6.weight", "cascading")).toEqual([true, true, true]);
    expect(await changed("0.weight", "cascading")).toEqual([false, false, true]);
  });

  test("gives the weights back when the explanation fails", async () => {
    const model = rectified();
    const before = await model.stateDict();
    let calls = 0;
    const failing = async (): Promise<NdArray> => {
      if (calls++ === 2) throw new Error("no more");
      return x;
    };
    await expect(randomizationCheck(model, failing)).rejects.toThrow("no more");
    for (const [name, value] of await model.stateDict()) expect(bits(value), name).toEqual(bits(before.get(name)!));
  });

  test("rank correlation", () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 40, 80])).toBe(1);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
    // By hand: ranks 0, 1.5, 1.5, 3, 4 and 2, 0, 1, 3.5, 3.5.
    expect(rankCorrelation([1, 2, 2, 4, 5], [3, 1, 2, 5, 5])).toBeCloseTo(12 / 19, 10);
    expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
  });
});

describe("the same bits on one thread and on two", () => {
  const x = noise("threads", [2, 1, 8, 8]);
  const model = rectified();
  const ways: { readonly [name: string]: (backend: Backend) => Promise<NdArray> } = {
    featureMaps: async (backend) => (await featureMaps(model, x, { backend })).get("3")!,
    saliency: async (backend) => (await saliency(model, x, 1, { backend })).values,
    guided: async (backend) => (await guidedBackpropagation(model, x, 1, { backend })).values,
    smoothGrad: async (backend) => (await smoothGrad(model, x, 1, { backend, samples: 3 })).values,
    integratedGradients: async (backend) => (await integratedGradients(model, x, 1, { backend, steps: 5 })).values,
    occlusion: async (backend) => (await occlusion(model, x, 1, { backend })).drops,
    gradCam: async (backend) => (await gradCam(model, x, 1, { backend })).map,
    activationMaximization: async (backend) =>
      (await activationMaximization(model, [1, 8, 8], { backend, layer: "3", channel: [0, 1], steps: 5, jitter: 1, blur: 0.5, l2: 0.01 }))
        .images,
  };
  test.each(Object.keys(ways))("%s", async (name) => {
    const [one, two] = [await ways[name]!(wasm({ threads: 1 })), await ways[name]!(wasm({ threads: 2 }))];
    expect(bits(two)).toEqual(bits(one));
    expect(one.data.some((v) => v !== 0)).toBe(true);
  });
});
