import { sizeOf } from "../../base/shape.ts";
import { reachable } from "../../ir/graph.ts";
import type { Op } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import { opOf, type Tensor } from "../../ir/tensor.ts";
import { addOp } from "../../ops/arithmetic.ts";

/** What the ops under one module path do, for the whole batch of the graph. */
export interface PathCounts {
  /** Numbers that are sums: what convolutions, products and pools give. */
  readonly units: number;
  /** One for each multiply-add and each pooled element. */
  readonly connections: number;
  /** Units that a bias is added to. */
  readonly biases: number;
  /** Of convolutions and matrix products. */
  readonly multiplyAdds: number;
  /** The same in the backward pass. */
  readonly backwardMultiplyAdds: number;
}

const NONE: PathCounts = { units: 0, connections: 0, biases: 0, multiplyAdds: 0, backwardMultiplyAdds: 0 };

/**
 * What the graph behind `roots` counts, by the path of the module that made each node. Ops say what they count; nothing here knows a
 * layer by its name.
 */
export function countPaths(roots: Iterable<Tensor>): Map<string, PathCounts> {
  const found = new Map<string, PathCounts>();
  const add = (path: string, more: Partial<PathCounts>): void => {
    const { units, connections, biases, multiplyAdds, backwardMultiplyAdds } = found.get(path) ?? NONE;
    found.set(path, {
      units: units + (more.units ?? 0),
      connections: connections + (more.connections ?? 0),
      biases: biases + (more.biases ?? 0),
      multiplyAdds: multiplyAdds + (more.multiplyAdds ?? 0),
      backwardMultiplyAdds: backwardMultiplyAdds + (more.backwardMultiplyAdds ?? 0),
    });
  };
  // Tensors that hold units of the module that made them, which have no bias yet.
  const unbiased = new Set<Tensor>();
  for (const t of reachable(roots)) {
    const node = opOf(t);
    if (!node) continue;
    const counts = node.op.counts?.(node.inputs, t, node.attrs);
    if (t.backward) {
      if (counts) add(t.path, { backwardMultiplyAdds: counts.multiplyAdds });
    } else if (counts) {
      add(t.path, { units: sizeOf(t.shape), ...counts });
      unbiased.add(t);
    } else if (
      holdsAll(
        t,
        node.inputs.filter((x) => unbiased.has(x) && x.path === t.path),
      )
    ) {
      if (node.op === (addOp as Op) && node.inputs.some(isWeight)) add(t.path, { biases: sizeOf(t.shape) });
      else unbiased.add(t);
    }
  }
  return found;
}

/** Whether `t` has a number for each unit of one of these, or for those of all of them together. */
function holdsAll(t: Tensor, units: readonly Tensor[]): boolean {
  const sizes = units.map((x) => sizeOf(x.shape));
  return sizes.includes(sizeOf(t.shape)) || (sizes.length > 1 && sizes.reduce((a, b) => a + b, 0) === sizeOf(t.shape));
}

/** Whether `t` is a parameter, repeated or in another shape. */
function isWeight(t: Tensor): boolean {
  if (t.source.kind === "state") return t.source.state instanceof Parameter;
  const node = opOf(t);
  return node !== undefined && (node.op.facts.reshape || node.op.facts.repeats) === true && isWeight(node.inputs[0]!);
}
