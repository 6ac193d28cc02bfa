import { Tensor } from "../ir/tensor.ts";
import { type Mode, withTrace } from "../ir/trace.ts";
import { forwardFrom } from "../nn/forwardFrom.ts";
import { Layer } from "../nn/layer.ts";
import type { Module } from "../nn/module.ts";
import { findLayer } from "./findLayer.ts";

/** What one module of a network gave. */
export interface TracedLayer {
  /** From the root, which is "". A module's second use has "@2" behind it, and so on. */
  readonly path: string;
  readonly module: Module;
  /** The module's class. */
  readonly type: string;
  readonly output: Tensor;
}

/** A network that was traced. */
export interface TracedModel {
  /** What the network gave: a tensor, or whatever its forward makes of several. */
  readonly result: unknown;
  /** Every module that gave a tensor, in the order in which they ended: parts before what they are part of. */
  readonly layers: readonly TracedLayer[];
}

/** The forward of `model` for x, and what each of its modules gave. Nothing that it would remember (running means, counts) is changed. */
export function tracedLayers(model: Module, x: Tensor, mode: Mode = "eval"): TracedModel {
  const layers: TracedLayer[] = [];
  const uses = new Map<object, number>();
  const tree = model.namedModules();
  const add = (path: string, module: Module, output: Tensor): void => {
    const use = (uses.get(module) ?? 0) + 1;
    uses.set(module, use);
    layers.push({ path: use === 1 ? path : `${path}@${use}`, module, type: classOf(module), output });
  };
  const onModule = (path: string, module: object, output: Tensor): void => {
    // A module that is not in the tree (made on the fly, say) works under the path of the one that uses it.
    if (tree.get(path) === module) add(path, module as Module, output);
  };
  // Updates of its own, which nobody stores.
  const result: unknown = withTrace({ mode, updates: new Map(), onModule }, () => forwardFrom(model, x));
  if (result instanceof Tensor && !uses.has(model)) add("", model, result);
  return { result, layers };
}

/** Name of a module's class, as messages and summaries write it. */
export const classOf = (module: Module): string => (module instanceof Layer ? module.type : module.constructor.name);

/** Whether nothing is inside of the module but weights. */
export const isLeaf = (module: Module): boolean => ![...module.namedChildren()].some(([, child]) => "forward" in child);

/** The layers as the network names them: parents before their parts, a second use after the first. */
export function inTreeOrder(model: Module, layers: readonly TracedLayer[]): TracedLayer[] {
  const order = new Map([...model.namedModules().values()].map((module, i) => [module, i]));
  return [...layers].sort((a, b) => order.get(a.module)! - order.get(b.module)!);
}

/** The layer at `path`, or an OpError of `op` that names those that are near and those there are. */
export const layerAt = (op: string, { layers }: TracedModel, path: string): TracedLayer =>
  findLayer(op, path, new Map(layers.map((layer) => [layer.path, layer])));

/** The layers at `paths`; without paths all, but each output once, under the innermost module that gave it. */
export function layersAt(op: string, traced: TracedModel, paths: readonly string[] | undefined): TracedLayer[] {
  if (paths) return paths.map((path) => layerAt(op, traced, path));
  const innermost = new Map<Tensor, TracedLayer>();
  for (const layer of traced.layers.toReversed()) innermost.set(layer.output, layer);
  return [...innermost.values()].sort((a, b) => a.output.id - b.output.id);
}
