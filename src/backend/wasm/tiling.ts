/** How a contraction is cut: rows into register tiles, all of it into items. */
import type { Contraction } from "../../kernel/contraction.ts";
import type { Axis } from "../../kernel/int.ts";

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

/** Item number = (panel group, point of the batch axes, row group), the last fastest. */
export interface Blocking {
  readonly panelGroup: number;
  readonly panelGroups: number;
  /** Rows of each row group but, if it does not divide, the last. */
  readonly rowGroup: number;
  readonly rowGroups: number;
  readonly items: number;
}

/** Enough for sixteen threads to share evenly. */
const ENOUGH = 64;
/** Bytes of `b` that are read again and again while they last in the second-level cache. */
const B_BYTES = 512 * 1024;
/** Bytes of `a` that a row group reads: they should stay in the first-level cache while panel after panel passes. */
const A_BYTES = 24 * 1024;

/**
 * A small `b` is read whole for each group of rows. A large one is cut into groups of panels that stay in the cache, and
 * the panel groups go outermost, so that each is brought in once and a thread sees few of them.
 */
export function chooseBlocking(roles: Contraction): Blocking {
  const product = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.extent, 1);
  const terms = product(roles.inner);
  const rows = roles.rows?.extent ?? 1;
  const panels = roles.panels?.extent ?? 1;
  const points = product(roles.batch);
  const ofPanel = terms * roles.lanes.extent * 4;

  let panelGroups = Math.min(panels, Math.ceil((panels * ofPanel) / B_BYTES));
  let rowGroups = Math.ceil((rows * terms * 4) / A_BYTES);
  if (points * panelGroups * rowGroups < ENOUGH) rowGroups = Math.ceil(ENOUGH / (points * panelGroups));
  const rowGroup = groupOf(rows, rowGroups);
  rowGroups = Math.ceil(rows / rowGroup);
  if (points * panelGroups * rowGroups < ENOUGH) panelGroups = Math.min(panels, Math.ceil(ENOUGH / (points * rowGroups)));
  const panelGroup = Math.ceil(panels / panelGroups);
  panelGroups = Math.ceil(panels / panelGroup);
  return { panelGroup, panelGroups, rowGroup, rowGroups, items: panelGroups * points * rowGroups };
}

/** Rows per group, for about so many groups: whole tiles, dividing all rows if a divisor is near. */
function groupOf(rows: number, groups: number): number {
  const wanted = Math.max(1, Math.ceil(rows / groups));
  if (wanted >= rows) return rows;
  const least = Math.max(4, Math.floor(wanted / 2));
  for (let n = wanted; n >= least; n--) if (rows % n === 0 && n % 4 === 0) return n;
  for (let n = wanted; n >= least; n--) if (rows % n === 0 && n > 7) return n;
  return Math.max(4, wanted - (wanted % 4));
}
