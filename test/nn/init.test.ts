import { describe, expect, it } from "vitest";
import { Parameter } from "../../src/index.ts";
import { State } from "../../src/ir/state.ts";
import {
  Conv2d,
  fanInInit,
  initWeights,
  kaimingNormalInit,
  kaimingUniformInit,
  Linear,
  normalInit,
  ReLU,
  Sequential,
  truncatedNormalInit,
  xavierNormalInit,
  xavierUniformInit,
} from "../../src/nn/index.ts";

/** 192 inputs and 384 outputs of each kernel element: fans of 1728 and 3456. */
const SHAPE = [384, 192, 3, 3] as const;
const [FAN_IN, FAN_OUT] = [192 * 9, 384 * 9];

const drawn = (init: (typeof State.prototype)["init"], shape: readonly number[] = SHAPE): Float32Array => {
  const state = new State(shape, init, "weight");
  state.initialize(7);
  return state.read().data as Float32Array;
};

/** Mean, deviation, least and greatest. */
function statistics(values: Float32Array): { mean: number; deviation: number; low: number; high: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, deviation, low: values.reduce((a, b) => Math.min(a, b)), high: values.reduce((a, b) => Math.max(a, b)) };
}

describe("start values", () => {
  // The formulas of torch.nn.init.
  it.each([
    ["normalInit", normalInit(0, 0.5), 0.5, Infinity],
    ["kaimingNormalInit", kaimingNormalInit(), Math.sqrt(2 / FAN_IN), Infinity],
    ["kaimingNormalInit by fan out", kaimingNormalInit("fanOut"), Math.sqrt(2 / FAN_OUT), Infinity],
    ["kaimingNormalInit before a sigmoid", kaimingNormalInit("fanIn", 1), Math.sqrt(1 / FAN_IN), Infinity],
    ["kaimingUniformInit", kaimingUniformInit(), Math.sqrt(2 / FAN_IN), Math.sqrt(6 / FAN_IN)],
    ["kaimingUniformInit by fan out", kaimingUniformInit("fanOut", 1), Math.sqrt(1 / FAN_OUT), Math.sqrt(3 / FAN_OUT)],
    ["xavierNormalInit", xavierNormalInit(), Math.sqrt(2 / (FAN_IN + FAN_OUT)), Infinity],
    ["xavierUniformInit", xavierUniformInit(2), 2 * Math.sqrt(2 / (FAN_IN + FAN_OUT)), 2 * Math.sqrt(6 / (FAN_IN + FAN_OUT))],
    ["fanInInit", fanInInit(FAN_IN), Math.sqrt(1 / (3 * FAN_IN)), Math.sqrt(1 / FAN_IN)],
    ["truncatedNormalInit far out", truncatedNormalInit(0, 0.1), 0.1, 2],
    // The deviation of a normal number that lies within one deviation.
    ["truncatedNormalInit", truncatedNormalInit(0, 3, -3, 3), 3 * 0.5396, 3],
  ] as const)("%s has its deviation and bounds", (_, init, deviation, bound) => {
    const found = statistics(drawn(init));
    // 663,552 numbers: a standard error of the mean of 0.0012 deviations, and less of the deviation.
    expect(Math.abs(found.mean)).toBeLessThan(0.006 * deviation);
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(0.005);
    expect(Math.max(-found.low, found.high)).toBeLessThanOrEqual(bound * (1 + 1e-6));
    if (bound !== Infinity && bound < 10 * deviation) expect(Math.min(-found.low, found.high)).toBeGreaterThan(0.999 * bound);
  });

  it("of a linear layer and of a grouped convolution go by their shape", () => {
    expect(statistics(drawn(kaimingNormalInit("fanOut"), [50, 2000])).deviation).toBeCloseTo(Math.sqrt(2 / 50), 2);
    // PyTorch: 2 inputs a group, and all 800 outputs.
    expect(statistics(drawn(kaimingNormalInit("fanOut"), [800, 2, 5, 5])).deviation).toBeCloseTo(Math.sqrt(2 / 20_000), 3);
  });

  it("say what they cannot be made for", () => {
    expect(() => drawn(kaimingNormalInit(), [3])).toThrow(new RangeError("init: fans need [out, in, ...kernel], got [3]"));
    expect(() => truncatedNormalInit(3, 1)).toThrow(
      new RangeError("truncatedNormalInit: the mean must lie between low and high, got -2, 3, 2"),
    );
    expect(() => truncatedNormalInit(0, 1, 0, 0)).toThrow(RangeError);
  });
});

describe("initWeights", () => {
  const net = () =>
    new Sequential(["a", new Conv2d(1, 2, 3)], ["b", new Sequential(new ReLU(), new Conv2d(2, 2, 1))], ["c", new Linear(5, 5)]);

  it("asks the rule for every module, and gives the model back", () => {
    const model = net();
    const seen: string[] = [];
    expect(initWeights(model, (module, path) => void seen.push(`${path} ${module.constructor.name}`))).toBe(model);
    expect(seen).toEqual([" Sequential", "a Conv2d", "b Sequential", "b.0 ReLU", "b.1 Conv2d", "c Linear"]);
  });

  it("changes what initialize fills, and draws nothing before", () => {
    const constant = initWeights(net(), (layer) => {
      if (layer instanceof Conv2d) layer.weight.init = (array) => void array.data.fill(3);
    });
    expect(constant.get("a").weight.initialized).toBe(false);
    constant.initialize(1);
    expect([...constant.get("a").weight.read().data]).toEqual(new Array(18).fill(3));
    expect(constant.get("a").weight).toBeInstanceOf(Parameter);
    // What has no rule begins as before, with the same bits.
    expect(constant.get("a").bias!.read().data).toEqual(net().initialize(1).get("a").bias!.read().data);
  });
});
