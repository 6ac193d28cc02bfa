import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import {
  filterOutput as filterOutputFn,
  filterTransform as filterTransformFn,
  type filterTransformOp,
} from "../../src/ops/filterTransform.ts";
import {
  tileOutput as tileOutputFn,
  type tileOutputOp,
  tileTransform as tileTransformFn,
  type tileTransformOp,
} from "../../src/ops/tileTransform.ts";
import { windowCount } from "../../src/ops/window.ts";
import { int, side, windowOf } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type Matrix = readonly (readonly number[])[];
type Attrs<O> = O extends { readonly infer: (inputs: never, attrs: infer A) => unknown } ? A : never;
type Tiles = Attrs<typeof tileTransformOp>;
type Output = Attrs<typeof tileOutputOp>;
type Filter = Attrs<typeof filterTransformOp>;

/** Entries that f32 holds exactly, some of them 0. */
const matrixOf = (rows: number, columns: number, seed = 0): Matrix =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => (((seed + 7 * i + 5 * j * (i + 1)) % 9) - 4) / 4));

const tiles = (n: number, c: number, rows: number, space: Shape, window: ReturnType<typeof windowOf>): OpCase<Tiles> => ({
  inputs: [f32Input([n, c, ...space])],
  attrs: { ...window, matrices: window.kernel.map((k, d) => matrixOf(rows + d, k, n + d)) },
});
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
/** Tiles of `side`, `side` + 1 ... along the axes, of `columns`, `columns` + 1 ... frequencies. */
const output = (n: number, c: number, space: Shape, side: number, columns: number): OpCase<Output> => ({
  inputs: [f32Input([product(space.map((_, d) => columns + d)), c, n * product(space.map((extent, d) => Math.ceil(extent / (side + d))))])],
  attrs: { space, matrices: space.map((_, d) => matrixOf(side + d, columns + d, n)) },
});
/** `taps`, `taps` + 1 ... along the axes, and `rows`, `rows` + 1 ... frequencies. */
const filter = (o: number, c: number, rank: number, taps: number, rows: number, swapped: boolean): OpCase<Filter> => ({
  inputs: [f32Input([o, c, ...Array.from({ length: rank }, (_, d) => taps + d)])],
  attrs: { swapped, matrices: Array.from({ length: rank }, (_, d) => matrixOf(rows + d, taps + d, o)) },
});
const back = (o: number, c: number, rank: number, taps: number, rows: number, swapped: boolean): OpCase<Filter> => ({
  inputs: [f32Input([product(Array.from({ length: rank }, (_, d) => rows + d)), ...(swapped ? [c, o] : [o, c])])],
  attrs: { swapped, matrices: Array.from({ length: rank }, (_, d) => matrixOf(taps + d, rows + d, o)) },
});

const randomTiles: fc.Arbitrary<OpCase<Tiles>> = fc
  .record({
    n: int(1, 2),
    c: int(1, 9),
    rows: int(1, 4),
    kernel: int(1, 4),
    stride: int(1, 3),
    dilation: int(1, 2),
    axes: fc.array(fc.record({ extent: int(1, 9), before: int(0, 3), after: int(0, 3) }), { minLength: 1, maxLength: 2 }),
  })
  .filter(({ kernel, stride, dilation, axes }) =>
    axes.every((a) => windowCount(a.extent, kernel, stride, [a.before, a.after], dilation) > 0),
  )
  .map(({ n, c, rows, kernel, stride, dilation, axes }) =>
    tiles(
      n,
      c,
      rows,
      axes.map((a) => a.extent),
      windowOf(
        axes.map(() => kernel),
        { stride, dilation, padding: axes.map((a) => side(a.before, a.after)) },
      ),
    ),
  );
const randomFilter = fc.tuple(int(1, 9), int(1, 5), int(1, 2), int(1, 4), int(1, 5), fc.boolean());

const window = windowOf([3, 3]);

export const tileTransform: OpCases<Tiles> = {
  fixed: [
    tiles(1, 1, 1, [1], windowOf([1])),
    // Winograd's input tiles, F(2, 3) and F(4, 3), which overlap; and output tiles, which do not.
    tiles(2, 3, 4, [9], windowOf([4], { stride: 2, padding: [side(1, 2)] })),
    tiles(1, 9, 6, [7, 5], windowOf([6, 6], { stride: 4, padding: [side(1, 2), side(1, 4)] })),
    tiles(2, 2, 4, [7, 5], windowOf([2, 2], { stride: 2, padding: [side(0, 1), side(0, 1)] })),
  ],
  random: randomTiles,
  wrong: {
    "a matrix for other tiles": () => tileTransformFn(input("x", [1, 2, 8, 8]), [matrixOf(3, 2), matrixOf(3, 3)], window),
    "tiles larger than the input": () => tileTransformFn(input("x", [1, 2, 2, 8]), [matrixOf(3, 3), matrixOf(3, 3)], window),
    integers: () => tileTransformFn(input("x", [1, 2, 8, 8], "u8"), [matrixOf(3, 3), matrixOf(3, 3)], window),
  },
};
export const tileOutput: OpCases<Output> = {
  fixed: [output(1, 1, [1], 1, 1), output(2, 5, [7, 6], 4, 6), output(1, 8, [4, 4], 2, 4), output(3, 2, [9], 4, 6)],
  random: fc
    .tuple(int(1, 2), int(1, 9), fc.array(int(1, 9), { minLength: 1, maxLength: 2 }), int(1, 4), int(1, 5))
    .map(([n, c, space, m, columns]) => output(n, c, space, m, columns)),
  wrong: {
    "tiles of other images": () => tileOutputFn(input("v", [16, 3, 5]), [matrixOf(2, 4), matrixOf(2, 4)], [4, 4]),
    "another number of frequencies": () => tileOutputFn(input("v", [15, 3, 4]), [matrixOf(2, 4), matrixOf(2, 4)], [4, 4]),
    "a matrix for other frequencies": () => tileOutputFn(input("v", [16, 3, 4]), [matrixOf(2, 4), matrixOf(2, 3)], [4, 4]),
    "rows of different lengths": () => tileOutputFn(input("v", [16, 3, 4]), [matrixOf(2, 4), [[1, 2, 3, 4], [1]]], [4, 4]),
  },
};
export const filterTransform: OpCases<Filter> = {
  fixed: [filter(1, 1, 1, 1, 1, false), filter(8, 3, 2, 3, 6, false), filter(5, 4, 2, 3, 4, true)],
  random: randomFilter.map((spec) => filter(...spec)),
  wrong: {
    "a matrix for other filters": () => filterTransformFn(input("w", [4, 3, 3, 3]), [matrixOf(6, 2), matrixOf(6, 3)]),
    "another rank": () => filterTransformFn(input("w", [4, 3, 3]), [matrixOf(6, 3), matrixOf(6, 3)]),
  },
};
export const filterOutput: OpCases<Filter> = {
  fixed: [back(1, 1, 1, 1, 1, false), back(8, 3, 2, 3, 6, false), back(5, 4, 2, 3, 4, true)],
  random: randomFilter.map((spec) => back(...spec)),
  wrong: { "another number of frequencies": () => filterOutputFn(input("u", [35, 4, 3]), [matrixOf(3, 6), matrixOf(3, 6)]) },
};
