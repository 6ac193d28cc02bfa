/**
 * Products of one logical kernel (all phases of a strided gradient, say) get roles for tiles, after copies of their operands where tiles
 * cannot read them as they lie: with a margin, or with the axis of the lanes innermost. One copy of an operand serves all of them.
 */
import { present } from "../base/assert.ts";
import { sizeOf, stridesOf } from "../base/shape.ts";
import { offsetOf, type Strides } from "../kernel/address.ts";
import { contract, factors, laneOf } from "../kernel/contraction.ts";
import { type Buffer, type Load, loadsOf, mul } from "../kernel/expr.ts";
import { canHalo, type Halo, haloOf } from "../kernel/halo.ts";
import type { Axis, Int } from "../kernel/int.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { channelsLast, type Order } from "../passes/layout.ts";

/** Fewer multiply-adds than this are not worth copies of operands. */
const SMALL_PRODUCT = 2048;

/** So many products of each element pay for a copy in which lanes lie side by side. */
const OFTEN = 8;

/** Elements of an operand that are few enough for a copy that saves no more than gathering lanes. */
const FEW = 64 * 1024;

/** A sum this long along one axis should not test guards in it. */
const LONG_GUARDED = 8;

/** What is known of all buffers. */
interface Context {
  /** Layouts; those of copies are added. */
  readonly strides: Map<Buffer, Strides>;
  readonly address: (k: Kernel) => Kernel;
  /** Buffers that their makers may write in any order. */
  readonly transformed: ReadonlySet<Buffer>;
}

export class Products {
  readonly #context: Context;
  /** All that the products read. */
  readonly #loads: readonly Load[];
  /** Copies by what they copy, and in which order. */
  readonly #halos = new Map<Buffer, Map<string, Halo>>();
  readonly #made = new Set<Halo>();

  constructor(products: readonly Kernel[], context: Context) {
    this.#loads = products.flatMap((k) => loadsOf(k.body));
    this.#context = context;
  }

  /** The kernel as addressed ones: with roles, after those copies that nobody has made yet, if it is a product and worth it. */
  prepared(k: Kernel): Kernel[] {
    const { address, transformed } = this.#context;
    const pair = factors(k);
    if (!pair || productsOf(k) < SMALL_PRODUCT || !pair.every((l) => l.guards.length === 0 || canHalo(l))) return [address(k)];
    const lane = this.#laneOf(k, pair);
    const halos = pair.map((l) => this.#haloOf(l, copyOrder(l, lane, this.#stridesOf(l.buffer))));
    const [a, b] = pair.map((l, i) => halos[i]?.moved(l) ?? l);
    const clear: Kernel = { ...k, body: mul(a!, b!) };
    const tiled = contract(address(clear), pair.some((l) => transformed.has(l.buffer)) ? "always" : "pays");
    if (tiled) return [...this.#copies(halos), ...tiled];
    // Without tiles a margin pays where the guards run with a long sum: a loop over outputs has its own guardless interior.
    const pays = k.reduce.some((x) => x.extent >= LONG_GUARDED && guardsRunWith(pair, x));
    return pays ? [...this.#copies(halos), address(clear)] : this.#untiled(k, pair);
  }

  /** The kernel after copies of small operands whose lanes it would have to gather: of a depthwise filter that is no parameter. */
  #untiled(k: Kernel, pair: readonly Load[]): Kernel[] {
    const out = this.#stridesOf(k.out);
    const lane = k.axes.find((x) => x.extent > 1 && offsetOf(k.at, out).step(x) === 1);
    const halos = pair.map((l) => this.#haloOf(l, lane && gatheredOrder(k, l, lane, this.#stridesOf(l.buffer))));
    const [a, b] = pair.map((l, i) => halos[i]?.moved(l) ?? l);
    return [...this.#copies(halos), this.#context.address({ ...k, body: mul(a!, b!) })];
  }

  #stridesOf(b: Buffer): Strides {
    return present(this.#context.strides.get(b), `layout of ${b.name}`);
  }

  #laneOf(k: Kernel, pair: readonly Load[]): Axis | undefined {
    const offset = (b: Buffer, index: readonly Int[]): Int => offsetOf(index, this.#stridesOf(b));
    const inMemory = (l: Load, x: Axis): number => offset(l.buffer, l.index).step(x) ?? 0;
    const isOften = (l: Load): boolean => productsOf(k) >= OFTEN * sizeOf(l.buffer.shape);
    const inCopy = (l: Load, x: Axis): number => (isOften(l) ? (l.index.find((i) => i.step(x) !== 0)?.step(x) ?? 0) : 0);
    return laneOf(k, pair, (x) => offset(k.out, k.at).step(x) ?? 0, [inMemory, inCopy]);
  }

  /** The copy of what `l` reads, in some order. */
  #haloOf(l: Load, order: Order | undefined): Halo | undefined {
    if (!order) return undefined;
    const known = this.#halos.get(l.buffer) ?? new Map<string, Halo>();
    this.#halos.set(l.buffer, known);
    const halo = known.get(`${order}`) ?? haloOf([l, ...this.#loads.filter((o) => o.buffer === l.buffer)]);
    known.set(`${order}`, halo);
    this.#context.strides.set(halo.copy.out, stridesOf(halo.copy.out.shape, order));
    return halo;
  }

  /** The kernels that make those copies that nobody has made yet. */
  #copies(halos: readonly (Halo | undefined)[]): Kernel[] {
    const fresh = [...new Set(halos)].filter((h) => h !== undefined && !this.#made.has(h)) as Halo[];
    for (const h of fresh) this.#made.add(h);
    return fresh.map((h) => this.#context.address(h.copy));
  }
}

/** Whether a guard changes along `a`. */
const guardsRunWith = (loads: readonly Load[], a: Axis): boolean => loads.some((l) => l.guards.some((g) => g.at.step(a) !== 0));

/** The order in which a product's operand must be copied, with a margin, before tiles can read it; undefined where it can stay. */
function copyOrder(l: Load, lane: Axis | undefined, strides: Strides): Order | undefined {
  const plain = channelsLast(l.buffer.shape);
  const along = lane ? l.index.findIndex((i) => i.step(lane) !== 0) : -1;
  const asItLies = l.guards.length === 0 && (strides[along] === 1 || !overlaps(l));
  if (lane && along >= 0 && l.index[along]!.step(lane) === 1 && !asItLies) {
    return [...plain.filter((d) => d !== along), along];
  }
  return l.guards.length > 0 ? plain : undefined;
}

/** The order with the lanes last, for a small operand that is read often and has them apart; undefined for others. */
function gatheredOrder(k: Kernel, l: Load, lane: Axis, strides: Strides): Order | undefined {
  const along = l.index.findIndex((i) => i.step(lane) === 1);
  const elements = sizeOf(l.buffer.shape);
  const pays = elements <= FEW && productsOf(k) >= OFTEN * elements;
  if (!pays || l.guards.length > 0 || along < 0 || strides[along] === 1) return undefined;
  return [...l.index.map((_, d) => d).filter((d) => d !== along), along];
}

const productsOf = (k: Kernel): number => [...k.axes, ...k.reduce].reduce((n, a) => n * a.extent, 1);

/** Whether windows overlap so much that laying them out one by one would multiply the array. */
function overlaps(l: Load): boolean {
  const axes = new Set(l.index.flatMap((i) => [...i.axes()]));
  return [...axes].reduce((n, a) => n * a.extent, 1) > 2 * sizeOf(l.buffer.shape);
}
