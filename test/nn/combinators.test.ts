/** Residual, Concat and Auxiliary: names, paths, errors, values and gradients. What shapes they take is in test/types. */
import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { compile, f32, grad, gradcheck, input, type NdArray, OpError, reference, type Tensor } from "../../src/index.ts";
import { reachable } from "../../src/ir/graph.ts";
import { inputsOf } from "../../src/ir/tensor.ts";
import { type AuxiliaryOutput, withAuxiliaries, withTrace } from "../../src/ir/trace.ts";
import {
  Auxiliary,
  BatchNorm2d,
  Concat,
  Conv2d,
  Flatten,
  GlobalAvgPool,
  Identity,
  Linear,
  Module,
  Residual,
  Sequential,
  Tanh,
} from "../../src/nn/index.ts";
import { add, concat, sum } from "../../src/ops/index.ts";

const conv = (i: number, o: number): Conv2d<number, number, 3, 1, 1> => new Conv2d(i, o, 3, { padding: 1 });
const names = (m: Module): string[] => [...m.namedStates().keys()];
const modules = (m: Module): string[] => [...m.namedModules().keys()];

function drawn(shape: readonly number[], name = "x"): NdArray {
  const stream = new RandomStream(5, name);
  return f32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}

/** What `fn` makes of `x` on the reference backend. */
async function valuesOf(fn: (x: Tensor) => Tensor, x: NdArray): Promise<NdArray> {
  const program = await compile(reference(), { x: x.shape }, ({ x }) => ({ y: fn(x as Tensor) }));
  const { y } = await program.run({ x: x.data });
  await program.close();
  return y;
}

/** The forward of `model` for such an input, traced: its output, and what its auxiliary heads gave. */
function traced(model: Module, mode: "train" | "eval", ...shape: number[]): { result: Tensor; auxiliaries: readonly AuxiliaryOutput[] } {
  return withTrace({ mode, updates: new Map() }, () => withAuxiliaries(() => model.forward(input("x", shape) as never) as Tensor));
}

/** A network with all three, in which every child has a place. */
const network = (): Module =>
  new Sequential(
    ["stem", new Conv2d(2, 4, 3)],
    ["block", new Residual(["", new Sequential(["conv1", conv(4, 4)], ["act", new Tanh()])], ["downsample", new Conv2d(4, 4, 1)])],
    ["mixed", new Concat(["left", conv(4, 2)], new Identity(), ["right", new Sequential(new Tanh(), conv(4, 3))])],
    ["aux", new Auxiliary(new Sequential(new GlobalAvgPool(), new Linear(9, 3)), { weight: 0.4 })],
    ["", new Residual(new Conv2d(9, 9, 1))],
    ["pool", new GlobalAvgPool()],
    ["fc", new Linear(9, 3)],
  );

describe("names", () => {
  it("are body and shortcut, numbers, and head, unless they are given", () => {
    expect(names(new Residual(conv(2, 2), conv(2, 2)))).toEqual(["body.weight", "body.bias", "shortcut.weight", "shortcut.bias"]);
    expect(names(new Concat(conv(2, 2), ["b", conv(2, 2)], conv(2, 2)))).toEqual([
      ...["0.weight", "0.bias"],
      ...["b.weight", "b.bias"],
      ...["2.weight", "2.bias"],
    ]);
    expect(names(new Auxiliary(new Linear(2, 2)))).toEqual(["head.weight", "head.bias"]);
    expect(names(new Auxiliary(["classifier", new Linear(2, 2)]))).toEqual(["classifier.weight", "classifier.bias"]);
  });

  it('leave a level out where they are ""', () => {
    const block = new Residual(
      ["", new Sequential(["conv1", conv(2, 2)], ["bn1", new BatchNorm2d(2)])],
      ["downsample", new Sequential(new Conv2d(2, 2, 1, { bias: false }), new BatchNorm2d(2))],
    );
    expect(names(block)).toEqual([
      "conv1.weight",
      "conv1.bias",
      ...["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((n) => `bn1.${n}`),
      "downsample.0.weight",
      ...["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((n) => `downsample.1.${n}`),
    ]);
    // Levels vanish through all containers, and states of the module itself come up too.
    expect(names(new Sequential(["", new Concat(["", new Residual(["", conv(2, 2)])])]))).toEqual(["weight", "bias"]);
    expect(names(new Auxiliary(["", new Sequential(["fc", new Linear(2, 2)])]))).toEqual(["fc.weight", "fc.bias"]);
  });

  it("must differ", () => {
    const twice = (name: string, type = "Residual"): OpError => new OpError(type, `names must differ, got "${name}" twice`);
    expect(() => new Residual(["a", conv(2, 2)], ["a", conv(2, 2)])).toThrow(twice("a"));
    expect(() => new Residual(["shortcut", conv(2, 2)], conv(2, 2))).toThrow(twice("shortcut"));
    expect(() => new Residual(["", conv(2, 2)], ["", conv(2, 2)])).toThrow(twice("weight"));
    expect(() => new Residual(["", new Sequential(conv(2, 2))], ["0", conv(2, 2)])).toThrow(twice("0"));
    expect(() => new Concat(["1", conv(2, 2)], conv(2, 2))).toThrow(twice("1", "Concat"));
    expect(() => new Concat(["", new Sequential(conv(2, 2))], ["", new Sequential(conv(2, 2))])).toThrow(twice("0", "Concat"));
    expect(() => new Sequential(["conv1", conv(2, 2)], ["", new Residual(["conv1", conv(2, 2)])])).toThrow(twice("conv1", "Sequential"));
  });

  it("must not have dots", () => {
    const dotted = (type: string): OpError => new OpError(type, 'names must not have dots, got "a.b"');
    expect(() => new Residual(["a.b", conv(2, 2)])).toThrow(dotted("Residual"));
    expect(() => new Residual(conv(2, 2), ["a.b", conv(2, 2)])).toThrow(dotted("Residual"));
    expect(() => new Concat(["a.b", conv(2, 2)])).toThrow(dotted("Concat"));
    expect(() => new Auxiliary(["a.b", conv(2, 2)])).toThrow(dotted("Auxiliary"));
  });

  it("come once for a module in two places, which may also share a name", async () => {
    const shared = conv(2, 2);
    const net = new Concat(["a", new Residual(shared)], ["b", shared], ["c", new Residual(["", shared], ["", shared])]);
    expect(names(net)).toEqual(["a.body.weight", "a.body.bias"]);
    expect(modules(net)).toEqual(["", "a", "a.body", "c"]);
    expect(net.parameters()).toEqual([shared.weight, shared.bias]);
    net.initialize(1);
    expect([...(await net.stateDict()).keys()]).toEqual([...["a.body", "b", "c"]].flatMap((path) => [`${path}.weight`, `${path}.bias`]));
  });

  it("survive the way out and in", async () => {
    const [a, b] = [network().initialize(1), network().initialize(2)];
    const dict = await a.stateDict();
    expect([...dict.keys()].filter((n) => n.endsWith("weight"))).toEqual([
      "stem.weight",
      "block.conv1.weight",
      "block.downsample.weight",
      "mixed.left.weight",
      "mixed.right.1.weight",
      "aux.head.1.weight",
      "body.weight",
      "fc.weight",
    ]);
    expect(await b.stateDict()).not.toEqual(dict);
    b.loadStateDict(dict);
    expect(await b.stateDict()).toEqual(dict);
    const x = drawn([2, 2, 6, 5]);
    const forward = (m: Module) => (t: Tensor) => m.forward(t as never) as Tensor;
    expect(await valuesOf(forward(b), x)).toEqual(await valuesOf(forward(a), x));
  });
});

describe("children", () => {
  it("are there to be used", () => {
    const [body, shortcut, head] = [conv(2, 2), new Tanh(), new Linear(2, 2)];
    expect(new Residual(body, ["downsample", shortcut]).body).toBe(body);
    expect(new Residual(body, ["downsample", shortcut]).shortcut).toBe(shortcut);
    expect(new Residual(["", body]).shortcut).toBeUndefined();
    expect(new Auxiliary(["", head]).head).toBe(head);
    expect(new Concat(["a", body], shortcut).branches).toEqual([["a", body], shortcut]);
  });

  it("must be there, and give one tensor", () => {
    expect(() => new (Concat as unknown as new () => Module)()).toThrow(new OpError("Concat", "needs at least one branch, got none"));
    class Two extends Module {
      override forward(x: Tensor): readonly Tensor[] {
        return [x, x];
      }
    }
    const x = input("x", [1, 2]);
    const error = (type: string, name: string): OpError =>
      new OpError("", `${type}: its children must give one tensor, got a list from "${name}"`);
    expect(() => new Residual(new Two() as Module).forward(x)).toThrow(error("Residual", "body"));
    expect(() => new Residual(new Identity(), ["way", new Two() as Module]).forward(x)).toThrow(error("Residual", "way"));
    expect(() => new Concat(new Identity(), new Two() as Module).forward(x)).toThrow(error("Concat", "1"));
    expect(() => traced(new Auxiliary(new Two()), "train", 1, 2)).toThrow(error("Auxiliary", "head"));
  });
});

describe("paths", () => {
  it("are those of the state dict", () => {
    const net = network();
    const paths: string[] = [];
    withTrace({ mode: "train", updates: new Map(), onModule: (path) => void paths.push(path) }, () =>
      net.forward(input("x", [1, 2, 6, 5]) as never),
    );
    expect(paths).toEqual([
      "stem",
      // What is called "" is at its container's place.
      ...["block.conv1", "block.act", "block", "block.downsample", "block"],
      ...["mixed.left", "mixed.1", "mixed.right.0", "mixed.right.1", "mixed.right", "mixed"],
      ...["aux.head.0", "aux.head.1", "aux.head", "aux"],
      ...["body", ""],
      ...["pool", "fc", ""],
    ]);
  });

  it("are on tensors: a sum and a join belong to their containers", () => {
    const { result } = traced(
      new Sequential(["sum", new Residual(new Tanh())], ["join", new Concat(new Identity(), new Tanh())]),
      "eval",
      1,
      2,
    );
    expect(reachable([result]).map((t) => [t.source.kind === "op" ? t.source.op.name : t.source.kind, t.path])).toEqual([
      ["input", ""],
      ["tanh", "sum.body"],
      ["add", "sum"],
      ["tanh", "join.1"],
      ["concat", "join"],
    ]);
  });

  it("stand before errors, at construction and while tracing", () => {
    const block = new Residual(["", new Sequential(["conv1", conv(4, 4)])], ["downsample", new Conv2d(4, 4, 1, { stride: 2 })]);
    const net = new Sequential(
      ["layer1", new Sequential(new Residual(conv(4, 4)), block)],
      ["mixed", new Concat(new Flatten(), ["b", new Flatten()])],
    );
    const sentence = "Residual: the body gives 4 x 8 x 8, but the shortcut gives 4 x 4 x 4";
    expect(() => net.forward(input("x", [1, 4, 8, 8]) as never)).toThrow(new OpError("", `layer1.1: ${sentence}`));
    expect(() => block.forward(input("x", [1, 4, 8, 8]) as never)).toThrow(new OpError("", sentence));
    expect(() => net.forward(input("x", [1, 3, 8, 8]) as never)).toThrow(
      new OpError("", "layer1.0.body: Conv2d takes 4 channels, but its input has 3 (3 x 8 x 8)"),
    );
    const channels: number = 5;
    expect(() => new Sequential(conv(4, channels), ["block", new Residual(["", new Sequential(["conv1", conv(4, 4)])])])).toThrow(
      new OpError("", "block.conv1: Conv2d takes 4 channels, but its input has 5 (5 x ? x ?)"),
    );
  });

  it("stand before errors behind modules whose shapes are not known before", () => {
    class Halved extends Module {
      readonly conv = new Conv2d(4, 4, 2, { stride: 2 });
      override forward(x: Tensor): Tensor {
        return this.conv.forward(x as never);
      }
    }
    const x = input("x", [1, 4, 8, 8]);
    expect(() => new Sequential(["a", new Residual(new Halved() as Module)]).forward(x)).toThrow(
      new OpError("", "a: Residual: the body gives 4 x 4 x 4, but its input is 4 x 8 x 8"),
    );
    expect(() => new Sequential(["a", new Concat(new Identity(), ["half", new Halved() as Module])]).forward(x)).toThrow(
      new OpError("", "a: Concat: half gives 4 x 4 x 4, but 0 gives 4 x 8 x 8"),
    );
  });
});

describe("auxiliary heads", () => {
  it("are not built in eval mode, and pass their input on", () => {
    const net = network();
    const { result, auxiliaries } = traced(net, "eval", 1, 2, 6, 5);
    expect(auxiliaries).toEqual([]);
    expect(reachable([result]).filter((t) => t.path.startsWith("aux"))).toEqual([]);
    const x = input("x", [1, 9]);
    expect(new Auxiliary(new Linear(9, 3)).forward(x)).toBe(x);
  });

  it("are reported in train mode, with path and weight, and the output does not need them", () => {
    const { result, auxiliaries } = traced(network(), "train", 1, 2, 6, 5);
    expect(auxiliaries.map(({ path, weight, output }) => [path, weight, output.shape])).toEqual([["aux.head", 0.4, [1, 3]]]);
    expect(auxiliaries[0]!.output.path).toBe("aux.head.1");
    expect(reachable([result])).not.toContain(auxiliaries[0]!.output);
    // The default is GoogLeNet's; without a level of its own a head is at its container's place; inner ones come first.
    const inner = new Auxiliary(["", new Linear(4, 4)]);
    const nested = new Sequential(["a", new Auxiliary(new Sequential(inner, new Linear(4, 2)), { weight: 0 })]);
    expect(traced(nested, "train", 1, 4).auxiliaries.map((a) => [a.path, a.weight])).toEqual([
      ["a.head.0", 0.3],
      ["a.head", 0],
    ]);
  });

  it("go to the nearest withAuxiliaries, and to none outside", () => {
    const head = new Auxiliary(new Linear(4, 4));
    withTrace({ mode: "train", updates: new Map() }, () => {
      const x = input("x", [1, 4]);
      head.forward(x);
      const outer = withAuxiliaries(() => {
        head.forward(x);
        return withAuxiliaries(() => head.forward(x)).auxiliaries.length;
      });
      expect([outer.result, outer.auxiliaries.length]).toEqual([1, 1]);
    });
  });

  it("weigh a number of at least 0", () => {
    for (const weight of [-0.1, Number.NaN, Infinity]) {
      expect(() => new Auxiliary(new Identity(), { weight })).toThrow(
        new OpError("Auxiliary", `weight must be a number of at least 0, got ${weight}`),
      );
    }
  });
});

describe("values", () => {
  const x = drawn([2, 3, 5, 4]);
  const [a, b, c] = [conv(3, 3).initialize(1), conv(3, 3).initialize(2), new Conv2d(3, 4, 1).initialize(3)];

  it("of a residual are the sum of both ways", async () => {
    expect(await valuesOf((t) => new Residual(a).forward(t), x)).toEqual(await valuesOf((t) => add(a.forward(t), t), x));
    expect(await valuesOf((t) => new Residual(a, b).forward(t), x)).toEqual(await valuesOf((t) => add(a.forward(t), b.forward(t)), x));
    expect(await valuesOf((t) => new Residual(new Identity()).forward(t), x)).toEqual(
      f32(
        x.shape,
        [...x.data].map((v) => 2 * v),
      ),
    );
  });

  it("of branches lie side by side along the channels, in order", async () => {
    const joined = await valuesOf((t) => new Concat(a, ["wide", c], new Identity()).forward(t), x);
    expect(joined.shape).toEqual([2, 10, 5, 4]);
    expect(joined).toEqual(await valuesOf((t) => concat([a.forward(t), c.forward(t), t]), x));
    // The last three channels of each image are that image.
    for (const n of [0, 1]) expect([...joined.data.slice(200 * n + 140, 200 * (n + 1))]).toEqual([...x.data.slice(60 * n, 60 * (n + 1))]);
  });

  it("of features too", async () => {
    const y = await valuesOf((t) => new Concat(new Identity(), new Identity()).forward(t), f32([2, 2], [1, 2, 3, 4]));
    expect(y).toEqual(f32([2, 4], [1, 2, 1, 2, 3, 4, 3, 4]));
  });
});

describe("gradients", () => {
  it("pass a shortcut unchanged, whatever the body does", async () => {
    const x = drawn([1, 2, 4, 4]);
    const body = new Sequential(conv(2, 2), new Tanh(), conv(2, 2)).initialize(1);
    const by = (fn: (t: Tensor) => Tensor): Promise<NdArray> => valuesOf((t) => grad(sum(fn(t)), [t])[0]!, x);
    const [around, through] = [await by((t) => new Residual(body).forward(t)), await by((t) => body.forward(t))];
    around.data.forEach((g, i) => void expect(g).toBeCloseTo(1 + through.data[i]!, 6));

    // A body whose last weights are 0 lets no gradient through: what arrives has come around it, through any number of blocks.
    const dead = new Sequential(
      ...Array.from({ length: 5 }, () => new Residual(new Sequential(conv(2, 2), new Tanh(), conv(2, 2)) as Module)),
    );
    dead.initialize(1);
    const zeros = await dead.stateDict();
    for (const [name, value] of zeros) if (name.includes("body.2")) value.data.fill(0);
    dead.loadStateDict(zeros);
    expect(new Set((await by((t) => dead.forward(t) as Tensor)).data)).toEqual(new Set([1]));
    const plain = new Sequential(...[0, 1, 2, 3, 4].map((i) => (dead.layers[i] as Residual<Module>).body));
    expect(new Set((await by((t) => plain.forward(t) as Tensor)).data)).toEqual(new Set([0]));
  });

  it("need no op but the sum's on the identity", () => {
    const x = input("x", [1, 2]);
    const y = new Residual(new Tanh()).forward(x);
    const ops = reachable([y]).flatMap((t) => (t.source.kind === "op" ? [t.source.op.name] : []));
    expect(ops).toEqual(["tanh", "add"]);
    expect(inputsOf(y)).toContain(x);
  });

  it("of a network with all three are right, heads included", () => {
    const net = network().initialize(4);
    const { message, passed, perInput } = gradcheck(
      ({ x }) => {
        const { result, auxiliaries } = withAuxiliaries(() => net.forward(x as never) as Tensor);
        return { scores: result, ...Object.fromEntries(auxiliaries.map((a) => [a.path, a.output])) };
      },
      { x: drawn([2, 2, 6, 5]) },
      { samples: 8 },
    );
    expect(passed, message).toBe(true);
    expect(Object.keys(perInput)).toEqual(expect.arrayContaining(["x", "aux.head.1.weight", "block.downsample.weight", "body.bias"]));
  });
});
