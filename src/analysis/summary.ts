import { type Shape, sizeOf } from "../base/shape.ts";
import { reachable } from "../ir/graph.ts";
import { Parameter, type State } from "../ir/state.ts";
import { input, inputsOf, opOf, Tensor } from "../ir/tensor.ts";
import { type Warning, withTrace } from "../ir/trace.ts";
import { Layer } from "../nn/layer.ts";
import type { Module } from "../nn/module.ts";
import type { InputOf } from "../nn/network.ts";
import { table } from "./table.ts";

/** What one module does itself, without the modules in it; the rows of a network add up to its totals. */
export interface SummaryRow {
  /** From the root, which is "". */
  readonly path: string;
  /** The module's class. */
  readonly type: string;
  /** Shape of its output without the batch; undefined for a module that is not used or gives no single tensor. */
  readonly output: Shape | undefined;
  /** Numbers in its own parameters. A parameter in two places counts at the first. */
  readonly parameters: number;
  /** Multiply-adds for one input. */
  readonly multiplyAdds: number;
  /** Connections between units for one input: one for each multiply-add and each pooled element. */
  readonly connections: number;
}

/** Sums over a network. */
export type SummaryTotals = Pick<SummaryRow, "parameters" | "multiplyAdds" | "connections">;

/** A network module by module. `toString()` gives a table of 80 columns. */
export class Summary {
  /** Shape of one input, without the batch. */
  readonly input: Shape;
  /** One for each module: the root first, then those below it in the order of their properties, parents first. */
  readonly rows: readonly SummaryRow[];
  readonly totals: SummaryTotals;
  /** What is odd: pixels that no window reads, say. */
  readonly warnings: readonly Warning[];

  /** @internal */
  constructor(shape: Shape, rows: readonly SummaryRow[], warnings: readonly Warning[] = []) {
    this.input = shape;
    this.rows = rows;
    this.warnings = warnings;
    const total = (key: keyof SummaryTotals): number => rows.reduce((sum, row) => sum + row[key], 0);
    this.totals = { parameters: total("parameters"), multiplyAdds: total("multiplyAdds"), connections: total("connections") };
  }

  toString(): string {
    return [table(this), ...this.warnings.map((w) => `warning: ${w.message}`)].join("\n");
  }
}

/**
 * What the network consists of, for inputs of shape `shape` (without the batch: [channels, height, width]). It is traced for
 * one input in eval mode, so what is counted is what would run; no weight is read.
 *
 *     console.log(`${summary(model, [1, 28, 28])}`);
 *
 * Throws an OpError, with the path of the layer, if the network cannot take such inputs. PyTorch: torchinfo's summary.
 */
export function summary<M extends Module, const S extends Shape>(model: M, shape: InputOf<M, S>): Summary {
  const space = shape as Shape;
  const outputs = new Map<object, Tensor>();
  const updates = new Map<State, Tensor>();
  const onModule = (_: string, module: object, output: Tensor): void => void outputs.set(module, output);
  const warnings: Warning[] = [];
  const result = withTrace({ mode: "eval", updates, onModule, warnings }, () => model.forward(input("x", [1, ...space]) as never));

  const counts = countsByPath([...outputs.values(), ...(result instanceof Tensor ? [result] : [])]);
  const counted = new Set<State>();
  const rows = [...model.namedModules()].map(([path, module]): SummaryRow => {
    const own = [...module.namedChildren()].flatMap(([, s]) => (s instanceof Parameter && !counted.has(s) ? [s] : []));
    for (const s of own) counted.add(s);
    return {
      path,
      type: module instanceof Layer ? module.type : module.constructor.name,
      output: outputs.get(module)?.shape.slice(1),
      parameters: own.reduce((n, s) => n + sizeOf(s.shape), 0),
      multiplyAdds: counts.get(path)?.multiplyAdds ?? 0,
      connections: counts.get(path)?.connections ?? 0,
    };
  });
  return new Summary(space, rows, warnings);
}

/** What the ops behind these tensors count, by the path they were made under. */
function countsByPath(outputs: Iterable<Tensor>): Map<string, { multiplyAdds: number; connections: number }> {
  const found = new Map<string, { multiplyAdds: number; connections: number }>();
  for (const t of reachable(outputs)) {
    const node = opOf(t);
    const counts = node?.op.counts?.(inputsOf(t), t, node.attrs);
    if (!counts) continue;
    const sum = found.get(t.path) ?? { multiplyAdds: 0, connections: 0 };
    sum.multiplyAdds += counts.multiplyAdds;
    sum.connections += counts.connections;
    found.set(t.path, sum);
  }
  return found;
}
