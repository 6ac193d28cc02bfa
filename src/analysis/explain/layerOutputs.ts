import type { Tensor } from "../../ir/tensor.ts";
import { type Mode, withTrace } from "../../ir/trace.ts";
import type { Module } from "../../nn/module.ts";

/** What one module gave. */
export interface LayerOutput {
  /** Path of the module, "" for the network itself. A module's second use has "@2" behind it, and so on. */
  readonly path: string;
  readonly module: Module;
  readonly output: Tensor;
}

/** A network's forward pass, and what each module in it gave, in the order in which they ended. */
export interface Watched {
  readonly result: unknown;
  readonly layers: readonly LayerOutput[];
}

/** Traces `model` on `x`. Nothing that it would remember (running means, counts of random numbers) is changed by the program. */
export function layerOutputs(model: Module, x: Tensor, mode: Mode = "eval"): Watched {
  const layers: LayerOutput[] = [];
  const uses = new Map<object, number>();
  const tree = model.namedModules();
  const onModule = (path: string, module: object, output: Tensor): void => {
    // A module that is not in the tree (made on the fly, say) works under the path of the one that uses it.
    if (tree.get(path) !== module) return;
    const use = (uses.get(module) ?? 0) + 1;
    uses.set(module, use);
    layers.push({ path: use === 1 ? path : `${path}@${use}`, module: module as Module, output });
  };
  // Updates of its own, which nobody stores.
  const result = withTrace({ mode, updates: new Map(), onModule }, () => model.forward(x as never));
  return { result, layers };
}

/** Whether nothing is inside of the module but weights. */
export const isLeaf = (module: Module): boolean => ![...module.namedChildren()].some(([, child]) => "forward" in child);
