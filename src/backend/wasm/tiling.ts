/** How a contraction is cut: rows into register tiles, all of it into items. */
import type { Contraction } from "../../kernel/contraction.ts";
import type { Load } from "../../kernel/expr.ts";
import type { Axis } from "../../kernel/int.ts";
import { affineRange } from "./affine.ts";
import { bytesOfA, bytesOfB, NEAR, nearBytes, termsOf } from "./roles.ts";

/** So many tiles of `height` rows. */
export interface Rows {
  readonly height: number;
  readonly count: number;
}

/**
 * Rows as tiles of at most `tallest` rows, as even as can be, because a short tile waits for its own additions:
 * 14 = 5 + 5 + 4, 7 = 4 + 3.
 */
export function tileRows(rows: number, tallest: number): readonly Rows[] {
  const tiles = Math.ceil(rows / tallest);
  const height = Math.ceil(rows / tiles);
  const tall = rows - tiles * (height - 1);
  const list = [
    { height, count: tall },
    { height: height - 1, count: tiles - tall },
  ];
  return list.filter((r) => r.count > 0 && r.height > 0);
}

/**
 * Tallest tile with two vectors of lanes: 4 rows take two steps at once, 5 take one, and go better with odd lengths. A fused
 * multiply-add needs no register for the product, which makes room for 6.
 */
export const tallestTile = (rows: number, vectors: number, terms: number, fused: boolean): number =>
  vectors === 1 ? 8 : fused ? 6 : rows % 4 === 0 && terms % 2 === 0 ? 4 : 5;

/** Item number = (panel group, point of the first batch axes, row group), the last fastest. */
export interface Blocking {
  readonly panelGroup: number;
  readonly panelGroups: number;
  /** Rows of each row group but, if it does not divide, the last. */
  readonly rowGroup: number;
  readonly rowGroups: number;
  /** How many batch axes, counted from the innermost, are loops within an item, inside the outer axes. */
  readonly within: number;
  readonly items: number;
}

export interface BlockingOptions {
  /** Whether threads share the items. Default true. */
  readonly shared?: boolean;
  /** Whether tiles take fused multiply-add. Default false. */
  readonly fused?: boolean;
}

/** The cheapest way to group panels, rows and batch axes, by estimated cycles. */
export function chooseBlocking(roles: Contraction, { shared = true, fused = false }: BlockingOptions = {}): Blocking {
  const rows = roles.rows?.extent ?? 1;
  const panels = roles.panels?.extent ?? 1;
  let best: { blocking: Blocking; cost: number } | undefined;
  for (const rowGroup of rowGroupsOf(rows)) {
    for (let panelGroup = panels; panelGroup > 0; panelGroup = panelGroup === 1 ? 0 : Math.ceil(panelGroup / 2)) {
      for (let within = 0; within <= (roles.outer.length > 0 ? roles.batch.length : 0); within++) {
        const [rowGroups, panelGroups] = [Math.ceil(rows / rowGroup), Math.ceil(panels / panelGroup)];
        const points = product(roles.batch.slice(0, roles.batch.length - within));
        const blocking = { panelGroup, panelGroups, rowGroup, rowGroups, within, items: panelGroups * points * rowGroups };
        const cost = cyclesOf(roles, blocking, fused) * (shared ? unevenness(blocking.items) : 1);
        if (!best || cost < best.cost) best = { blocking, cost };
      }
    }
  }
  return best!.blocking;
}

const product = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.extent, 1);

/** How much longer few and many threads take for items that do not divide evenly among them. */
function unevenness(items: number): number {
  const of = (threads: number): number => (Math.ceil(items / threads) * threads) / items;
  return (of(4) + of(16)) / 2;
}

/** Sizes of row groups worth a thought: all rows, and fewer in whole tiles, by halves. */
function rowGroupsOf(rows: number): number[] {
  const sizes = new Set([rows]);
  for (let wanted = rows / 2; wanted >= 4 && sizes.size < 16; wanted /= 2) {
    const near = [0, 1, 2, 3, 4, 5].map((i) => Math.round(wanted) - i);
    sizes.add(near.find((n) => n > 3 && rows % n === 0 && n % 4 === 0) ?? near.find((n) => n > 3 && n % 4 === 0) ?? 4);
  }
  return [...sizes];
}

/** What stays in a core's second-level cache, in bytes, while other data pass through. */
const CACHE = 256 * 1024;
/** Bytes a cycle that come from the second-level cache, and from beyond. */
const [FROM_CACHE, FROM_FAR] = [64, 4];
/** Cycles to start an item, and a tile. */
const [ITEM, TILE] = [200, 50];

/** Estimated cycles of all items on one core. */
function cyclesOf(roles: Contraction, b: Blocking, fused: boolean): number {
  const rows = roles.rows?.extent ?? 1;
  const terms = termsOf(roles);
  const visits = product(roles.outer);
  const passes = product(roles.batch) * visits * (roles.panels?.extent ?? 1);
  const vectors = roles.lanes.extent / 4;
  const spills = nearBytes(roles, b.rowGroup) > NEAR;
  const length = roles.inner.at(-1)?.extent ?? 1;
  const tile = (height: number): number =>
    (Math.max(height * vectors, 5) / 2) * terms + TILE + (spills ? (terms * 16 * height) / FROM_CACHE : 0);
  const tiles = (n: number): number =>
    tileRows(n, tallestTile(n, vectors, length, fused)).reduce((sum, t) => sum + t.count * tile(t.height), 0);
  const arithmetic = passes * ((b.rowGroups - 1) * tiles(b.rowGroup) + tiles(rows - (b.rowGroups - 1) * b.rowGroup));

  const ofA = bytesOfA(roles, b.rowGroup);
  const ofB = bytesOfB(roles, b.panelGroup);
  const readA = b.items * visits * ofA * (ofA > CACHE ? b.panelGroup : 1);
  const readB = b.items * visits * ofB;
  const speed = (bytes: number, all: number): number => bytes / (all <= CACHE ? FROM_CACHE : FROM_FAR);
  // without outer axes the same panels serve item after item
  const stays = roles.outer.length === 0 && ofB <= CACHE;
  const cyclesB = stays ? (ofB > NEAR ? readB / FROM_CACHE : 0) + (b.panelGroups * ofB) / FROM_FAR : speed(readB, sizeOf(roles.b));
  return b.items * ITEM + arithmetic + speed(readA, sizeOf(roles.a)) + cyclesB;
}

/** Bytes between the first and last element that a load reaches. */
function sizeOf(l: Load): number {
  const { min, max } = affineRange(l.index[0]!.takeApart(), () => true);
  return 4 * (max - min + 1);
}
