import { describe, expect, it } from "vitest";
import { chart } from "../../src/analysis/summary/chart.ts";
import { bytesText, grouped, percent, rounded } from "../../src/analysis/summary/numbers.ts";
import { type Summary, type SummaryLayer, summary } from "../../src/analysis/summary.ts";
import { compile, grad, input, OpError, Parameter, type Tensor, wasm } from "../../src/index.ts";
import { withAuxiliaries } from "../../src/ir/trace.ts";
import { lenet5, lenet5Tanh } from "../../src/models/index.ts";
import { lenet51998 } from "../../src/models/lenet51998.ts";
import {
  Auxiliary,
  BatchNorm2d,
  Concat,
  Conv1d,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  GlobalAvgPool,
  Identity,
  Linear,
  LocallyConnected2d,
  MaxPool2d,
  Module,
  ReLU,
  Residual,
  Sequential,
} from "../../src/nn/index.ts";
import { add, crossEntropy, flatten, max, maxPool, mean, mul, relu, transpose } from "../../src/ops/index.ts";
import { Adam, type Optimizer, SGD } from "../../src/optim/index.ts";

/** A module of its own: functions, an array of layers, one layer used twice, one never. */
class Net extends Module {
  readonly stem = new Conv2d(1, 4, 3, { padding: 1 });
  readonly twice = new Conv2d(4, 4, 3, { padding: 1, bias: false });
  readonly heads = [new Linear(64, 10), new Linear(64, 2)];
  readonly scale = new Parameter([10]);
  override forward(x: Tensor<[number, 1, 8, 8]>): Tensor {
    let y: Tensor = maxPool(relu(this.stem.forward(x)), 2);
    for (let i = 0; i < 2; i++) y = add(y, this.twice.forward(y as Tensor<[number, 4, 4, 4]>));
    return mul(this.heads[0]!.forward(flatten(y)), this.scale.tensor);
  }
}

/** Words of a text: rows of an embedding through a convolution. */
class Words extends Module {
  readonly embedding = new Embedding(20, 6);
  readonly conv = new Conv1d(6, 5, 3);
  override forward(x: Tensor<[number, number]>): Tensor {
    return mean(this.conv.forward(transpose(this.embedding.forward(x), 1, 2) as Tensor<[number, 6, number]>), [2]);
  }
}

const branching = () =>
  new Sequential(
    new Conv2d(2, 4, 3, { padding: 1, bias: false }),
    new BatchNorm2d(4),
    new ReLU(),
    new Residual(new Sequential(new Conv2d(4, 4, 3, { padding: 1 }), new ReLU())),
    new Concat(
      ["a", new Conv2d(4, 3, 1)],
      ["b", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), new Conv2d(4, 5, 5, { padding: 2 }))],
    ),
    ["aux", new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(8, 6)))],
    new Dropout(0.5),
    new LocallyConnected2d(8, 2, 9, 3, { stride: 3 }),
    new Identity(),
    new Flatten(),
    new Linear(18, 6),
  );

const tied = () => {
  const layer = new Linear(3, 3);
  return new Sequential(layer, new ReLU(), layer);
};

interface Case {
  readonly model: () => Module;
  readonly input: readonly number[];
  readonly dtype?: "i32";
}
const NETS: Readonly<Record<string, Case>> = {
  lenet5: { model: lenet5, input: [1, 28, 28] },
  lenet5Tanh: { model: lenet5Tanh, input: [1, 28, 28] },
  "lenet5-1998": { model: lenet51998, input: [1, 32, 32] },
  own: { model: () => new Net(), input: [1, 8, 8] },
  branching: { model: branching, input: [2, 9, 9] },
  tied: { model: tied, input: [3] },
  words: { model: () => new Words(), input: [12], dtype: "i32" },
  images: { model: () => new Conv2d(1, 2, 3), input: [1, 6, 5] },
};
const netOf = ({ model, input: shape, dtype = "f32" as never }: Case, options: { batch?: number; optimizer?: Optimizer } = {}): Summary =>
  summary(model(), shape, { dtype, ...options });
const row = ({ layers }: Summary, name: string): SummaryLayer => layers.find((l) => l.name === name)!;

describe("summary of any network", () => {
  it.each(Object.entries(NETS))("%s: the layers add up to the totals", (_, net) => {
    const { layers, total } = netOf(net);
    const weights = net
      .model()
      .parameters()
      .reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0);
    expect(total.weights).toBe(weights);
    for (const key of ["weights", "units", "connections", "connectionsWithBias", "multiplyAdds"] as const)
      expect(layers.reduce((n, layer) => n + layer[key], 0)).toBe(total[key]);
    expect(new Set(layers.map((layer) => layer.name)).size).toBe(layers.length);
  });

  const steps: readonly (readonly [batch: number, make: () => Optimizer])[] = [
    [1, () => new SGD({ lr: 1 })],
    [3, () => new SGD({ lr: 1, momentum: 0.9 })],
    [2, () => new Adam({ lr: 1 })],
  ];
  it.each(Object.entries(NETS))("%s: bytes are those of compiled programs, for any batch and optimizer", async (name, net) => {
    const { model, input: shape, dtype = "f32" } = net;
    // Large programs take long to compile.
    for (const [batch, make] of name.startsWith("lenet") ? steps.slice(0, 1) : steps) {
      const { bytes } = netOf(net, { batch, optimizer: make() }).total;
      const own = model();
      const x = { shape: [batch, ...shape], dtype } as const;
      const forward = await compile(wasm({ threads: 1 }), { x }, (inputs) => own.forward(inputs.x as never) as Tensor);
      expect(bytes.inference).toBe(forward.memory.total);
      const optimizer = make();
      const step = await compile(
        wasm({ threads: 1 }),
        { x, labels: { shape: [batch], dtype: "i32" }, lr: [] },
        (inputs) => {
          const { result, auxiliaries } = withAuxiliaries(() => own.forward(inputs.x as never) as Tensor);
          const lossOf = (y: Tensor): Tensor => (y.shape.length === 2 ? crossEntropy(y, inputs.labels) : mean(y));
          let loss = lossOf(result);
          for (const { output, weight } of auxiliaries) loss = add(loss, mul(lossOf(output), weight));
          const parameters = own.parameters();
          const gradients = grad(
            loss,
            parameters.map((p) => p.tensor),
          );
          optimizer.step(parameters, gradients, inputs.lr);
          return { loss };
        },
        { mode: "train" },
      );
      expect(bytes.training).toBe(step.memory.total);
    }
  });

  it.each(Object.entries(NETS))("%s: tables of any width stay in it, and nothing depends on the time", (_, net) => {
    const first = netOf(net);
    for (const width of [80, 100, 200]) for (const line of first.text(width).split("\n")) expect(line.length).toBeLessThanOrEqual(width);
    expect(netOf(net).text()).toBe(first.text());
    expect(netOf(net).markdown()).toBe(first.markdown());
    expect(JSON.stringify(netOf(net))).toBe(JSON.stringify(first));
  });

  it.each(Object.entries(NETS))("%s: the backward pass is at most twice the forward one", (_, net) => {
    const { backward, layers, trainingOnly } = netOf(net, { batch: 2 });
    layers.forEach(({ name, multiplyAdds }, i) => {
      if (trainingOnly.includes(name)) return;
      // The network's input needs no gradient, so what reads it has that of its weights alone.
      expect(backward.layers![i]).toBeGreaterThanOrEqual(multiplyAdds);
      expect(backward.layers![i]).toBeLessThanOrEqual(2 * multiplyAdds);
    });
    expect(backward.total).toBe(backward.layers!.reduce((a, b) => a + b, 0));
  });
});

describe("summary", () => {
  it("counts LeNet-5 as the books do", () => {
    const found = summary(lenet5(), [1, 28, 28]);
    expect(found.input).toEqual([1, 28, 28]);
    expect(found.total).toMatchObject({ weights: 61_706, units: 8094, multiplyAdds: 416_520, connections: 422_824 });
    expect(found.layers).toHaveLength(12);
    expect(row(found, "3")).toEqual({
      name: "3",
      type: "Conv2d",
      outputShape: [16, 10, 10],
      weights: 2416,
      units: 1600,
      connections: 240_000,
      connectionsWithBias: 241_600,
      multiplyAdds: 240_000,
      receptiveField: { size: [14, 14], stride: [2, 2], center: [4.5, 4.5] },
    });
    expect(row(found, "5")).toMatchObject({ type: "MaxPool2d", weights: 0, units: 400, multiplyAdds: 0, connections: 1600 });
    expect(row(found, "1")).toMatchObject({ type: "ReLU", units: 0, connections: 0 });
    // The first convolution needs no gradient by the images.
    expect(found.backward.layers!.slice(0, 4)).toEqual([117_600, 0, 0, 480_000]);
  });

  it("is LeCun's table for LeNet-5 of 1998", () => {
    const { layers, total } = summary(lenet51998(), [1, 32, 32]);
    expect(layers.map((l) => [l.name, l.weights, l.connectionsWithBias])).toEqual([
      ["c1", 156, 122_304],
      ["s2", 12, 5_880],
      ["c3", 1_516, 151_600],
      ["s4", 32, 2_000],
      ["c5", 48_120, 48_120],
      ["f6", 10_164, 10_164],
      ["output", 0, 840],
    ]);
    expect(total).toMatchObject({ weights: 60_000, connectionsWithBias: 340_908, units: 8094 });
    expect(layers.map((l) => l.receptiveField?.size)).toEqual([5, 6, 14, 16, 32, 32, 32].map((n) => [n, n]));
  });

  it("a filter of k1 k2 over c channels has k1 k2 c + 1 weights", () => {
    const { total } = summary(new Conv2d(3, 4, 3), [3, 10, 12]);
    expect(total).toMatchObject({ weights: 112, units: 4 * 8 * 10, connections: 27 * 320, connectionsWithBias: 28 * 320 });
  });

  it("counts shared weights once and their work each time, and says what is not used", () => {
    const found = summary(new Net(), [1, 8, 8]);
    expect(row(found, "twice")).toMatchObject({ weights: 144, units: 2 * 64, multiplyAdds: 2 * 144 * 16 });
    expect(row(found, "heads.1")).toMatchObject({ outputShape: null, weights: 130, multiplyAdds: 0, receptiveField: null });
    // The pool is called by the network itself.
    expect(row(found, "")).toMatchObject({ type: "Net", outputShape: [10], weights: 10, units: 64, connections: 4 * 16 * 4 });
    expect(found.total.weights).toBe(40 + 144 + 650 + 130 + 10);
    expect(summary(tied(), [3]).total).toMatchObject({ weights: 12, units: 6, multiplyAdds: 18, connections: 18, connectionsWithBias: 24 });
  });

  it("has what only training runs in its place, without work", () => {
    const found = summary(branching(), [2, 9, 9]);
    const names = found.layers.map((l) => l.name);
    expect(names).toEqual([
      "0",
      "1",
      "2",
      "3.body.0",
      "3.body.1",
      "4.a",
      "4.b.0",
      "4.b.1",
      "aux.head.0",
      "aux.head.1",
      "6",
      "7",
      "9",
      "10",
    ]);
    expect(found.trainingOnly).toEqual(["aux.head.0", "aux.head.1"]);
    expect(row(found, "aux.head.1")).toMatchObject({ outputShape: [6], weights: 54, units: 0, connections: 0, multiplyAdds: 0 });
    expect(found.backward.layers![names.indexOf("aux.head.1")]).toBe(2 * 48);
    // Of both branches, and of the residual's sum with what went around it.
    expect(row(found, "7").receptiveField).toEqual({ size: [13, 13], stride: [3, 3], center: [1, 1] });
    expect(row(found, "7")).toMatchObject({ weights: 2 * 9 * (8 * 9 + 1), units: 18, connections: 18 * 72, connectionsWithBias: 18 * 73 });
    // A normalisation changes each number by itself: it has weights, and neither units nor connections.
    expect(row(found, "1")).toMatchObject({ weights: 8, units: 0, connections: 0, connectionsWithBias: 0 });
  });

  it("says why a network cannot be trained with one image, and counts the rest", () => {
    const model = new Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4), new Flatten(), new Linear(4, 2));
    const alone = summary(model, [1, 3, 3]);
    expect(alone.total.bytes.training).toBeNull();
    expect(alone.backward).toEqual({ layers: null, total: null });
    expect(alone.trainingProblem).toBe("1: batchNorm: training needs more than one value per channel, got input [1, 4, 1, 1]");
    expect(`${alone}`).toContain("memory to train  none, batch 1: see below\n");
    expect(`${alone}`).toContain("\nno training with batch 1: 1: batchNorm: training needs more than one value per channel");
    expect(summary(model, [1, 3, 3], { batch: 2 }).total.bytes.training).toBeGreaterThan(0);
  });

  it("takes networks with several outputs", () => {
    const model = new (class extends Module {
      readonly body = new Linear(4, 3);
      readonly heads = [new Linear(3, 2), new Linear(3, 5)] as const;
      override forward(x: Tensor<[number, 4]>) {
        const y = this.body.forward(x);
        return { first: this.heads[0].forward(y), second: max(this.heads[1].forward(y), [1]) };
      }
    })();
    const found = summary(model, [4]);
    expect(found.layers.map((l) => [l.name, l.weights, l.connections])).toEqual([
      ["body", 15, 12],
      ["heads.0", 8, 6],
      ["heads.1", 20, 15],
      ["", 0, 5],
    ]);
    expect(found.backward.layers).toEqual([12, 12, 30, 0]);
    expect(found.total.bytes.training).toBeGreaterThan(0);
    const nothing = new (class extends Module {
      override forward(): number {
        return 1;
      }
    })();
    expect(() => summary(nothing as Module, [4])).toThrow(new OpError("summary", "the network must give tensors, got number"));
  });

  it("reads no weight and changes no state", () => {
    const model = branching();
    const found = summary(model, [2, 9, 9]);
    expect(found.total.bytes.training).toBeGreaterThan(found.total.bytes.inference);
    expect([...model.namedStates().values()].some((s) => s.initialized)).toBe(false);
  });

  it("fails as the network does", () => {
    expect(() => summary(lenet5(), [1, 32, 32])).toThrow(
      new OpError("", "7: Linear takes 400 features, but its input has 576 (16 x 6 x 6)"),
    );
    expect(() => summary(lenet5(), [1, 4, 4])).toThrow("; the smallest input that works is 1 x 28 x 28");
    expect(() => summary(lenet5(), [1, 28, 28], { batch: 0 })).toThrow("summary: batch must be a whole number of at least 1, got 0");
  });

  it("has plain data of one shape", () => {
    const { layers, total } = JSON.parse(JSON.stringify(summary(branching(), [2, 9, 9]))) as Pick<Summary, "layers" | "total">;
    const keys = "name type outputShape weights units connections connectionsWithBias multiplyAdds receptiveField".split(" ");
    for (const layer of layers) {
      expect(Object.keys(layer)).toEqual(keys);
      if (layer.receptiveField) expect(Object.keys(layer.receptiveField)).toEqual(["size", "stride", "center"]);
    }
    expect(Object.keys(total)).toEqual(["weights", "units", "connections", "connectionsWithBias", "multiplyAdds", "bytes"]);
    expect(Object.keys(total.bytes)).toEqual(["training", "inference"]);
  });
});

describe("its text", () => {
  const named = (): Summary => summary(lenet51998(), [1, 32, 32], { name: "lenet5-1998" });

  it("has every number of LeNet-5 in 80 columns", () => {
    expect(`${named()}\n`).toMatchSnapshot();
    expect(`${named().markdown()}\n`).toMatchSnapshot();
    expect(`${JSON.stringify(named(), null, 1)}\n`).toMatchSnapshot();
  });

  it("shows containers, and layers of none", () => {
    expect(`${summary(branching(), [2, 9, 9])}\n`).toMatchSnapshot();
    expect(`${summary(new Net(), [1, 8, 8])}\n`).toMatchSnapshot();
    expect(`${summary(new Linear(3, 2), [3])}\n`).toMatchSnapshot();
  });

  const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

  it("fits 80 columns by shorter numbers, and then by shorter types and names", () => {
    const big = new Sequential(
      ["features", new Sequential(new Conv2d(512, 4096, 3, { padding: "same" }), new ReLU())],
      ["flatten", new Flatten()],
    );
    const found = summary(big, [512, 224, 224]);
    expect(`${found}\n`).toMatchSnapshot();
    expect(widest(found.text())).toBeLessThanOrEqual(80);
    // With room for them all digits are there.
    expect(found.text(140)).toContain(grouped(found.total.connectionsWithBias));
    const long = new Sequential(["a".repeat(90), new Sequential(["b".repeat(90), new Conv2d(512, 4096, 3)])]);
    expect(widest(summary(long, [512, 224, 224]).text())).toBe(80);
  });

  it("writes numbers in few characters", () => {
    expect([0, 999, 1000, 61_706, 999_499, 999_500, 1_814_073_344, 2e15].map(rounded)).toEqual(
      ["0", "999", "1.00k", "61.7k", "999k", "1.00M", "1.81G", "2.00P"], // biome-ignore format: one below the other
    );
    expect([0, 1, 1023, 1024, 705_920, 113_851_072, 3e9].map(bytesText)).toEqual([
      "0 bytes",
      "1 bytes",
      "1,023 bytes",
      "1,024 bytes (1.00 KiB)",
      "705,920 bytes (689 KiB)",
      "113,851,072 bytes (109 MiB)",
      "3,000,000,000 bytes (2.79 GiB)",
    ]);
    expect([0, 0.0004, 0.0005, 0.581, 0.9994, 0.9996, 1].map(percent)).toEqual(["", "<0.1%", "0.1%", "58.1%", "99.9%", "100%", "100%"]);
  });
});

describe("the chart", () => {
  const layer = (name: string, weights: number, units: number, connections: number): SummaryLayer => ({
    name,
    type: "",
    outputShape: [],
    weights,
    units,
    connections,
    connectionsWithBias: connections,
    multiplyAdds: connections,
    receptiveField: null,
  });

  it("gives the largest a full bar, others their share of it, and something to all that is there", () => {
    const lines = chart([layer("a", 1000, 5, 0), layer("b", 500, 5, 0), layer("c", 1, 0, 0), layer("none", 0, 0, 0)], 40).split("\n");
    expect(lines).toEqual([
      "share of  weights     units       connectio…",
      "a      ████ 66.6%  ████ 50.0%",
      "b      ██   33.3%  ████ 50.0%",
      "c      ▏     0.1%",
    ]);
  });

  it("takes layers together where they are many", () => {
    const many = Array.from({ length: 60 }, (_, i) => layer(`part${Math.floor(i / 20)}.${Math.floor(i / 5) % 4}.${i}`, 1, 1, 1));
    expect(chart(many, 80).split("\n")).toHaveLength(1 + 12);
    expect(chart(many, 80)).toContain("part2.3");
    const flat = Array.from({ length: 60 }, (_, i) => layer(`${i}`, 1, 1, 1));
    expect(chart(flat, 80).split("\n")).toHaveLength(1 + 60);
  });
});

it("a tensor that only stands for the network's input is no layer", () => {
  const model = new Sequential(new Identity(), new Identity());
  expect(summary(model, [3, 4, 4]).layers).toEqual([]);
  expect(model.forward(input("x", [1, 3, 4, 4])).shape).toEqual([1, 3, 4, 4]);
});
