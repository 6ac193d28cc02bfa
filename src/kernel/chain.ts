/**
 * Chains: kernels of which each reads what the one before it made, run block by block, so that what is in between never leaves the cache.
 * A transform of tiles, a product for each frequency and the transform back are one: minimal filtering.
 *
 *   for each block:  make the block's v; product m = u v; write the block's part of the output
 *
 * v and m exist once for each thread, not for each block. Blocks are independent, so any split of them among threads gives the same bits.
 */

import { factors } from "./contraction.ts";
import { type Buffer, buffer, type Load, load, loadsOf, mapExpr, tablesOf } from "./expr.ts";
import { canHalo } from "./halo.ts";
import { type Axis, axis, Int } from "./int.ts";
import { buffersRead, type Kernel, kernelOf, reindex } from "./kernel.ts";
import { splitTiles } from "./transform.ts";

export interface Chain {
  /** The axes that number the blocks, outermost first. Kernels that lack them do the same for every block. */
  readonly blocks: readonly Axis[];
  /**
   * The first of `blocks`, where blocks add up: those of one part do so in order, and then come the kernels that have this axis alone.
   * Undefined where blocks are independent.
   */
  readonly part: Axis | undefined;
  /** What exists once for each thread. */
  readonly locals: readonly Buffer[];
}

/** Tiles that a block should have: its v and m stay in the second-level cache, and u is read from there once for each block. */
const TILES = 28;
/** Elements of u above which it does not stay in the cache from block to block. */
const MOST_FILTERS = 704 * 1024;
/** Fewer blocks than this leave threads idle. */
const FEWEST_BLOCKS = 8;
/** With fewer tiles in a block, most of the time would go into reading u. */
const FEWEST_TILES = 2;

/** A convolution as a chain: for each block, the copies with a margin that its transform reads, the transform, the product, the transform back. */
export interface ConvChain {
  readonly margins: readonly Kernel[];
  readonly to: Kernel;
  readonly product: Kernel;
  readonly from: Kernel;
}

/** Kernels `to`, `product` and `from` as a chain, if they are one; what they make in between must have no other reader. */
export function chainOf(to: Kernel, product: Kernel, from: Kernel): ConvChain | undefined {
  const [v, m] = [to.out, product.out];
  const pair = factors(product);
  const [ofV, u] = pair?.[0].buffer === v ? pair : [pair?.[1], pair?.[0]];
  if (!ofV || !u || ofV.buffer !== v || u.buffer === v || tablesOf(to.body).length === 0 || tablesOf(from.body).length === 0)
    return undefined;
  const back = splitTiles(from);
  const reads = [...loadsOf(back.body), ...loadsOf(back.post)].filter((l) => l.buffer === m);
  if (reads.length !== 1 || !buffersRead(back).includes(m) || m.shape.length !== 3 || v.shape.length !== 3) return undefined;
  const tiles = product.at[2]!.axis;
  if (!tiles || ofV.index[2]!.axis !== tiles || ofV.guards.length > 0 || reads[0]!.guards.length > 0) return undefined;
  const [ofTo, ofFrom] = [placesOf(to.at[2]!, to.axes), placesOf(reads[0]!.index[2]!, back.axes)];
  const [images, rows, ...rest] = ofTo;
  const same = ofTo.length === ofFrom.length && ofTo.every((a, d) => a.extent === ofFrom[d]!.extent);
  if (!images || !same || u.buffer.shape.reduce((n, e) => n * e, 1) > MOST_FILTERS) return undefined;

  const inRow = rest.reduce((n, a) => n * a.extent, 1);
  const size = blockOf(images.extent, rows?.extent ?? 1, inRow);
  if (!size) return undefined;
  const blocks = [axis("nb", images.extent / size.images), axis("rb", (rows?.extent ?? 1) / size.rows)];
  const count = size.images * size.rows * inRow;
  const [ownV, ownM] = [blockOfTiles(v, count), blockOfTiles(m, count)];
  const cut = (k: Kernel, places: readonly Axis[]): Cut => cutIntoBlocks(k, places, size, (i) => Int.of(blocks[i]!), blocks);
  const first = cut(to, ofTo);
  const last = cut(back, ofFrom);
  const margins = first.margin ? [first.margin] : [];
  const chain: Chain = { blocks, part: undefined, locals: [...margins.map((k) => k.out), ownV, ownM] };
  const inBlock = axis("tile", count);
  const middle = reindex(
    product,
    new Map([[tiles, Int.of(inBlock)]]),
    product.axes.map((a) => (a === tiles ? inBlock : a)),
    product.reduce,
  );
  return {
    margins: margins.map((k) => ({ ...k, chain })),
    to: { ...first.kernel, out: ownV, at: first.kernel.at.with(2, first.tile), chain },
    product: { ...middle, out: ownM, body: renamed(middle.body, v, ownV), chain },
    from: { ...last.kernel, body: renamed(last.kernel.body, m, ownM, last.tile), chain },
  };
}

interface Cut {
  /** Copies what the kernel reads in a block, where that reaches beyond the edges of an image. */
  readonly margin: Kernel | undefined;
  readonly kernel: Kernel;
  /** Number of the tile within its block. */
  readonly tile: Int;
}

/** `k` with images and rows as block, which `block` gives, and place in the block. */
function cutIntoBlocks(
  k: Kernel,
  places: readonly Axis[],
  size: { readonly images: number; readonly rows: number },
  block: (i: 0 | 1) => Int,
  blocks: readonly Axis[],
): Cut {
  const [image, row, ...others] = places as [Axis, Axis | undefined, ...Axis[]];
  const [ni, ri] = [axis("ni", size.images), axis("ri", size.rows)];
  const map = new Map([[image, block(0).mul(size.images).add(ni)]]);
  if (row) map.set(row, block(1).mul(size.rows).add(ri));
  const axes = k.axes.flatMap((a) => (a === image ? [ni] : a === row ? [ri] : [a]));
  const extents = [size.rows, ...others.map((a) => a.extent)];
  const tile = [row ? Int.of(ri) : Int.of(0), ...others].reduce<Int>((sum, a, d) => sum.mul(extents[d]!).add(a), Int.of(ni));
  const whole = reindex(k, map, [...blocks, ...axes], k.reduce);
  const [read] = loadsOf(k.body);
  if (!read || !canHalo(read) || read.otherwise !== 0) return { margin: undefined, kernel: whole, tile };
  const within = new Map([[image, Int.of(ni)], ...(row ? [[row, Int.of(ri)] as const] : [])]);
  const start = (i: Int): Int =>
    block(0)
      .mul(size.images * i.step(image)!)
      .add(row ? block(1).mul(size.rows * i.step(row)!) : 0);
  const { copy, near } = marginOf(read, within, start, blocks);
  return { margin: copy, kernel: { ...whole, body: mapExpr(whole.body, (x) => (x.kind === "load" ? near : x)) }, tile };
}

/**
 * What a block reads of an array, with a margin of zeros: a transform that tested every element at the edges would take several times as
 * long there, and the edges are most of a small image. The copy lies in the cache, and walks the array in order, which the transform does not.
 *
 * `within` has the place in the block for that in the array, and a block's part of an index begins at `start`.
 */
function marginOf(
  read: Load,
  within: ReadonlyMap<Axis, Int>,
  start: (i: Int) => Int,
  blocks: readonly Axis[],
): { readonly copy: Kernel; readonly near: Load } {
  const places = read.index.map((i) => i.substitute(within));
  const margin = buffer(
    `${read.buffer.name}.margin`,
    places.map((i) => i.max - i.min + 1),
  );
  const axes = margin.shape.map((extent, d) => axis(`m${d}`, extent));
  const from = places.map((i, d) => Int.of(axes[d]!).add(i.min).add(start(read.index[d]!)));
  const copy = kernelOf("margin", margin, [...blocks, ...axes], axes, [], {}, load(read.buffer, from));
  return { copy, near: { ...read, buffer: margin, index: places.map((i) => i.sub(i.min)), guards: [] } };
}

/** Room for `count` tiles of v, which is [frequencies, channels, tiles]; or so many filters of a sum, [frequencies, channels, filters]. */
const blockOfTiles = (v: Buffer, count: number): Buffer => buffer(`${v.name}.block`, [...v.shape.slice(0, 2), count]);

/** The expression with loads of `b` from `by`, at tile number `tile` if that changes. */
const renamed = (e: Kernel["body"], b: Buffer, by: Buffer, tile?: Int): Kernel["body"] =>
  mapExpr(e, (x) => (x.kind === "load" && x.buffer === b ? { ...x, buffer: by, index: tile ? x.index.with(2, tile) : x.index } : x));

/** A weight gradient as a chain. */
export interface GradientChain {
  /** For each block: copies with a margin. */
  readonly margins: readonly Kernel[];
  /** For each block: both transforms. */
  readonly transforms: readonly [Kernel, Kernel];
  /** For each block: the product that adds to a sum of the thread's own. */
  readonly product: Kernel;
  /** For each part: the transform of that sum. */
  readonly perPart: Kernel;
  /** The sum of the parts, and the epilogue; undefined with one part. */
  readonly total: { readonly kernel: Kernel; readonly partial: Buffer } | undefined;
}

/** Tiles that a block of a gradient should have: the sum is read and written once for each. */
const GRADIENT_TILES = 56;
const MOST_PARTS = 8;

/**
 * Kernels `toV` and `toD`, their `product` (a sum over all tiles) and `back`, the transform of that, as a chain, if they are one. The
 * number of parts depends on shapes alone, because the bits depend on it.
 */
export function gradientChainOf(toV: Kernel, toD: Kernel, product: Kernel, back: Kernel): GradientChain | undefined {
  const [v, d, sum] = [toV.out, toD.out, product.out];
  const pair = factors(product);
  const ofV = pair?.find((l) => l.buffer === v);
  const ofD = pair?.find((l) => l.buffer === d);
  const [tiles, ...more] = product.reduce;
  if (!ofV || !ofD || !tiles || more.length > 0 || product.post.kind !== "acc" || ofV.guards.length + ofD.guards.length > 0)
    return undefined;
  if (ofV.index[2]!.axis !== tiles || ofD.index[2]!.axis !== tiles || sum.shape.reduce((n, e) => n * e, 1) > MOST_FILTERS) return undefined;
  const [ofToV, ofToD] = [placesOf(toV.at[2]!, toV.axes), placesOf(toD.at[2]!, toD.axes)];
  const [images, rows, ...rest] = ofToV;
  const same = ofToV.length === ofToD.length && ofToV.every((a, i) => a.extent === ofToD[i]!.extent);
  if (!images || !same) return undefined;
  const inRow = rest.reduce((n, a) => n * a.extent, 1);
  const size = blockOf(images.extent, rows?.extent ?? 1, inRow, GRADIENT_TILES, 1);
  if (!size) return undefined;

  const inRows = (rows?.extent ?? 1) / size.rows;
  const all = (images.extent / size.images) * inRows;
  const parts = divisors(all).findLast((n) => n <= MOST_PARTS)!;
  const [part, block] = [axis("part", parts), axis("block", all / parts)];
  const number = Int.of(part).mul(block.extent).add(block);
  const place = (i: 0 | 1): Int => (i === 0 ? number.div(inRows) : number.mod(inRows));
  const count = size.images * size.rows * inRow;
  const [ownV, ownD, ownSum] = [blockOfTiles(v, count), blockOfTiles(d, count), blockOfTiles(sum, sum.shape[2]!)];
  const [cutV, cutD] = [ofToV, ofToD].map((places, i) => cutIntoBlocks(i === 0 ? toV : toD, places, size, place, [part, block])) as [
    Cut,
    Cut,
  ];
  const margins = [cutV, cutD].flatMap((c) => c.margin ?? []);
  const chain: Chain = { blocks: [part, block], part, locals: [...margins.map((k) => k.out), ownV, ownD, ownSum] };
  const inBlock = axis("tile", count);
  const middle = reindex(product, new Map([[tiles, Int.of(inBlock)]]), product.axes, [inBlock]);
  const partial = buffer(`${back.out.name}.parts`, [parts, ...back.out.shape]);
  const whole = renamed(back.body, sum, ownSum);
  const onlyPart = parts === 1;
  const counted = axis("part", parts);
  return {
    margins: margins.map((k) => ({ ...k, chain })),
    transforms: [
      { ...cutV.kernel, out: ownV, at: cutV.kernel.at.with(2, cutV.tile), chain },
      { ...cutD.kernel, out: ownD, at: cutD.kernel.at.with(2, cutD.tile), chain },
    ],
    product: { ...middle, out: ownSum, body: renamed(renamed(middle.body, v, ownV), d, ownD), chain, resumes: Int.of(block) },
    perPart: onlyPart
      ? { ...back, axes: [part, ...back.axes], body: whole, chain }
      : {
          ...back,
          out: partial,
          axes: [part, ...back.axes],
          at: [Int.of(part), ...back.at],
          body: whole,
          post: { kind: "acc", dtype: "f32" },
          chain,
        },
    total: onlyPart
      ? undefined
      : {
          partial,
          kernel: kernelOf(
            `${back.name}.total`,
            back.out,
            back.axes,
            back.at,
            [counted],
            { post: () => back.post },
            load(partial, [counted, ...back.at]),
          ),
        },
  };
}

/** The axes that number the tiles, images first, if the index walks all tiles in order. */
function placesOf(index: Int, axes: readonly Axis[]): readonly Axis[] {
  const own = axes.filter((a) => (index.step(a) ?? 0) !== 0).sort((a, b) => index.step(b)! - index.step(a)!);
  let step = 1;
  for (const a of [...own].reverse()) {
    if (index.step(a) !== step) return [];
    step *= a.extent;
  }
  return index.affine && index.origin === 0 ? own : [];
}

/** How many images, or rows of one image, make about so many tiles; undefined where there would be fewer blocks than `fewest`. */
function blockOf(
  images: number,
  rows: number,
  inRow: number,
  tiles: number = TILES,
  fewest: number = FEWEST_BLOCKS,
): { readonly images: number; readonly rows: number } | undefined {
  const options = [...divisors(rows).map((n) => ({ images: 1, rows: n })), ...divisors(images).map((n) => ({ images: n, rows }))].filter(
    (o) => (images / o.images) * (rows / o.rows) >= fewest && o.images * o.rows * inRow >= FEWEST_TILES,
  );
  // As a factor, by divisions alone: what engines round differently must not decide the blocks, because they decide the bits.
  const distance = ({ images: n, rows: m }: (typeof options)[number]): number => Math.max((n * m * inRow) / tiles, tiles / (n * m * inRow));
  return options.reduce<(typeof options)[number] | undefined>((best, o) => (best && distance(best) <= distance(o) ? best : o), undefined);
}

const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
