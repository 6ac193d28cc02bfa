/** From graph to addressed kernels: fused, with their guards, long sums and contractions prepared for tiles of SIMD lanes. */
import { present } from "../base/assert.ts";
import type { NdArray } from "../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import { statesOf } from "../ir/graph.ts";
import { kernelsOf } from "../ir/op.ts";
import type { State } from "../ir/state.ts";
import { opOf, type Tensor } from "../ir/tensor.ts";
import { addressKernel, flatTwin, offsetOf, type Strides } from "../kernel/address.ts";
import { type Chain, chainOf, gradientChainOf } from "../kernel/chain.ts";
import { contract, factors } from "../kernel/contraction.ts";
import { type Buffer, buffer, constant, type Load, load, loadsOf, mul, tablesOf } from "../kernel/expr.ts";
import { fuse } from "../kernel/fuse.ts";
import { canHalo, haloOf } from "../kernel/halo.ts";
import type { Axis } from "../kernel/int.ts";
import { buffersRead, compute, type Kernel } from "../kernel/kernel.ts";
import { splitPhases } from "../kernel/phases.ts";
import { retargeted } from "../kernel/retarget.ts";
import { splitLongSum } from "../kernel/split.ts";
import { splitTiles, transformRoles } from "../kernel/transform.ts";
import { channelsLast, layout, type Order } from "../passes/layout.ts";

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

/** Fewer multiply-adds than this are not worth copies of operands. */
const SMALL_PRODUCT = 2048;

/** A sum this long along one axis should not test guards in it. */
const LONG_GUARDED = 8;

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
  for (const t of graph.nodes) {
    const node = opOf(t);
    if (node) kernels.push(...kernelsOf(node.op, node.inputs.map(of), of(t), node.attrs));
    else if (t.source.kind === "constant") {
      const { value } = t.source;
      if (value.dtype === "f32" && value.data.length === 1) kernels.push(compute("constant", of(t), {}, () => constant(value.data[0]!)));
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
    kernels.push(compute("copy", copy, {}, (axes) => load(of(t), axes)));
    return copy;
  };

  const states = new Map<State, Slot>();
  for (const s of statesOf(graph)) {
    const t = graph.nodes.find((n) => n.source.kind === "state" && n.source.state === s);
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
    const twin = flats.get(b) ?? flatTwin(b);
    flats.set(b, twin);
    return twin;
  };
  const pass = (isBackward: boolean): Set<Buffer> =>
    new Set([...buffers].flatMap(([t, b]) => (t.backward === isBackward ? [flat(b)] : [])));
  const chains = new Map<Kernel, readonly Kernel[]>();
  const inChains = new Set<Kernel>();
  const transforms = new Set<Kernel>();
  for (const [last, chain] of findChains(fused, taken)) {
    const prepared = chain.length === 3 ? prepareChain(chain, strides, flat) : prepareGradient(chain, strides, flat);
    if (!prepared) continue;
    chains.set(last, prepared);
    for (const k of chain.slice(-2)) inChains.add(k);
    for (const k of chain.slice(0, -2)) transforms.add(k);
  }
  // A transform that only chains read is made within each of them.
  const read = new Set(fused.filter((k) => !inChains.has(k)).flatMap(buffersRead));
  for (const k of transforms) if (!read.has(k.out)) inChains.add(k);
  for (const k of fused) {
    const chain = chains.get(k);
    if (chain) groups.push([...chain]);
    else if (!inChains.has(k)) groups.push(prepare(k, strides, flat));
  }
  const placed = new Set([...inputs.values(), ...outputs.values(), ...states.values()].map((slot) => flat(slot.buffer)));
  for (const b of updates.values()) placed.add(flat(b));
  const flattened = <K>(slots: ReadonlyMap<K, Slot>): Map<K, Slot> =>
    new Map([...slots].map(([k, v]) => [k, { ...v, buffer: flat(v.buffer) }]));
  return {
    groups: withoutCopies(groups, placed),
    inputs: flattened(inputs),
    outputs: flattened(outputs),
    states: flattened(states),
    constants: new Map([...constants].map(([b, v]) => [flat(b), v])),
    updates: new Map([...updates].map(([s, b]) => [s, flat(b)])),
    forward: pass(false),
    backward: pass(true),
  };
}

/** A transform, the product that alone reads it, and the transform back; or two transforms, their product and the transform of that. */
type ChainKernels = readonly [Kernel, Kernel, Kernel] | readonly [Kernel, Kernel, Kernel, Kernel];

const isTransform = (k: Kernel): boolean => tablesOf(k.body).length > 0;

/** Kernels that may run block by block, by the last of them. */
function findChains(kernels: readonly Kernel[], kept: ReadonlySet<Buffer>): Map<Kernel, ChainKernels> {
  const readers = new Map<Buffer, Kernel[]>();
  const makers = new Map<Buffer, Kernel[]>();
  for (const k of kernels) {
    makers.set(k.out, [...(makers.get(k.out) ?? []), k]);
    for (const b of buffersRead(k)) readers.set(b, [...(readers.get(b) ?? []), k]);
  }
  /** What alone makes `b`, which is not needed for itself. */
  const madeBy = (b: Buffer): Kernel | undefined => {
    const made = makers.get(b) ?? [];
    return made.length === 1 && !kept.has(b) ? made[0] : undefined;
  };
  const isAlone = (b: Buffer): boolean => readers.get(b)!.length === 1;
  const chains = new Map<Kernel, ChainKernels>();
  for (const last of kernels) {
    const [load] = loadsOf(last.body);
    const middle = load && isTransform(last) && isAlone(load.buffer) ? madeBy(load.buffer) : undefined;
    const pair = middle && factors(middle);
    const made = pair?.map((l) => madeBy(l.buffer)).filter((k) => k !== undefined && isTransform(k)) as Kernel[] | undefined;
    // The filters of a convolution are transformed too, but for all tiles: their product has no sum over tiles.
    const [a, b] = made ?? [];
    if (!middle || !a) continue;
    const overTiles = pair!.every((l) => l.index[2]?.axis === middle.reduce[0]);
    if (b && overTiles) chains.set(last, [b, a, middle, last]);
    else {
      const tiles = middle.at[2]?.axis;
      const first = made!.find((k) => pair!.some((l) => l.buffer === k.out && l.index[2]?.axis === tiles));
      if (first) chains.set(last, [first, middle, last]);
    }
  }
  return chains;
}

/** A weight gradient as a chain, then the sum of its parts; undefined where the kernels do not fit. */
function prepareGradient(
  kernels: readonly [Kernel, Kernel, Kernel, Kernel],
  strides: Map<Buffer, Strides>,
  flat: (b: Buffer) => Buffer,
): Kernel[] | undefined {
  const chain = gradientChainOf(...kernels);
  if (!chain) return undefined;
  const strideOf = (b: Buffer): Strides => present(strides.get(b), `layout of ${b.name}`);
  const own = chain.perBlock[0].chain!;
  for (const b of own.locals) strides.set(b, stridesOf(b.shape, channelsLast(b.shape)));
  if (chain.total) strides.set(chain.total.partial, [sizeOf(chain.total.kernel.out.shape), ...strideOf(chain.total.kernel.out)]);
  const address = (k: Kernel): Kernel => addressKernel(k, strideOf, flat);
  const [toV, toD] = [transformRoles(address(chain.perBlock[0])), transformRoles(address(chain.perBlock[1]))];
  const [product, ...others] = contract(address(chain.perBlock[2]), false) ?? [];
  const back = transformRoles(address(chain.perPart));
  if (!toV || !toD || !back || !product?.contraction || others.length > 0 || product.contraction.outer.length > 0) return undefined;
  const blocks: Chain = { ...own, locals: own.locals.map(flat) };
  const linked = [toV, toD, product, back].map((k) => ({ ...k, chain: blocks }));
  return [...linked, ...(chain.total ? [address(chain.total.kernel)] : [])];
}

/** The kernels as a chain in blocks, after what prepares their operands; undefined where they do not fit. */
function prepareChain(
  kernels: readonly [Kernel, Kernel, Kernel],
  strides: Map<Buffer, Strides>,
  flat: (b: Buffer) => Buffer,
): Kernel[] | undefined {
  const chain = chainOf(...kernels);
  if (!chain) return undefined;
  for (const b of chain[0].chain!.locals) strides.set(b, stridesOf(b.shape, channelsLast(b.shape)));
  const address = (k: Kernel): Kernel => addressKernel(k, (b) => present(strides.get(b), `layout of ${b.name}`), flat);
  const [to, middle, from] = chain.map(address) as [Kernel, Kernel, Kernel];
  const [first, last] = [transformRoles(to), transformRoles(from)];
  const tiled = contract(middle);
  const main = tiled?.at(-1);
  if (!first || !last || !main?.contraction || main.contraction.outer.length > 0) return undefined;
  const blocks: Chain = { ...first.chain!, locals: first.chain!.locals.map(flat) };
  const link = (k: Kernel): Kernel => ({ ...k, chain: blocks });
  // What comes before the product prepares u, once.
  const before = tiled!.slice(0, -1).map(({ chain: _, ...k }) => k);
  return [...before, link(first), link(main), link(last)];
}

/** The groups without copies that the transforms before them can make themselves. `placed` are buffers that somebody outside knows. */
function withoutCopies(groups: readonly (readonly Kernel[])[], placed: ReadonlySet<Buffer>): Kernel[][] {
  const all = groups.flat();
  const uses = (of: (k: Kernel) => readonly Buffer[]): Map<Buffer, Kernel[]> => {
    const found = new Map<Buffer, Kernel[]>();
    for (const k of all) for (const b of of(k)) found.set(b, [...(found.get(b) ?? []), k]);
    return found;
  };
  const [writers, readers] = [uses((k) => [k.out]), uses(buffersRead)];
  const replaced = new Map<Kernel, Kernel | undefined>();
  for (const copy of all) {
    const [source, ...more] = buffersRead(copy);
    const [maker, ...others] = (source && writers.get(source)) ?? [];
    if (!maker?.transform || others.length + more.length > 0 || placed.has(source!) || readers.get(source!)!.length > 1) continue;
    const direct = retargeted(maker, copy);
    if (!direct) continue;
    replaced.set(maker, direct);
    replaced.set(copy, undefined);
  }
  return groups.map((g) => g.flatMap((k) => (replaced.has(k) ? (replaced.get(k) ?? []) : [k])));
}

/** One logical kernel as addressed ones. */
function prepare(given: Kernel, strides: Map<Buffer, Strides>, flat: (b: Buffer) => Buffer): Kernel[] {
  const strideOf = (b: Buffer): Strides => present(strides.get(b), `layout of ${b.name}`);
  const address = (k: Kernel): Kernel => addressKernel(k, strideOf, flat);
  const kernel = splitTiles(given);
  if (tablesOf(kernel.body).length > 0) {
    const addressed = address(kernel);
    return [transformRoles(addressed) ?? addressed];
  }
  return splitPhases(kernel).flatMap((phase) => {
    const split = splitLongSum(phase);
    if (!split) return product(phase, strides, address);
    // Partial results lie like the result, one after the other.
    strides.set(split.partial, [sizeOf(phase.out.shape), ...strideOf(phase.out)]);
    return [...product(split.parts, strides, address), address(split.total)];
  });
}

/** A product with roles for tiles and copies of its operands, where it is one and worth it. */
function product(k: Kernel, strides: Map<Buffer, Strides>, address: (k: Kernel) => Kernel): Kernel[] {
  const pair = factors(k);
  const products = [...k.axes, ...k.reduce].reduce((n, a) => n * a.extent, 1);
  if (!pair || products < SMALL_PRODUCT || !pair.every((l) => l.guards.length === 0 || canHalo(l))) return [address(k)];
  const copies: Kernel[] = [];
  const lane = k.axes.find((x) => x.extent > 1 && offsetOf(k.at, present(strides.get(k.out), "layout")).step(x) === 1);
  const operand = (l: Load): Load => {
    const order = copyOrder(l, lane, present(strides.get(l.buffer), "layout"));
    if (!order) return l;
    const { copy, load: moved } = haloOf(l);
    strides.set(moved.buffer, stridesOf(moved.buffer.shape, order));
    copies.push(copy);
    return moved;
  };
  const clear: Kernel = { ...k, body: mul(operand(pair[0]), operand(pair[1])) };
  const tiled = contract(address(clear));
  if (tiled) return [...copies.map(address), ...tiled];
  // Without tiles a margin pays where the guards run with a long sum: a loop over outputs has its own guardless interior.
  return k.reduce.some((a) => a.extent >= LONG_GUARDED && guardsRunWith(pair, a)) ? [...copies, clear].map(address) : [address(k)];
}

/** Whether a guard changes along `a`. */
const guardsRunWith = (loads: readonly Load[], a: Axis): boolean => loads.some((l) => l.guards.some((g) => g.at.step(a) !== 0));

/** The order in which a product's operand must be copied, with a margin, before tiles can read it; undefined where it can stay. */
function copyOrder(l: Load, lane: Axis | undefined, strides: Strides): Order | undefined {
  const plain = channelsLast(l.buffer.shape);
  const along = lane ? l.index.findIndex((i) => i.step(lane) !== 0) : -1;
  if (lane && along >= 0 && l.index[along]!.step(lane) === 1 && strides[along] !== 1 && overlaps(l)) {
    return [...plain.filter((d) => d !== along), along];
  }
  return l.guards.length > 0 ? plain : undefined;
}

/** Whether windows overlap so much that laying them out one by one would multiply the array. */
function overlaps(l: Load): boolean {
  const axes = new Set(l.index.flatMap((i) => [...i.axes()]));
  return [...axes].reduce((n, a) => n * a.extent, 1) > 2 * sizeOf(l.buffer.shape);
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
