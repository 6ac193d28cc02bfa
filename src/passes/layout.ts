/**
 * Where the axes of each tensor lie in memory, outermost first. Ops never see it: layout is a matter of strides.
 *
 * Activations lie channels-last, because then the innermost loop of every convolution and pool runs over channels, and SIMD
 * along it is always legal. Filters [out, in, ...kernel] lie [...kernel, in, out], for the same reason: output channels are
 * the lanes. What comes from outside and goes outside stays as written.
 */

import { type Shape, sameShape } from "../base/shape.ts";
import { type Graph, statesOf } from "../ir/graph.ts";
import { kernelsOf } from "../ir/op.ts";
import { Parameter, type State } from "../ir/state.ts";
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

/** Where everything of a graph lies. */
export interface Layout {
  readonly tensors: ReadonlyMap<Tensor, Order>;
  readonly states: ReadonlyMap<State, Order>;
}

/** The order of every tensor and every state of the graph. Each program orders its own copy of a state. */
export function layout(graph: Graph): Layout {
  // Parameters are filters; so is every state that takes the value of one, a momentum say.
  const states = new Set<State>(statesOf(graph).filter((s) => s instanceof Parameter));
  const elementwise = new Map<Tensor, boolean>();
  let filters = filterTensors(graph, states, elementwise);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [s, t] of graph.updates) {
      if (states.has(s) || !filters.has(t)) continue;
      states.add(s);
      grown = true;
    }
    if (grown) filters = filterTensors(graph, states, elementwise);
  }
  const orderOf = (t: Tensor): Order =>
    filters.has(t) ? filterOrder(t.shape) : opOf(t) || t.source.kind === "state" ? channelsLast(t.shape) : asWritten(t.shape);
  return {
    tensors: new Map(graph.nodes.map((t) => [t, orderOf(t)])),
    states: new Map(statesOf(graph).map((s) => [s, states.has(s) ? filterOrder(s.shape) : channelsLast(s.shape)])),
  };
}

/** `elementwise` keeps which results are elementwise, from call to call. */
function filterTensors(graph: Graph, states: ReadonlySet<State>, elementwise: Map<Tensor, boolean>): Set<Tensor> {
  const filters = new Set<Tensor>();
  for (const t of graph.nodes) {
    const node = opOf(t);
    const isState = t.source.kind === "state" && states.has(t.source.state);
    if (isState || node?.op.facts.filter || (node && followsFilter(node, filters, elementwise))) filters.add(t);
  }
  return filters;
}

type Node = NonNullable<ReturnType<typeof opOf>>;

/** Elementwise arithmetic on filters gives filters. */
function followsFilter(node: Node, filters: ReadonlySet<Tensor>, elementwise: Map<Tensor, boolean>): boolean {
  const { output } = node;
  if (!node.inputs.some((x) => filters.has(x) && sameShape(x.shape, output.shape))) return false;
  const known = elementwise.get(output) ?? isElementwise(node);
  elementwise.set(output, known);
  return known;
}

function isElementwise({ op, inputs, attrs, output }: Node): boolean {
  const buffers = inputs.map((x) => buffer("x", x.shape, x.dtype));
  return kernelsOf(op, buffers, buffer("y", output.shape, output.dtype), attrs).every(isPointwise);
}
