/** From graph to addressed kernels: fused, with their guards, long sums and contractions prepared for tiles of SIMD lanes. */
import { present } from "../base/assert.ts";
import type { NdArray } from "../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import { statesOf } from "../ir/graph.ts";
import { kernelsOf } from "../ir/op.ts";
import type { State } from "../ir/state.ts";
import { opOf, type Tensor } from "../ir/tensor.ts";
import { addressKernel, flatTwin, type Strides, spacedStrides } from "../kernel/address.ts";
import { type Buffer, buffer, constant, load, loadsOf, mapExpr, tablesOf } from "../kernel/expr.ts";
import { fuse } from "../kernel/fuse.ts";
import { canHalo, haloOf } from "../kernel/halo.ts";
import { compute, type Kernel } from "../kernel/kernel.ts";
import { splitPhases } from "../kernel/phases.ts";
import { splitLongSum } from "../kernel/split.ts";
import { splitTiles, transformRoles } from "../kernel/transform.ts";
import { channelsLast, layout, type Order } from "../passes/layout.ts";
import { chained } from "./chained.ts";
import { originsOf } from "./origins.ts";
import { Products } from "./products.ts";
import { withSiblings } from "./siblings.ts";
import { spaceApart } from "./spaceApart.ts";
import { withoutCopies } from "./withoutCopies.ts";

/** An array that outlives a run, or comes from or goes to outside. */
export interface Slot {
  /** Flat. */
  readonly buffer: Buffer;
  readonly shape: Shape;
  /** Order of its axes in memory, outermost first. */
  readonly order: Order;
}

/** Kernels in order of execution, over flat buffers; a group stays together (operand copies before their product). */
export interface Lowered {
  readonly groups: readonly (readonly Kernel[])[];
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  readonly states: ReadonlyMap<State, Slot>;
  /** Constants of more than one element. */
  readonly constants: ReadonlyMap<Buffer, NdArray>;
  /** Where the new value of each updated state is made. It may be made in the state's own memory, if everyone else has read that. */
  readonly updates: ReadonlyMap<State, Buffer>;
  /** Buffers of the graph's tensors, by the pass they belong to; all others are scratch. */
  readonly forward: ReadonlySet<Buffer>;
  readonly backward: ReadonlySet<Buffer>;
}

export function lowerGraph(graph: Graph): Lowered {
  const { tensors: orders, states: stateOrders } = layout(graph);
  const strides = new Map<Buffer, Strides>();
  const place = (b: Buffer, order: Order): Buffer => {
    strides.set(b, stridesOf(b.shape, order));
    return b;
  };
  const buffers = new Map(graph.nodes.map((t, i) => [t, place(buffer(nameOf(t, i), t.shape, t.dtype), orders.get(t)!)]));
  const of = (t: Tensor): Buffer => buffers.get(t)!;

  const inputs = new Map<string, Slot>();
  const constants = new Map<Buffer, NdArray>();
  const kernels: Kernel[] = [];
  const origins = originsOf(graph);
  const add = (t: Tensor, ...made: readonly Kernel[]): void => {
    const origin = origins.get(t)!;
    for (const k of made) kernels.push({ ...k, origin });
  };
  for (const t of graph.nodes) {
    const node = opOf(t);
    if (node) add(t, ...kernelsOf(node.op, node.inputs.map(of), of(t), node.attrs));
    else if (t.source.kind === "constant") {
      const { value } = t.source;
      if (value.dtype === "f32" && value.data.length === 1)
        add(
          t,
          compute("constant", of(t), {}, () => constant(value.data[0]!)),
        );
      else constants.set(of(t), value);
    }
  }
  for (const [name, t] of graph.inputs) {
    const b =
      buffers.get(t) ??
      place(
        buffer(name, t.shape, t.dtype),
        t.shape.map((_, i) => i),
      );
    inputs.set(name, { buffer: b, shape: t.shape, order: t.shape.map((_, i) => i) });
  }
  const copyOf = (t: Tensor, name: string, order: Order): Buffer => {
    const copy = place(buffer(name, t.shape, t.dtype), order);
    add(
      t,
      compute("copy", copy, {}, (axes) => load(of(t), axes)),
    );
    return copy;
  };

  const states = new Map<State, Slot>();
  const read = new Map(graph.nodes.flatMap((t) => (t.source.kind === "state" ? [[t.source.state, t] as const] : [])));
  for (const s of statesOf(graph)) {
    const t = read.get(s);
    const order = stateOrders.get(s)!;
    states.set(s, { buffer: t ? of(t) : place(buffer(s.name, s.shape, s.dtype), order), shape: s.shape, order });
  }
  const outputs = new Map<string, Slot>();
  const taken = new Set<Buffer>();
  for (const [name, t] of graph.outputs) {
    const own = opOf(t) !== undefined && !taken.has(of(t));
    const b = own ? of(t) : copyOf(t, `output ${name}`, orders.get(t)!);
    taken.add(b);
    outputs.set(name, { buffer: b, shape: t.shape, order: orders.get(t)! });
  }
  // Every new state value gets a buffer of its own, in the state's order; below it may become the state's own memory.
  const updates = new Map<State, Buffer>();
  for (const [s, t] of graph.updates) {
    const order = stateOrders.get(s)!;
    const own = opOf(t) !== undefined && !taken.has(of(t)) && `${orders.get(t)}` === `${order}`;
    const b = own ? of(t) : copyOf(t, `new ${s.name}`, order);
    taken.add(b);
    updates.set(s, b);
  }

  const fused = fuse(kernels, taken);
  const groups: Kernel[][] = [];
  const flats = new Map<Buffer, Buffer>();
  const flat = (b: Buffer): Buffer => {
    if (b.shape.length === 1 && !strides.has(b)) return b;
    const twin = flats.get(b) ?? flatTwin(b, strides.get(b));
    flats.set(b, twin);
    return twin;
  };
  const pass = (isBackward: boolean): Set<Buffer> =>
    new Set([...buffers].flatMap(([t, b]) => (t.backward === isBackward ? [flat(b)] : [])));
  spaceApart(fused, taken, strides);
  const { chains, inChains } = chained(fused, taken, strides, flat);
  const transformed = new Set(fused.filter((k) => tablesOf(k.body).length > 0).map((k) => k.out));
  for (const k of fused) {
    const chain = chains.get(k);
    if (!chain && inChains.has(k)) continue;
    // What prepares a kernel's operands, or sums its parts, belongs where it does.
    const made = chain ?? prepare(k, strides, flat, transformed);
    groups.push(made.map((own) => ({ ...(k.origin && { origin: k.origin }), ...own })));
  }
  const placed = new Set([...inputs.values(), ...outputs.values(), ...states.values()].map((slot) => flat(slot.buffer)));
  for (const b of updates.values()) placed.add(flat(b));
  const flattened = <K>(slots: ReadonlyMap<K, Slot>): Map<K, Slot> =>
    new Map([...slots].map(([k, v]) => [k, { ...v, buffer: flat(v.buffer) }]));
  return {
    groups: withSiblings(withoutCopies(groups, placed), new Map([...updates].map(([s, b]) => [flat(b), flat(states.get(s)!.buffer)]))),
    inputs: flattened(inputs),
    outputs: flattened(outputs),
    states: flattened(states),
    constants: new Map([...constants].map(([b, v]) => [flat(b), v])),
    updates: new Map([...updates].map(([s, b]) => [s, flat(b)])),
    forward: pass(false),
    backward: pass(true),
  };
}

/** One logical kernel as addressed ones. What makes the buffers in `transformed` may write any order. */
function prepare(given: Kernel, strides: Map<Buffer, Strides>, flat: (b: Buffer) => Buffer, transformed: ReadonlySet<Buffer>): Kernel[] {
  const strideOf = (b: Buffer): Strides => present(strides.get(b), `layout of ${b.name}`);
  const address = (k: Kernel): Kernel => addressKernel(k, strideOf, flat);
  const kernel = splitTiles(given);
  if (tablesOf(kernel.body).length > 0) {
    const [read] = loadsOf(kernel.body);
    const halo = read && canHalo(read) ? haloOf([read]) : undefined;
    if (halo) strides.set(halo.copy.out, spacedStrides(halo.copy.out.shape, channelsLast(halo.copy.out.shape)));
    const clear = halo ? { ...kernel, body: mapExpr(kernel.body, (e) => (e === read ? halo.moved(read) : e)) } : kernel;
    const tiled = transformRoles(address(clear));
    return tiled ? [...(halo ? [address(halo.copy)] : []), tiled] : [address(kernel)];
  }
  const parts = splitPhases(kernel).map((phase) => ({ phase, split: splitLongSum(phase) }));
  const products = new Products(
    parts.map(({ phase, split }) => split?.parts ?? phase),
    { strides, address, transformed },
  );
  return parts.flatMap(({ phase, split }) => {
    if (!split) return products.prepared(phase);
    // Partial results lie like the result, one after the other.
    strides.set(split.partial, [sizeOf(phase.out.shape), ...strideOf(phase.out)]);
    return [...products.prepared(split.parts), address(split.total)];
  });
}

function nameOf(t: Tensor, i: number): string {
  const { source } = t;
  const what =
    source.kind === "op"
      ? source.op.name
      : source.kind === "state"
        ? source.state.name
        : source.kind === "input"
          ? source.name
          : "constant";
  return `%${i} ${what}`;
}
