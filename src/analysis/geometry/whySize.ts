/** Why a layer's output has the size it has, in words. */
import type { Shape } from "../../base/shape.ts";
import { reachable } from "../../ir/graph.ts";
import { input, inputsOf, type OpTensor, opOf, Tensor } from "../../ir/tensor.ts";
import { withTrace } from "../../ir/trace.ts";
import { Layer } from "../../nn/layer.ts";
import type { Module } from "../../nn/module.ts";
import type { InputOf } from "../../nn/network.ts";
import type { OpName } from "../../ops/table.ts";
import type { WindowAttrs } from "../../ops/window.ts";
import { transposedSize, windowSize } from "./size.ts";

/** One module and how its sizes come about. */
export interface SizeReason {
  /** From the root, which is "". */
  readonly path: string;
  /** The module's class. */
  readonly type: string;
  /** Shape of its output without the batch. */
  readonly output: Shape;
  /** A sentence for each step that changes the shape; one that says so where none does. */
  readonly reasons: readonly string[];
}

const times = (shape: Shape): string => shape.join(" x ");
const shapeText = (shape: Shape): string => (shape.length < 2 ? "a single number" : times(shape.slice(1)));

/** Axes of space along which the same is said are named together: "height and width". */
function alongAxes(space: Shape, sentence: (d: number) => string): string {
  const names = [["length"], ["height", "width"], ["depth", "height", "width"]][space.length - 1]!;
  const groups = new Map<string, string[]>();
  space.forEach((_, d) => {
    const text = sentence(d);
    groups.set(text, [...(groups.get(text) ?? []), names[d]!]);
  });
  return [...groups].map(([text, own]) => `${own.join(" and ")}: ${text}`).join("; ");
}

const axisOf = (w: WindowAttrs, d: number): { kernel: number; stride: number; padding: readonly [number, number]; dilation: number } => ({
  kernel: w.kernel[d]!,
  stride: w.stride[d]!,
  padding: w.padding[d]!,
  dilation: w.dilation[d]!,
});

const slides =
  (what: string) =>
  (node: OpTensor): string => {
    const w = node.attrs as unknown as WindowAttrs;
    const space = node.inputs[0]!.shape.slice(2);
    const count = alongAxes(space, (d) => windowSize(space[d]!, axisOf(w, d)).formula);
    return `${what}, one for each place of a ${times(w.kernel)} window: ${count}`;
  };

type Adaptive = { readonly inputSpace: Shape; readonly outputSize: Shape };
const pools =
  (what: string) =>
  (node: OpTensor): string =>
    "outputSize" in node.attrs
      ? `${what} over as many windows as the size that was asked for: ${times((node.attrs as unknown as Adaptive).outputSize)}`
      : slides(what)(node);

/** What ops that change shapes do to them. */
const REASONS: { readonly [N in OpName]?: (node: OpTensor) => string } = {
  conv: (node) => slides(`${node.output.shape[1]} channels, one for each filter; their values`)(node),
  localConv: (node) => slides(`${node.output.shape[1]} channels, with filters of their own; their values`)(node),
  maxPool: pools("the largest elements"),
  avgPool: pools("means"),
  convInputGrad(node) {
    const w = node.attrs as unknown as WindowAttrs;
    const [from, to] = [node.inputs[0]!.shape.slice(2), node.output.shape.slice(2)];
    const count = alongAxes(from, (d) => {
      const plain = transposedSize(from[d]!, axisOf(w, d));
      return transposedSize(from[d]!, axisOf(w, d), to[d]! - plain.size).formula;
    });
    return `${node.output.shape[1]} channels; each element is spread over a ${times(w.kernel)} window: ${count}`;
  },
  pad: (node) => margins(node, "a margin"),
  extend: (node) => margins(node, "a margin of the image itself"),
  interpolate: (node) => `resized from ${shapeText(node.inputs[0]!.shape)} to ${shapeText(node.output.shape)}`,
  reshape(node) {
    const { shape } = node.inputs[0]!;
    if (node.output.shape.length === 2 && shape.length > 2) return `all ${shapeText(shape)} = ${node.output.shape[1]} elements in a row`;
    return `the same elements, ${shapeText(shape)} laid out as ${shapeText(node.output.shape)}`;
  },
  matmul: (node) => `${node.output.shape.at(-1)} features, one for each row of the weight; as many as outFeatures says`,
  concat(node) {
    const { axis } = node.attrs as { readonly axis: number };
    const sizes = node.inputs.map((x) => x.shape[axis]);
    return `joined along axis ${axis}: ${sizes.join(" + ")} = ${node.output.shape[axis]}`;
  },
  slice: (node) => `a part of it: ${shapeText(node.output.shape)} of ${shapeText(node.inputs[0]!.shape)}`,
  sum: (node) => reduced(node, "summed"),
  max: (node) => reduced(node, "the largest taken"),
};

function margins(node: OpTensor, what: string): string {
  const { padding } = node.attrs as unknown as { readonly padding: WindowAttrs["padding"] };
  const space = node.inputs[0]!.shape.slice(2);
  return `${what}: ${alongAxes(space, (d) => {
    const [before, after] = padding[d + 2]!;
    return `${space[d]} + ${before} + ${after} = ${space[d]! + before + after}`.replaceAll("+ -", "- ");
  })}`;
}

function reduced(node: OpTensor, what: string): string {
  const { axes } = node.attrs as { readonly axes: readonly number[] };
  return `${what} over ${axes.length === 1 ? "axis" : "axes"} ${axes.join(" and ")}`;
}

/**
 * Why the output of a module, and of every module in it, has its size: one entry for each, with the formulas filled in.
 *
 *     for (const { path, output, reasons } of whySize(model, [1, 28, 28])) console.log(path, output, reasons.join("; "));
 *
 * `shape` is that of one input, without the batch. The network is traced, nothing runs.
 */
export function whySize<M extends Module, const S extends Shape>(model: M, shape: InputOf<M, S>): SizeReason[] {
  const x = input("x", [1, ...(shape as Shape)]);
  const outputs = new Map<object, { path: string; output: Tensor }>();
  const onModule = (path: string, module: object, output: Tensor): void => void outputs.set(module, { path, output });
  const result = withTrace({ mode: "eval", updates: new Map(), onModule }, () => model.forward(x as never));
  if (result instanceof Tensor && outputs.size === 0) outputs.set(model, { path: "", output: result });
  const nodes = dependents(x, reachable([...outputs.values()].map((o) => o.output)));
  return [...model.namedModules().values()].flatMap((module): SizeReason[] => {
    const found = outputs.get(module);
    if (!found) return [];
    const own = nodes.filter((t) => t.path === found.path).flatMap((t) => opOf(t) ?? []);
    const changing = own.filter(({ inputs, output }) => `${inputs[0]?.shape}` !== `${output.shape}`);
    const reasons = changing.flatMap((node) => REASONS[node.op.name as OpName]?.(node) ?? []);
    const nothing = [...model.namedModules().keys()].some((path) => path !== found.path && isBelow(path, found.path))
      ? "what the last of its parts gives"
      : "element by element: the size of its input";
    return [
      {
        path: found.path,
        type: module instanceof Layer ? module.type : module.constructor.name,
        output: found.output.shape.slice(1),
        reasons: reasons.length > 0 ? reasons : [nothing],
      },
    ];
  });
}

/** The nodes that depend on x: weights and biases have shapes of their own. */
function dependents(x: Tensor, nodes: readonly Tensor[]): Tensor[] {
  const found = new Set([x]);
  for (const t of nodes) if (inputsOf(t).some((i) => found.has(i))) found.add(t);
  return nodes.filter((t) => found.has(t));
}

const isBelow = (path: string, above: string): boolean => above === "" || path.startsWith(`${above}.`);
