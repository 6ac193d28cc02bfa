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
import type { Load } from "./expr.ts";
import type { Axis } from "./int.ts";

export interface Contraction {
  /** The load that varies along `rows` and not along `lanes`. Unguarded. */
  readonly a: Load;
  /** The load that varies along `lanes`, by 1, and not along `rows`. Unguarded; in the last panel it may be read past its end. */
  readonly b: Load;
  /** Output axes outside the tile, outermost first. */
  readonly batch: readonly Axis[];
  /** Axis of the tile's rows: a's offset, out's offset and every load of the epilogue change along it by constants. Undefined for one row. */
  readonly rows: Axis | undefined;
  /** Which group of `lanes`; undefined for one group. The lane index of the output is panel * lanes.extent + lane. */
  readonly panels: Axis | undefined;
  /** 4 or 8 neighbours in `b` and in `out`. In the last panel lanes may lie outside the kernel's `within`; those are not stored. */
  readonly lanes: Axis;
  /** Reduction axes outside the tile, outermost first. If there are any, the epilogue is `acc` alone. */
  readonly outer: readonly Axis[];
  /** Reduction axes inside the tile, outermost first; a's and b's offsets change along each by constants. */
  readonly inner: readonly Axis[];
}
