import { describe, expect, it } from "vitest";
import { compile, grad, input, OpError, reference, type Tensor } from "../../src/index.ts";
import {
  AvgPool1d,
  AvgPool2d,
  Conv1d,
  Conv2d,
  Flatten,
  Identity,
  Layer,
  Linear,
  LogSoftmax,
  MaxPool1d,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  Sigmoid,
  Softmax,
  Tanh,
} from "../../src/nn/index.ts";
import { sum } from "../../src/ops/index.ts";
import { networkOf, randomNetwork } from "../types/randomNetwork.ts";

/** The layer's output for x, on the reference backend. */
async function run(layer: Module, shape: number[], values: number[]): Promise<{ shape: readonly number[]; data: number[] }> {
  const program = await compile(reference(), { x: shape }, ({ x }) => layer.forward(x as never) as Tensor);
  const { output } = await program.run({ x: values });
  return { shape: output.shape, data: [...output.data] };
}
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const set = (layer: Module, values: Record<string, number[]>): void => {
  for (const [name, state] of layer.namedStates()) {
    const array = state.read();
    array.data.set(values[name]!);
    state.write(array);
  }
};

describe("values", () => {
  it("Conv2d: stride, padding, dilation, groups, bias", async () => {
    const layer = new Conv2d(2, 2, [1, 2], { stride: [1, 2], padding: [0, 1], dilation: [1, 2], groups: 2 });
    set(layer, { weight: [1, 10, 2, 20], bias: [100, 200] });
    // Each row [a b c d] reads at -1, 1, 3: w0 x[i] + w1 x[i + 2].
    expect(await run(layer, [1, 2, 1, 4], [1, 2, 3, 4, 5, 6, 7, 8])).toEqual({ shape: [1, 2, 1, 2], data: [120, 142, 320, 372] });
    const bare = new Conv2d(1, 1, 1, { bias: false });
    expect(bare.bias).toBeUndefined();
    expect(bare.parameters()).toEqual([bare.weight]);
  });

  it("Conv1d: same padding puts the odd zero after, as PyTorch does", async () => {
    const layer = new Conv1d(1, 1, 2, { padding: "same", bias: false });
    set(layer, { weight: [1, 10] });
    expect((await run(layer, [1, 1, 3], [1, 2, 3])).data).toEqual([21, 32, 3]);
    expect(layer.window.padding).toEqual([[0, 1]]);
    expect(new Conv2d(1, 1, [3, 4], { padding: "same", dilation: 3 }).window.padding).toEqual([
      [3, 3],
      [4, 5],
    ]);
    expect(new Conv1d(1, 1, 3, { padding: "valid" }).window.padding).toEqual([[0, 0]]);
  });

  it("Linear works on the last axis of any rank", async () => {
    const layer = new Linear(2, 1);
    set(layer, { weight: [1, 10], bias: [100] });
    expect(await run(layer, [1, 3, 2], [1, 2, 3, 4, 5, 6])).toEqual({ shape: [1, 3, 1], data: [121, 143, 165] });
  });

  it("pools", async () => {
    expect((await run(new MaxPool1d(2), [1, 1, 5], [1, 3, 2, 5, 4])).data).toEqual([3, 5]);
    expect((await run(new MaxPool1d(2, { stride: 1, padding: 1, dilation: 2 }), [1, 1, 4], [-1, -3, -2, -5])).data).toEqual([
      -3, -1, -3, -2,
    ]);
    expect((await run(new AvgPool1d(2, { padding: 1 }), [1, 1, 4], [1, 3, 2, 4])).data).toEqual([0.5, 2.5, 2]);
    expect(await run(new MaxPool2d(2), [1, 1, 4, 4], range(16))).toEqual({ shape: [1, 1, 2, 2], data: [5, 7, 13, 15] });
    expect(await run(new AvgPool2d([2, 4]), [1, 1, 4, 4], range(16))).toEqual({ shape: [1, 1, 2, 1], data: [3.5, 11.5] });
  });

  it("activations", async () => {
    expect((await run(new ReLU(), [3], [-1, 0, 2])).data).toEqual([0, 0, 2]);
    expect((await run(new Identity(), [2], [-1, 2])).data).toEqual([-1, 2]);
    expect((await run(new Tanh(), [1], [0.5])).data[0]).toBeCloseTo(Math.tanh(0.5), 7);
    expect((await run(new Sigmoid(), [1], [0.5])).data[0]).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 7);
    const soft = (await run(new Softmax(), [1, 2], [0, Math.log(3)])).data;
    expect(soft[0]).toBeCloseTo(0.25, 6);
    expect((await run(new Softmax(0), [2, 1], [0, Math.log(3)])).data[1]).toBeCloseTo(0.75, 6);
    expect((await run(new LogSoftmax(), [1, 2], [0, Math.log(3)])).data[0]).toBeCloseTo(Math.log(0.25), 6);
  });

  it("Flatten keeps row-major order", async () => {
    expect(await run(new Flatten(), [2, 1, 2, 2], range(8))).toEqual({ shape: [2, 4], data: range(8) });
  });
});

describe("shapes", () => {
  it("are foretold: outputShape of random networks is what tracing gives, and does not change when sizes become known", () => {
    let traced = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { layers, input: shape } = randomNetwork(seed);
      try {
        const net = networkOf(layers) as Sequential<[]>;
        const y = net.forward(input("x", [2, ...shape]) as never) as Tensor;
        expect(net.outputShape([2, ...shape])).toEqual(y.shape);
        const partial = net.outputShape([undefined, shape[0], ...shape.slice(1).map(() => undefined)]);
        expect(partial!.map((size, d) => size ?? y.shape[d])).toEqual(y.shape);
        traced++;
      } catch (error) {
        if (!(error instanceof OpError)) throw error;
      }
    }
    expect(traced).toBeGreaterThan(60);
  });
});

describe("options that cannot be", () => {
  it.each([
    [() => new Conv2d(3, 4, 0), "Conv2d: kernelSize must be whole numbers of at least 1, got [0, 0]"],
    [() => new Conv2d(3.5, 4, 1), "Conv2d: inChannels must be a whole number of at least 1, got 3.5"],
    [() => new Conv2d(3, 0, 1), "Conv2d: outChannels must be a whole number of at least 1, got 0"],
    [() => new Conv2d(3 as number, 4, 1, { groups: 2 }), "Conv2d: groups must divide 3 channels in and 4 out, got 2"],
    [
      () => new Conv2d(3, 4, 1, { padding: "most" as "same" }),
      'Conv2d: padding must be sizes, "same", "valid", "full" or "causal", got "most"',
    ],
    [() => new Conv1d(3, 4, [1, 2] as unknown as number), "Conv1d: kernelSize needs 1 numbers, got [1, 2]"],
    [() => new MaxPool2d(2, { stride: 0 }), "MaxPool2d: stride must be whole numbers of at least 1, got [0, 0]"],
    [
      () => new MaxPool2d(2, { padding: 2 }).forward(input("x", [1, 1, 4, 4])),
      "maxPool: padding may be at most half of the kernel 2, got 2",
    ],
    [() => new Linear(0, 1), "Linear: inFeatures must be a whole number of at least 1, got 0"],
    [() => new Sequential(["a", new ReLU()], ["a", new ReLU()]), 'Sequential: names must differ, got "a" twice'],
    [() => new Sequential(["a.b", new ReLU()]), 'Sequential: names must not have dots, got "a.b"'],
    [() => new Sequential(["a", new ReLU()]).get("b" as "a"), 'Sequential: has children a, got "b"'],
    [() => new ReLU().forward([1, 2] as never), "ReLU: forward takes a Tensor, got an object of Array"],
    [() => new ReLU().forward(undefined as never), "ReLU: forward takes a Tensor, got undefined"],
  ] as const)("%s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});

describe("Sequential", () => {
  it("says where a flattened size came from, also behind modules without a shape rule", () => {
    class Custom extends Layer<never> {
      readonly type = "Custom";
      override outputShape(): undefined {
        return undefined;
      }
      protected override apply(x: Tensor): Tensor {
        return x;
      }
    }
    const net = new Sequential(new Conv2d(1, 2, 3), new Custom() as unknown as ReLU, new Flatten(), new Linear(10 as number, 2));
    expect(() => net.forward(input("x", [1, 1, 6, 6]))).toThrow("3: Linear takes 10 features, but its input has 32 (2 x 4 x 4)");
  });

  it("gives children by name and lets gradients through", async () => {
    const net = new Sequential(["a", new Linear(2, 2)], ["b", new ReLU()]).initialize(1);
    expect(net.get("a").outFeatures).toBe(2);
    const program = await compile(reference(), { x: [1, 2] }, ({ x }) => ({ dx: grad(sum(net.forward(x)), [x])[0]! }));
    expect((await program.run({ x: [1, 2] })).dx.shape).toEqual([1, 2]);
  });

  it("may be empty", () => {
    const x = input("x", [1, 2]);
    expect(new Sequential().forward(x)).toBe(x);
  });
});
