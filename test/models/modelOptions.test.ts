/** What the options of the Inception and mobile networks do, and how their weights start: as torchvision's do. */
import { describe, expect, it } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { input, type Parameter, type Tensor } from "../../src/index.ts";
import { withAuxiliaries, withTrace } from "../../src/ir/trace.ts";
import {
  createModel,
  efficientnetB0,
  googlenet,
  inceptionV3,
  mnasnet0_5,
  mobilenetV3Small,
  signalNet,
  squeezenet1_1,
  textCnn,
} from "../../src/models/index.ts";
import { Dropout, type Module, StochasticDepth } from "../../src/nn/index.ts";

const numbersIn = (parameters: readonly Parameter[]): number => parameters.reduce((n, p) => n + sizeOf(p.shape), 0);

/** Mean and standard deviation of a weight as it starts. */
function startOf(model: Module, name: string): { readonly mean: number; readonly deviation: number; readonly largest: number } {
  const state = model.namedStates().get(name)!;
  const data = Float64Array.from(state.read().data);
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const square = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
  return { mean, deviation: Math.sqrt(square), largest: data.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe("auxiliary heads", () => {
  it("have their weights only if they are wanted", () => {
    expect(numbersIn(googlenet({ auxiliary: false }).parameters())).toBe(6_624_904);
    expect(numbersIn(inceptionV3({ auxiliary: false }).parameters())).toBe(23_834_568);
    expect(numbersIn(googlenet().parameters())).toBe(6_624_904 + 6_379_984);
    expect(numbersIn(inceptionV3().parameters())).toBe(23_834_568 + 3_326_696);
  });

  it.each([
    ["googlenet", [3, 64, 64], { aux1: 0.3, aux2: 0.3 }],
    ["inception_v3", [3, 299, 299], { AuxLogits: 0.4 }],
  ] as const)("of %s speak while training, and never else", (name, shape, weights) => {
    const model = createModel(name, { classes: 5 });
    const heads = (mode: "train" | "eval") =>
      withTrace({ mode, updates: new Map() }, () => withAuxiliaries(() => model.forward(input("x", [2, ...shape])))).auxiliaries;
    expect(Object.fromEntries(heads("train").map(({ path, weight }) => [path, weight]))).toEqual(weights);
    expect(heads("train").every(({ output }) => `${output.shape}` === "2,5")).toBe(true);
    expect(heads("eval")).toEqual([]);
  });

  it("need images that are large enough for them", () => {
    expect(inceptionV3({ auxiliary: false, classes: 3 }).forward(input("x", [1, 3, 75, 75])).shape).toEqual([1, 3]);
    const small = input("x", [1, 3, 298, 298]);
    expect(() => inceptionV3({ classes: 3 }).forward(small)).toThrow("AuxLogits.conv1.conv: Conv2d: kernel 5 is larger than the input");
  });
});

describe("options", () => {
  const dropouts = (model: Module): number[] => [...model.namedModules().values()].flatMap((m) => (m instanceof Dropout ? [m.p] : []));

  it("say how much is dropped", () => {
    expect(dropouts(googlenet({ dropout: 0.1, auxiliaryDropout: 0.6 }))).toEqual([0.6, 0.6, 0.1]);
    for (const make of [inceptionV3, squeezenet1_1, mobilenetV3Small, mnasnet0_5, efficientnetB0]) {
      expect(dropouts(make({ dropout: 0.15 }))).toEqual([0.15]);
    }
    expect(dropouts(textCnn({ dropout: 0.15 }))).toEqual([0.15]);
  });

  it("say how often EfficientNet's blocks are skipped: more often the later they are", () => {
    const skips = (model: Module): number[] =>
      [...model.namedModules().values()].flatMap((m) => (m instanceof StochasticDepth ? [m.p] : []));
    const [first, ...rest] = skips(efficientnetB0());
    expect(first).toBeCloseTo((0.2 * 2) / 16);
    expect(rest.at(-1)).toBeCloseTo((0.2 * 14) / 16);
    expect(rest).toEqual([...rest].sort((a, b) => a - b));
    expect(skips(efficientnetB0({ stochasticDepth: 0 }))).toEqual(new Array(9).fill(0));
  });

  it("say how many words and filters TextCNN knows", () => {
    const model = textCnn({ vocabulary: 10, dimension: 4, filters: 3, classes: 5 });
    expect(numbersIn(model.parameters())).toBe(10 * 4 + 3 * (3 + 4 + 5) * 4 + 3 * 3 + 9 * 5 + 5);
    expect(model.forward(input("x", [2, 5], "i32")).shape).toEqual([2, 5]);
    expect(() => model.forward(input("x", [2, 4], "i32"))).toThrow("kernel 5 is larger than the input");
  });

  it.each(["googlenet", "mobilenet_v2", "mobilenet_v3_large", "squeezenet1_0", "shufflenet_v2_x1_5", "mnasnet1_3", "efficientnet_b0"])(
    "leave the size of images free: %s",
    (name) => {
      const model = createModel(name, { input: [2, 65, 47], classes: 3 });
      expect((model.forward(input("x", [4, 2, 65, 47])) as Tensor).shape).toEqual([4, 3]);
      expect((model.forward(input("x", [1, 2, 40, 90])) as Tensor).shape).toEqual([1, 3]);
    },
  );

  it("leave a signal its length up to the mean over time", () => {
    const model = signalNet({ channels: 2, classes: 3 });
    const lengths: Record<string, number | undefined> = {};
    withTrace({ mode: "eval", updates: new Map(), onModule: (path, _, y) => void (lengths[path] = y.shape[2]) }, () =>
      model.forward(input("x", [1, 2, 37])),
    );
    expect([lengths.conv1, lengths.conv2, lengths.conv3, lengths.avgpool]).toEqual([37, 37, 37, undefined]);
  });
});

describe("start values", () => {
  /** A weight, and the deviation that torchvision gives it. */
  const cases: readonly (readonly [model: string, weight: string, deviation: number])[] = [
    ["googlenet", "inception3a.branch2.1.conv.weight", 0.01],
    ["inception_v3", "Mixed_5b.branch5x5_2.conv.weight", 0.1],
    ["inception_v3", "AuxLogits.conv1.conv.weight", 0.01],
    ["inception_v3", "AuxLogits.fc.weight", 0.001],
    ["mobilenet_v2", "features.2.conv.0.0.weight", Math.sqrt(2 / 96)],
    ["mobilenet_v2", "features.17.conv.1.0.weight", Math.sqrt(2 / (960 * 9))],
    ["mobilenet_v3_small", "classifier.3.weight", 0.01],
    // Uniform within sqrt(6 / fanIn).
    ["squeezenet1_1", "features.3.expand3x3.weight", Math.sqrt(2 / (16 * 9))],
    ["squeezenet1_1", "classifier.1.weight", 0.01],
    // The layers' own: uniform within 1 / sqrt(fanIn).
    ["shufflenet_v2_x1_0", "fc.weight", 1 / Math.sqrt(3 * 1024)],
    ["mnasnet1_0", "classifier.1.weight", 1 / Math.sqrt(1000)],
    ["efficientnet_b0", "classifier.1.weight", 1 / Math.sqrt(3 * 1000)],
    ["text-cnn", "embedding.weight", 0.25 / Math.sqrt(3)],
  ];

  it.each(cases)("of %s: %s has deviation %f", (name, weight, deviation) => {
    const start = startOf(createModel(name), weight);
    // At least 4000 numbers each: 5 % are more than 4 standard errors.
    expect(start.deviation / deviation).toBeGreaterThan(0.95);
    expect(start.deviation / deviation).toBeLessThan(1.05);
    expect(Math.abs(start.mean)).toBeLessThan(0.1 * deviation);
  });

  it("of biases are zeros in the mobile networks", () => {
    const model = createModel("mobilenet_v3_small");
    for (const name of ["features.1.block.1.fc1.bias", "classifier.0.bias"]) expect(startOf(model, name).largest).toBe(0);
  });
});
