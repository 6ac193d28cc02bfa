/** The counts behind `winograd` by other ways, and what it says of numbers that are made up. */
import { describe, expect, test } from "vitest";
import type { ConvWorkload } from "../../src/analysis/algorithms.ts";
import { convPass } from "../../src/experiments/lab/convPass.ts";
import { pieceWork, transformWork } from "../../src/experiments/lab/transformWork.ts";
import { workOf } from "../../src/experiments/lab/workOf.ts";
import { onward } from "../../src/experiments/report/onward.ts";
import type { Report } from "../../src/experiments/report/report.ts";
import { winograd } from "../../src/experiments/winograd.ts";
import { minimalFilter } from "../../src/ops/minimalFilter.ts";

const PASSES = ["forward", "inputGrad", "weightGrad"] as const;

/** Layer of `channels` to as many, whose images keep their size. */
const square = (channels: number, size: number): ConvWorkload => ({
  inChannels: channels,
  outChannels: channels,
  kernel: [3, 3],
  padding: 1,
  space: [size, size],
});

describe("counts", () => {
  test("additions of F(2 x 2) are those that Lavin and Gray give for inputs and results", () => {
    const { at, bt } = minimalFilter(2, 3, 1);
    expect(pieceWork(bt)).toEqual({ multiplications: 0, additions: 32 });
    expect(pieceWork(at)).toEqual({ multiplications: 0, additions: 24 });
  });

  test.each([2, 4] as const)("a piece of tile %i costs what doing it costs", (tile) => {
    for (const matrix of Object.values(minimalFilter(tile, 3, 1)) as (readonly (readonly number[])[])[]) {
      let [multiplications, additions] = [0, 0];
      /** Columns of x [n][vectors] by the matrix, with a count of what is done. */
      const along = (x: number[][]): number[][] =>
        matrix.map((row) =>
          x[0]!.map((_, v) => {
            let sum: number | undefined;
            row.forEach((entry, i) => {
              if (entry === 0) return;
              if (entry !== 1 && entry !== -1) multiplications++;
              if (sum !== undefined) additions++;
              sum = (sum ?? 0) + entry * x[i]![v]!;
            });
            return sum ?? 0;
          }),
        );
      const side = matrix[0]!.length;
      const half = along(Array.from({ length: side }, () => new Array<number>(side).fill(1)));
      along(half[0]!.map((_, v) => half.map((row) => row[v]!)));
      expect(pieceWork(matrix)).toEqual({ multiplications, additions });
    }
  });

  test("each pass has the products of whole tiles, and transforms what they are made of", () => {
    const [channels, size, tile] = [4, 7, 4] as const;
    const tiles = Math.ceil(size / tile) ** 2;
    const { at, g, bt } = minimalFilter(tile, 3, 1);
    const [input, filter, result] = [bt, g, at].map((m) => pieceWork(m).multiplications) as [number, number, number];
    for (const pass of PASSES) {
      const graph = convPass(square(channels, size), pass, { algorithm: "winograd", tile });
      expect(workOf([graph])).toBe(tiles * 36 * channels ** 2);
      expect(transformWork(graph).multiplications).toBe(tiles * channels * (input + result) + channels ** 2 * filter);
      const direct = convPass(square(channels, size), pass, { algorithm: "direct" });
      expect(workOf([direct])).toBe(9 * size ** 2 * channels ** 2);
      expect(transformWork(direct)).toEqual({ multiplications: 0, additions: 0 });
    }
  });

  test("from where on, not where for once", () => {
    expect(onward([1, 2, 3, 4], (n) => n !== 2)).toBe(3);
    expect(onward([1, 2], () => true)).toBe(1);
    expect(onward([1, 2], (n) => n === 1)).toBeUndefined();
  });
});

describe("conclusions", () => {
  type Results = Parameters<typeof winograd.report>[0];

  /** Multiplications of transforms and errors of both tiles, where direct sums have 1e-7. */
  function results(transforms: number, small: number, large: number): Results {
    const rows = [2, 8].flatMap((channels) =>
      PASSES.flatMap((pass) =>
        (["direct", "im2col", "F(2 x 2)", "F(4 x 4)"] as const).map((way) => {
          const tile = way === "F(2 x 2)" ? 2.25 : way === "F(4 x 4)" ? 4 : 1;
          const work = tile === 1 ? 0 : channels * transforms;
          const error = way === "F(2 x 2)" ? small : way === "F(4 x 4)" ? large : 1e-7;
          return {
            channels,
            size: 8,
            pass,
            way,
            products: (576 * channels ** 2) / tile,
            transforms: { multiplications: work, additions: work },
            error,
          };
        }),
      ),
    );
    return { channels: [2, 8], size: 8, sizes: [8], width: 8, rows };
  }
  const text = ({ answer, says }: Report): string => [answer, ...says].join("\n");

  test("what is saved depends on what transforms cost", () => {
    expect(winograd.report(results(1, 1e-7, 1e-6)).answer).toMatch(
      /^F\(4 x 4\) saves multiplications from 2 channels on: with 8 of them direct sums multiply 4\.0 times/,
    );
    expect(winograd.report(results(1500, 1e-7, 1e-6)).answer).toMatch(/^F\(4 x 4\) saves multiplications from 8 channels on/);
    expect(winograd.report(results(1e5, 1e-7, 1e-6)).answer).toMatch(/^It saves no multiplications with up to 8 channels on 8 x 8\./);
    expect(text(winograd.report(results(0, 1e-7, 1e-6)))).toContain("F(4 x 4) saves the same with few channels and with many");
  });

  test("an error that grows with the tile, and one that does not", () => {
    const textbook = text(winograd.report(results(1, 2e-7, 1e-6)));
    expect(textbook).toContain("The error of tiles of 4 x 4 is 10 times that of direct sums, the error of tiles of 2 x 2 2.0 times");
    expect(textbook).toContain("Forward: the larger tile has the larger error in all of 2 layers.");
    expect(textbook).toContain("Transforms cost accuracy even for tiles of 2 x 2.");
    const other = text(winograd.report(results(1, 0.5e-7, 0.4e-7)));
    expect(other).toContain("Forward: the larger tile has the larger error in no layer.");
    expect(other).toContain("Tiles of 2 x 2 round less than direct sums");
  });

  test("time lost is not called time saved", () => {
    const measured = results(1, 1e-7, 1e-6);
    const said = (milliseconds: number): string => {
      const rows = measured.rows.map(({ channels, size, pass, way }) => ({
        channels,
        size,
        pass,
        way,
        milliseconds: way === "F(4 x 4)" ? milliseconds : 1,
      }));
      return winograd.timed!(measured, { threads: 1, rows }).says.join("\n");
    };
    expect(said(0.5)).toContain("Forward: F(4 x 4) was clearly faster than direct sums from 2 channels on");
    expect(said(0.5)).toContain("most was saved with 2 channels, 2.0 times");
    expect(said(2)).toContain("Forward: F(4 x 4) was not clearly faster than direct sums with 8 channels");
    expect(said(2)).toContain("none saved time");
  });
});
