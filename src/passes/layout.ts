/**
 * Where the axes of each tensor lie in memory, outermost first. Ops never see it: layout is a matter of strides.
 *
 * Activations lie channels-last, because then the innermost loop of every convolution and pool runs over channels, and SIMD
 * along it is always legal. Filters [out, in, ...kernel] lie [...kernel, in, out], for the same reason: output channels are
 * the lanes. What comes from outside and goes outside stays as written.
 */

import { type Shape, sameShape } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import type { State } from "../ir/state.ts";
import { opOf, type Tensor } from "../ir/tensor.ts";
import { buffer } from "../kernel/expr.ts";
import { isPointwise } from "../kernel/kernel.ts";

/** A permutation of axes, outermost first. */
export type Order = readonly number[];

const asWritten = (shape: Shape): Order => shape.map((_, i) => i);
/** [n, c, ...space] with c innermost. */
export const channelsLast = (shape: Shape): Order => (shape.length < 3 ? asWritten(shape) : [0, ...shape.map((_, i) => i).slice(2), 1]);
const filterOrder = (shape: Shape): Order => [
  ...shape.map((_, i) => i).slice(2),
  ...(shape.length > 1 ? [1, 0] : [0].slice(0, shape.length)),
];

/** The order of a state's elements in a program's memory. */
export const stateOrder = (state: State): Order => filterOrder(state.shape);

/** The order of every tensor of the graph. */
export function layout(graph: Graph): Map<Tensor, Order> {
  const orders = new Map<Tensor, Order>();
  const filters = new Set<Tensor>();
  for (const t of graph.nodes) {
    const node = opOf(t);
    if (t.source.kind === "state" || node?.op.facts.filter || (node && followsFilter(node, t, filters))) filters.add(t);
    const inside = node !== undefined;
    orders.set(t, filters.has(t) ? filterOrder(t.shape) : inside ? channelsLast(t.shape) : asWritten(t.shape));
  }
  return orders;
}

/** Elementwise arithmetic on filters gives filters. */
function followsFilter(node: NonNullable<ReturnType<typeof opOf>>, t: Tensor, filters: ReadonlySet<Tensor>): boolean {
  if (!node.inputs.some((x) => filters.has(x) && sameShape(x.shape, t.shape))) return false;
  const buffers = node.inputs.map((x) => buffer("x", x.shape, x.dtype));
  return isPointwise(node.op.kernel(buffers, buffer("y", t.shape, t.dtype), node.attrs));
}
