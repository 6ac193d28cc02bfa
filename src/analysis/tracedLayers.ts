import { OpError } from "../ir/op.ts";
import { Tensor } from "../ir/tensor.ts";
import { type Mode, withTrace } from "../ir/trace.ts";
import { forwardFrom } from "../nn/forwardFrom.ts";
import { Layer } from "../nn/layer.ts";
import type { Module } from "../nn/module.ts";

/** One module of a network that was traced. */
export interface TracedLayer {
  /** From the root, which is "". */
  readonly path: string;
  /** The module's class. */
  readonly type: string;
  /** What it gave; the last time, if it was used several times. */
  readonly output: Tensor;
}

/** A network that was traced. */
export interface TracedModel {
  /** What the network gave: a tensor, or whatever its forward makes of several. */
  readonly result: unknown;
  /** Every module that gave a tensor, in the order of `namedModules`: parents before their parts. */
  readonly layers: readonly TracedLayer[];
}

/** The forward of `model` for x, and what each of its modules gave. States get no new values. */
export function tracedLayers(model: Module, x: Tensor, mode: Mode = "eval"): TracedModel {
  const outputs = new Map<object, { readonly path: string; readonly output: Tensor }>();
  const onModule = (path: string, module: object, output: Tensor): void => void outputs.set(module, { path, output });
  const result: unknown = withTrace({ mode, updates: new Map(), onModule }, () => forwardFrom(model, x));
  if (result instanceof Tensor && !outputs.has(model)) outputs.set(model, { path: "", output: result });
  const layers = [...model.namedModules().values()].flatMap((module): TracedLayer[] => {
    const found = outputs.get(module);
    return found ? [{ ...found, type: module instanceof Layer ? module.type : module.constructor.name }] : [];
  });
  return { result, layers };
}

/** The layer at `path`, or an OpError of `op` that names those there are. */
export function layerAt(op: string, { layers }: TracedModel, path: string): TracedLayer {
  const found = layers.find((l) => l.path === path);
  if (found) return found;
  const known = layers.map((l) => (l.path === "" ? '""' : l.path)).join(", ");
  throw new OpError(op, `there is no layer with an output at "${path}". The layers are ${known}`);
}

/** The layers at `paths`; without paths all, but each output once, under the innermost module that gave it. */
export function layersAt(op: string, traced: TracedModel, paths: readonly string[] | undefined): TracedLayer[] {
  if (paths) return paths.map((path) => layerAt(op, traced, path));
  const innermost = new Map<Tensor, TracedLayer>();
  for (const layer of traced.layers) innermost.set(layer.output, layer);
  return [...innermost.values()].sort((a, b) => a.output.id - b.output.id);
}
