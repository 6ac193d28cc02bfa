import { describe, expect, it } from "vitest";
import { compile, f32, input, type NdArray, OpError, Parameter, reference, State, type Tensor } from "../../src/index.ts";
import { withTrace } from "../../src/ir/trace.ts";
import { Conv2d, Flatten, Linear, Module, ReLU, Sequential } from "../../src/nn/index.ts";
import { add, mul, relu } from "../../src/ops/index.ts";

class Block extends Module {
  readonly innerConv = new Conv2d(4, 4, 3, { padding: 1 });
  override forward(x: Tensor<[number, 4, number, number]>): Tensor {
    return add(x, relu(this.innerConv.forward(x)));
  }
}

class Net extends Module {
  readonly stem = new Conv2d(1, 4, 3);
  readonly blocks = [new Block(), new Sequential(["block", new Block()], ["relu", new ReLU()])];
  readonly outScale = new Parameter([10], undefined);
  readonly runningMean = new State([4]);
  readonly head = new Linear(4 * 6 * 6, 10);
  readonly notAChild = { stem: this.stem };
  override forward(x: Tensor<[number, 1, number, number]>): Tensor {
    let y: Tensor = this.stem.forward(x);
    for (const block of this.blocks) y = block.forward(y as never);
    return mul(this.head.forward(new Flatten().forward(y)), this.outScale.tensor);
  }
}

const NAMES = [
  "stem.weight",
  "stem.bias",
  "blocks.0.inner_conv.weight",
  "blocks.0.inner_conv.bias",
  "blocks.1.block.inner_conv.weight",
  "blocks.1.block.inner_conv.bias",
  "out_scale",
  "running_mean",
  "head.weight",
  "head.bias",
];

/** The paths of the modules that `model` calls, in the order in which they finish. */
function calls(model: Module, ...shape: number[]): string[] {
  const paths: string[] = [];
  withTrace({ mode: "eval", updates: new Map(), onModule: (path) => void paths.push(path) }, () =>
    model.forward(input("x", shape) as never),
  );
  return paths;
}

describe("names and paths", () => {
  it("are PyTorch's, from properties, arrays and entries", () => {
    const net = new Net();
    expect([...net.namedStates().keys()]).toEqual(NAMES);
    expect(net.parameters().map((p) => p.name)).toEqual(NAMES.filter((n) => n !== "running_mean"));
    expect([...net.namedModules().keys()]).toEqual([
      "",
      "stem",
      "blocks.0",
      "blocks.0.inner_conv",
      "blocks.1",
      "blocks.1.block",
      "blocks.1.block.inner_conv",
      "blocks.1.relu",
      "head",
    ]);
  });

  it("keep names that begin with a capital", () => {
    class Old extends Module {
      readonly AuxLogits = new Linear(2, 2);
      override forward(x: Tensor<[number, 2]>): Tensor {
        return this.AuxLogits.forward(x);
      }
    }
    expect([...new Old().namedStates().keys()]).toEqual(["AuxLogits.weight", "AuxLogits.bias"]);
  });

  it("are full in modules that are called directly, without any call before", () => {
    // The Flatten is made on the fly: it has no place of its own, so its path is that of the module that uses it.
    expect(calls(new Net(), 2, 1, 8, 8)).toEqual([
      "stem",
      "blocks.0.inner_conv",
      "blocks.0",
      "blocks.1.block.inner_conv",
      "blocks.1.block",
      "blocks.1.relu",
      "blocks.1",
      "",
      "head",
      "",
    ]);
  });

  it("stand before errors", () => {
    const net = new Net();
    expect(() => net.forward(input("x", [2, 1, 9, 9]))).toThrow(new OpError("", "head: Linear takes 144 features, but its input has 196"));
    expect(() => net.blocks[1]!.forward(input("x", [2, 3, 9, 9]) as never)).toThrow(
      "block.inner_conv: Conv2d takes 4 channels, but its input has 3 (3 x 9 x 9)",
    );
    expect(() => new Block().innerConv.forward(input("x", [2, 3, 9, 9]) as never)).toThrow(
      /^Conv2d takes 4 channels, but its input has 3 \(3 x 9 x 9\)$/,
    );
  });

  it("are those of the largest network that a state was seen in", () => {
    const net = new Net();
    net.parameters();
    net.head.parameters();
    net.head.forward(input("x", [1, 144]));
    expect(net.head.weight.name).toBe("head.weight");
    expect([...net.head.namedStates().keys()]).toEqual(["weight", "bias"]);

    const part = new Sequential(new Linear(2, 2));
    part.parameters();
    expect([...part.namedStates().values()].map((s) => s.name)).toEqual(["0.weight", "0.bias"]);
    new Sequential(["features", part]).forward(input("x", [1, 2]));
    expect([...part.namedStates().values()].map((s) => s.name)).toEqual(["features.0.weight", "features.0.bias"]);
  });

  it("survive an error in a forward", () => {
    const net = new Net();
    expect(() => net.forward(input("x", [2, 1, 9, 9]))).toThrow();
    expect(calls(new Sequential(new ReLU()), 1, 2)).toEqual(["0", ""]);
  });

  it("leave no trace of forward on the object", () => {
    expect(Object.keys(new Block())).toEqual(["innerConv"]);
  });
});

describe("shared modules", () => {
  const shared = new Linear(3, 3);
  const net = new Sequential(["a", shared], ["relu", new ReLU()], ["b", shared]);

  it("come once, under their first name", () => {
    expect([...net.namedStates().keys()]).toEqual(["a.weight", "a.bias"]);
    expect(net.parameters()).toEqual([shared.weight, shared.bias]);
  });

  it("have both names in the state dict, as in PyTorch", async () => {
    expect([...(await net.stateDict()).keys()]).toEqual(["a.weight", "a.bias", "b.weight", "b.bias"]);
    net.loadStateDict(await net.stateDict());
  });

  it("do not trap the walk when a child knows its parent", () => {
    class Child extends Module {
      parent: Module | undefined;
      readonly scale = new Parameter([1]);
      override forward(x: Tensor): Tensor {
        return mul(x, this.scale.tensor);
      }
    }
    const child = new Child();
    child.parent = new Sequential(["child", child]);
    expect([...child.parent.namedStates().keys()]).toEqual(["child.scale"]);
  });
});

describe("initialize", () => {
  const weights = (m: Module): NdArray[] => m.parameters().map((p) => p.read());

  it("gives the same bits for the same seed, whatever was done before", () => {
    const [a, b, c] = [new Net(), new Net(), new Net()];
    new Sequential(["wrapped", b]).forward(input("x", [1, 1, 8, 8]));
    b.head.initialize(9);
    a.initialize(5);
    b.initialize(5, { force: true });
    c.initialize(6);
    expect(weights(b)).toEqual(weights(a));
    expect(weights(c)[0]!.data).not.toEqual(weights(a)[0]!.data);
  });

  it("keeps the same bits for ever", () => {
    const linear = new Linear(4, 2).initialize(1);
    expect([...linear.weight.read().data].map((x) => x.toFixed(6))).toMatchInlineSnapshot(`
      [
        "-0.172905",
        "-0.274355",
        "0.325734",
        "-0.008617",
        "-0.146598",
        "-0.370032",
        "0.365503",
        "0.435832",
      ]
    `);
  });

  it("leaves what has a value, unless forced", () => {
    const layer = new Linear(2, 1);
    layer.loadStateDict(
      new Map([
        ["weight", f32([1, 2], [7, 8])],
        ["bias", f32([1], [9])],
      ]),
    );
    expect([...layer.initialize(1).weight.read().data]).toEqual([7, 8]);
    expect([...layer.initialize(1, { force: true }).weight.read().data]).not.toEqual([7, 8]);
  });

  it("draws as PyTorch does: uniform within 1 / sqrt(fanIn)", () => {
    const layers = { linear: new Linear(100, 400), conv: new Conv2d(8, 64, 5, { groups: 2 }) };
    for (const [name, fanIn] of [
      ["linear", 100],
      ["conv", 4 * 25],
    ] as const) {
      const layer = layers[name].initialize(3);
      const bound = 1 / Math.sqrt(fanIn);
      for (const p of [layer.weight, layer.bias!]) {
        const data = [...p.read().data];
        const mean = data.reduce((a, x) => a + x, 0) / data.length;
        const square = data.reduce((a, x) => a + x * x, 0) / data.length;
        expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
        expect(Math.abs(mean)).toBeLessThan((4 * bound) / Math.sqrt(3 * data.length));
        expect(Math.abs(square / (bound * bound) - 1 / 3)).toBeLessThan(4 / Math.sqrt(10 * data.length));
      }
    }
  });

  it("gives every state numbers of its own", () => {
    const net = new Sequential(new Linear(8, 8), new Linear(8, 8)).initialize(1);
    const [w0, , w1] = weights(net);
    expect(w0!.data).not.toEqual(w1!.data);
  });
});

describe("state dicts", () => {
  it("go out and in", async () => {
    const [a, b] = [new Net().initialize(1), new Net().initialize(2)];
    const dict = await a.stateDict();
    expect([...dict.keys()]).toEqual(NAMES);
    b.loadStateDict(dict);
    expect(await b.stateDict()).toEqual(dict);
    dict.get("head.bias")!.data[0] = 99;
    expect((await a.stateDict()).get("head.bias")!.data[0]).not.toBe(99);
  });

  it("list all that does not fit, and load nothing then", async () => {
    const net = new Net().initialize(1);
    const before = await net.stateDict();
    const wrong = await new Net().initialize(2).stateDict();
    wrong.delete("stem.bias");
    wrong.delete("out_scale");
    wrong.set("fc.weight", f32([1], [1]));
    wrong.set("head.bias", f32([9], new Array(9).fill(0)));
    expect(() => net.loadStateDict(wrong)).toThrow(
      new OpError(
        "loadStateDict",
        "the names or shapes do not fit: missing stem.bias, out_scale; unexpected fc.weight; head.bias is f32 [10], got f32 [9]. Nothing was loaded",
      ),
    );
    expect(await net.stateDict()).toEqual(before);
  });

  it("have the values that a program has changed", async () => {
    class Counter extends Module {
      readonly count = new State([]);
      override forward(x: Tensor<[number]>): Tensor {
        return add(x, this.count.tensor);
      }
    }
    const { assign } = await import("../../src/index.ts");
    const counter = new Counter();
    const program = await compile(reference(), { x: [1] }, ({ x }) => {
      assign(counter.count, add(counter.count.tensor, 1));
      return counter.forward(x);
    });
    await program.run({ x: [0] });
    await program.run({ x: [0] });
    expect((await counter.stateDict()).get("count")!.item()).toBe(2);
  });
});
