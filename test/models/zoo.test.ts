/** Every model that torchvision publishes figures of, against those figures; and every model of ours at its published size. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { type DType, input, Parameter, type State, type Tensor } from "../../src/index.ts";
import { reachable } from "../../src/ir/graph.ts";
import { TransientState } from "../../src/ir/state.ts";
import { inputsOf, opOf } from "../../src/ir/tensor.ts";
import { type Mode, withTrace } from "../../src/ir/trace.ts";
import { createModel, models, type NamedNetwork } from "../../src/models/index.ts";
import { sharedFolder } from "../sharedFolder.ts";

/** What torchvision says of a model, and what was counted in it where `counted` is there. */
interface Figures {
  /** Height and width of its images. */
  readonly size: number;
  readonly parameters: number;
  /** Of convolutions and linear layers, for one image; three decimals. */
  readonly gigaMultiplyAdds: number;
  readonly counted?: {
    readonly parameters: number;
    /** Without auxiliary heads. */
    readonly parametersWithoutAux: number;
    /** Numbers in states that are no parameters, such as running means. */
    readonly buffers: number;
    readonly multiplyAdds: number;
    readonly stateDictEntries: number;
  };
}

const folder = join(import.meta.dirname, "tables");
const published = JSON.parse(readFileSync(join(folder, "torchvision.json"), "utf8")) as Readonly<Record<string, Figures>>;
const dicts = new Map(
  readdirSync(join(folder, "stateDicts")).map((file) => [
    file.slice(0, -".txt".length),
    readFileSync(join(folder, "stateDicts", file), "utf8")
      .trimEnd()
      .split("\n"),
  ]),
);

const numbersIn = (states: Iterable<State>): number => [...states].reduce((n, s) => n + sizeOf(s.shape), 0);

/** Everything the network's output for `images` images depends on. */
function nodesOf(model: NamedNetwork, shape: readonly number[], images: number, mode: Mode, dtype: DType = "f32"): Tensor[] {
  return reachable([withTrace({ mode, updates: new Map() }, () => model.forward(input("x", [images, ...shape], dtype)))]);
}

function multiplyAddsOf(nodes: readonly Tensor[]): number {
  return nodes.reduce((sum, t) => {
    const node = opOf(t);
    return sum + (node?.op.counts?.(inputsOf(t), t, node.attrs)?.multiplyAdds ?? 0);
  }, 0);
}

/** The state dict: each name with its sizes, "weight 64x3x7x7", "-" for a single number. */
const dictOf = (model: NamedNetwork): string[] =>
  [...model.namedStates()].flatMap(([name, state]) => (state instanceof TransientState ? [] : [`${name} ${state.shape.join("x") || "-"}`]));

/** Without what belongs to auxiliary heads. */
const main = (dict: readonly string[]): string[] => dict.filter((entry) => !/^aux/i.test(entry));

describe.each(Object.entries(published))("%s is torchvision's", (name, { size, parameters, gigaMultiplyAdds, counted }) => {
  it("in its figures", () => {
    const model = createModel(name);
    const { input: shape, classes } = models[name]!;
    expect({ shape, classes }).toEqual({ shape: [3, size, size], classes: 1000 });

    const nodes = nodesOf(model, shape, 1, "eval");
    const states = [...model.namedStates().values()].filter((s) => !(s instanceof TransientState));
    const weights = states.filter((s) => s instanceof Parameter);
    const used = new Set(nodes.flatMap((t) => (t.source.kind === "state" && t.source.state instanceof Parameter ? [t.source.state] : [])));
    // Of GoogLeNet torchvision counts what is used for inference, of Inception v3 also the auxiliary head.
    expect([numbersIn(weights), numbersIn(used)]).toContain(parameters);
    expect(Math.abs(multiplyAddsOf(nodes) / 1e9 - gigaMultiplyAdds)).toBeLessThanOrEqual(0.00101);
    if (!counted) return;
    expect({
      parameters: numbersIn(weights),
      parametersWithoutAux: numbersIn(used),
      buffers: numbersIn(states) - numbersIn(weights),
      multiplyAdds: multiplyAddsOf(nodes),
      stateDictEntries: states.length,
    }).toEqual(counted);
  });

  const dict = dicts.get(name);
  if (dict)
    it("in its state dict", () => {
      const ours = dictOf(createModel(name));
      expect([...ours].sort()).toEqual([...dict].sort());
      // An auxiliary head comes where it branches off; torchvision lists all of them at the end.
      expect(main(ours)).toEqual(main(dict));
    });
});

it.each(Object.keys(models))("%s trains and evaluates at its published size, with other channels and classes", (name) => {
  const { input: shape, dtype, classes } = models[name]!;
  for (const mode of ["train", "eval"] as const) {
    expect(nodesOf(createModel(name), shape, 2, mode, dtype).at(-1)!.shape).toEqual([2, classes]);
  }
  const other = [2, ...shape.slice(1)];
  if (shape.length > 1) expect(nodesOf(createModel(name, { input: other, classes: 7 }), other, 3, "train").at(-1)!.shape).toEqual([3, 7]);
});

it("makes no weights before they are initialised", () => {
  const model = createModel("resnet18");
  nodesOf(model, [3, 224, 224], 1, "train");
  expect([...model.namedStates().values()].filter((s) => s.initialized)).toEqual([]);
});

const shared = sharedFolder("tables");
it.skipIf(!shared)("has the tables as they were given", () => {
  const read = (file: string): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(join(shared!, file), "utf8"));
  type Given = Readonly<Record<string, Readonly<Record<string, number>> & { readonly counted?: Readonly<Record<string, number>> }>>;
  const given = (read("torchvision.json") as { readonly models: Given }).models;
  expect(Object.keys(published)).toEqual(Object.keys(given));
  for (const [name, { size, parameters, gigaMultiplyAdds, counted }] of Object.entries(published)) {
    const { crop, num_params, gflops, counted: theirs } = given[name]!;
    expect([size, parameters, gigaMultiplyAdds]).toEqual([crop, num_params, gflops]);
    expect(counted && Object.values(counted)).toEqual(theirs && Object.values(theirs));
  }
  const theirs = Object.entries(read("torchvision_state_dicts.json") as Readonly<Record<string, Readonly<Record<string, number[]>>>>);
  expect([...dicts.keys()].sort()).toEqual(theirs.map(([name]) => name).sort());
  for (const [name, dict] of theirs) {
    expect(dicts.get(name)).toEqual(Object.entries(dict).map(([entry, shape]) => `${entry} ${shape.join("x") || "-"}`));
  }
});
