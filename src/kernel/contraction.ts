/**
 * A contraction is a sum of products of two loads: matrix products, convolutions and all their gradients. Its axes get
 * roles here, in the addressed kernel, so that one register-tile template serves them all:
 *
 *   for batch, for outer:                       (outer: reduction axes whose partial sums live in `out`)
 *     for panel, for tiles of rows:
 *       tile[row][lane] = 0, or out where an outer iteration has been
 *       for inner:  tile[row][lane] += a[row, inner] * b[inner, lane]
 *       out = tile
 *
 * `a` is read an element at a time and spread over the lanes, `b` a vector at a time.
 */

import { LINE, offset } from "./address.ts";
import { buffer, type Expr, type Load, substituteAxes } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import { type Kernel, kernelOf } from "./kernel.ts";
import { mergeAxes } from "./merge.ts";

export interface Contraction {
  /** The load that does not vary along `lanes`. Unguarded. */
  readonly a: Load;
  /** The load that varies along `lanes`, by 1. Along `rows` it varies only where a does not. Unguarded; in the last panel it may be read past its end. */
  readonly b: Load;
  /** Output axes outside the tile, outermost first. */
  readonly batch: readonly Axis[];
  /** Axis of the tile's rows: all offsets change along it by constants, a's or, where few rows would share b, b's. Undefined for one row. */
  readonly rows: Axis | undefined;
  /** Which group of `lanes`; undefined for one group. The lane index of the output is panel * lanes.extent + lane. */
  readonly panels: Axis | undefined;
  /** 4 or 8 neighbours in `b`, and as a rule in `out`. In the last panel lanes may lie outside the kernel's `within`; those are not stored. */
  readonly lanes: Axis;
  /** Reduction axes outside the tile, outermost first. If there are any, the epilogue is `acc` alone. */
  readonly outer: readonly Axis[];
  /** Reduction axes inside the tile, outermost first; a's and b's offsets change along each by constants. */
  readonly inner: readonly Axis[];
}

/** Rows that must share a panel of b before copying it into panels pays. */
const PACK_ROWS = 32;
/** Bytes of `a` that one tile may walk through before its partial sums should go to memory: half of a small first-level cache. */
const INNER_BYTES = 16 * 1024;

/** So few rows leave the processor waiting for its own additions. */
const FEW_ROWS = 2;
/** So few neighbours in `out` do not fill a vector, or leave it alone. */
const NARROW = 4;
/** Terms of a sum that hide stores of single lanes. */
const LONG_SUM = 64;

/**
 * The axis of the lanes: neighbours in the result along which one factor varies; or, where these are too few for a vector, the first axis along
 * which one factor has neighbours by one of the `measures`, if the sums are long enough to store them one by one.
 */
export function laneOf(
  k: Kernel,
  pair: readonly Load[],
  store: (x: Axis) => number,
  measures: readonly ((l: Load, x: Axis) => number)[],
): Axis | undefined {
  const varying = (x: Axis): readonly Load[] => pair.filter((l) => l.index.some((i) => i.step(x) !== 0));
  const plain = k.axes.find((x) => x.extent > 1 && store(x) === 1 && varying(x).length === 1);
  if ((plain?.extent ?? 1) > NARROW || extentOf(k.reduce) < LONG_SUM) return plain;
  const apart = (step: (l: Load, x: Axis) => number): Axis | undefined =>
    k.axes.find((x) => {
      const [l, ...others] = varying(x);
      const fills = x.extent / Math.ceil(x.extent / 8) >= 6;
      return fills && l && others.length === 0 && step(l, x) === 1;
    });
  return measures.map(apart).find((x) => x !== undefined) ?? plain;
}

/** The two factors, if the kernel is a plain sum of products of f32 loads. */
export function factors(k: Kernel): readonly [Load, Load] | undefined {
  const { body } = k;
  if (k.combine !== "sum" || k.reduce.length === 0 || body.kind !== "binary" || body.fn !== "mul") return undefined;
  const { a, b } = body;
  return a.kind === "load" && b.kind === "load" && a.buffer.dtype === "f32" && b.buffer.dtype === "f32" ? [a, b] : undefined;
}

/** Whether b is copied into panels: where enough rows share them; always, where what makes b can write them itself; or never. */
export type Packing = "pays" | "always" | "never";

/**
 * The addressed kernel with roles, after the kernels that prepare its operands; undefined where no tile fits (no axis along
 * which exactly one factor and the result are contiguous).
 */
export function contract(given: Kernel, packing: Packing = "pays"): Kernel[] | undefined {
  const k = withoutUnitAxes(given);
  const pair = factors(k);
  if (!pair || pair.some((l) => l.guards.length > 0 || !offset(l).affine)) return undefined;
  const steps = (l: Load, x: Axis): number => offset(l).step(x) ?? Number.NaN;
  const store = (x: Axis): number => k.at[0]!.step(x) ?? 0;
  const lane = laneOf(k, pair, store, packing === "never" ? [] : [steps]);
  if (!lane) return undefined;
  const [a, b] = steps(pair[0], lane) === 0 ? pair : [pair[1], pair[0]];
  const free = k.axes.filter((x) => x !== lane);
  const sharing = free.filter((x) => steps(a, x) !== 0 && steps(b, x) === 0).sort((x, y) => store(y) - store(x));
  const apart = free.filter((x) => steps(a, x) === 0).sort((x, y) => steps(b, x) - steps(b, y));
  const rowAxes = extentOf(sharing) > FEW_ROWS ? sharing : apart.slice(0, 1).concat(sharing).slice(0, 1);
  const batch = free.filter((x) => !rowAxes.includes(x));
  const { kernel, lanes, panels } = splitLanes({ ...k, axes: [...batch, ...rowAxes, lane] }, lane);

  const tied = mergeAxes(kernel, rowAxes);
  const rows = tied.merged.findLast((x) => x.extent > FEW_ROWS) ?? tied.merged.at(-1);
  const outerRows = tied.merged.filter((x) => x !== rows);
  const merged = mergeAxes(tied.kernel, tied.kernel.reduce);
  const [first, second] = factors(merged.kernel)!;
  const [ra, rb] = pair[0] === a ? [first, second] : [second, first];
  // One panel of contiguous lanes is streamed well as it lies.
  if (packing === "never" && steps(b, lane) !== 1) return undefined;
  const pays = packing === "always" || (packing === "pays" && extentOf(sharing) >= PACK_ROWS);
  const packs = steps(b, lane) !== 1 || (pays && panels !== undefined);
  const packed = packs ? pack(merged.kernel, rb, [...batch, ...tied.merged], merged.merged, panels, lanes) : undefined;
  const main = packed ? { ...merged.kernel, body: replaceFactor(merged.kernel.body, rb, packed.load) } : merged.kernel;
  const { outer, inner } = splitReduction(ra, merged.merged, rows);
  const roles: Contraction = { a: ra, b: packed?.load ?? rb, batch: [...batch, ...outerRows], rows, panels, lanes, outer, inner };
  return [...(packed ? [packed.kernel] : []), ...withRoles(main, roles, k)];
}

function replaceFactor(body: Expr, old: Load, by: Load): Expr {
  if (body.kind !== "binary") return body;
  return { ...body, a: body.a === old ? by : body.a, b: body.b === old ? by : body.b };
}

/** Splits the lane axis into panels of 8, or of 4 where that is enough. */
function splitLanes(k: Kernel, lane: Axis): { kernel: Kernel; lanes: Axis; panels: Axis | undefined } {
  const lanes = axis("lane", lane.extent <= 4 ? 4 : 8);
  const count = Math.ceil(lane.extent / lanes.extent);
  const panels = count > 1 ? axis("panel", count) : undefined;
  const place = (panels ? Int.of(panels).mul(lanes.extent) : Int.of(0)).add(lanes);
  const map = new Map([[lane, place]]);
  const kernel: Kernel = {
    ...k,
    axes: k.axes.flatMap((x) => (x === lane ? [...(panels ? [panels] : []), lanes] : [x])),
    at: k.at.map((i) => i.substitute(map)),
    body: substituteAxes(k.body, map),
    post: substituteAxes(k.post, map),
    ...(lane.extent % lanes.extent === 0 ? {} : { within: [{ at: place, high: lane.extent }] }),
  };
  return { kernel, lanes, panels };
}

const extentOf = (axes: readonly Axis[]): number => axes.reduce((n, x) => n * x.extent, 1);

/** Elements at multiples of this distance share few of the sets of the first-level cache. */
const NEAR_SETS = 128;

/** b copied into panels: [batch of b][panel][reduction][lane], so that the inner loop streams it. Lanes beyond the end hold zeros. */
function pack(k: Kernel, b: Load, batch: readonly Axis[], reduce: readonly Axis[], panels: Axis | undefined, lanes: Axis) {
  const own = batch.filter((x) => offset(b).step(x) !== 0);
  const order = [...own, ...(panels ? [panels] : []), ...reduce, lanes];
  const from = new Map(order.map((x) => [x, axis(x.name, x.extent)]));
  // What makes b may walk all of its batch at once: at such distances its elements would fall into the same sets of the cache.
  const apart = own.length > 0 && extentOf(order.slice(own.length)) % NEAR_SETS === 0 ? LINE : 0;
  let stride = 1;
  let place = Int.of(0);
  for (const [i, x] of [...order.entries()].reverse()) {
    place = Int.of(x).mul(stride).add(place);
    stride = stride * x.extent + (i === own.length ? apart : 0);
  }
  const out = buffer(`${b.buffer.name}.panels`, [stride]);
  const renamed = new Map([...from].map(([x, y]) => [x, Int.of(y)]));
  const guards = (k.within ?? []).map((w) => ({ test: "inRange", at: w.at.substitute(renamed), low: 0, high: w.high }) as const);
  const body: Load = { ...b, index: b.index.map((i) => i.substitute(renamed)), guards };
  const kernel = kernelOf("panels", out, [...from.values()], [place.substitute(renamed)], [], {}, body);
  return { kernel, load: { ...b, buffer: out, index: [place], guards: [] } satisfies Load };
}

/** How many reduction axes, innermost first, one tile can walk before `a` leaves the cache; the others go outside. */
function splitReduction(a: Load, reduce: readonly Axis[], rows: Axis | undefined): { outer: readonly Axis[]; inner: readonly Axis[] } {
  // A row-contiguous `a` is read 16 bytes at a time from lines of 64; a reduction-contiguous one uses whole lines.
  const rowStep = rows ? Math.abs(offset(a).step(rows) ?? 0) : 0;
  let terms = 1;
  let inner = reduce.length;
  while (inner > 0) {
    const x = reduce[inner - 1]!;
    const bytes = terms * x.extent * (rowStep === 1 ? 64 : 4);
    if (inner < reduce.length && rowStep === 1 && bytes > INNER_BYTES) break;
    terms *= x.extent;
    inner--;
  }
  return { outer: reduce.slice(0, inner), inner: reduce.slice(inner) };
}

/** The kernel with roles; where partial sums live in memory, the epilogue of `plain`, the kernel before roles, comes after it. */
function withRoles(k: Kernel, contraction: Contraction, plain: Kernel): Kernel[] {
  if (contraction.outer.length === 0 || k.post.kind === "acc") return [{ ...k, contraction }];
  const sums = buffer(`${k.out.name}.sums`, k.out.shape);
  const main: Kernel = { ...k, out: sums, post: { kind: "acc", dtype: "f32" }, contraction };
  const total: Load = { kind: "load", buffer: sums, index: plain.at, guards: [], otherwise: 0 };
  return [main, { ...plain, name: `${k.name}.epilogue`, reduce: [], body: total }];
}

/** Axes of extent 1 occur in no index: Int.of made them 0. */
const withoutUnitAxes = (k: Kernel): Kernel => ({
  ...k,
  axes: k.axes.filter((x) => x.extent > 1),
  reduce: k.reduce.filter((x) => x.extent > 1),
});
