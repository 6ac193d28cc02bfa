/** Signals: smoothing and peaks, against numbers of SciPy 1.17. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { findPeaks, gaussianSmooth, gaussianWindow } from "../../src/analysis/index.ts";
import { f32, OpError } from "../../src/index.ts";

// biome-ignore format: two lines
const wiggles = [0.13, -0.13, 0.64, 0.1, -0.54, 0.36, 1.3, 0.95, -0.7, -1.27, -0.62, 0.04, -2.33, -0.22, -1.25, -0.73, -0.54, -0.32, 0.41, 1.04,
  -0.13, 1.37, -0.67, 0.35, 0.9, 0.09, -0.74, -0.92, -0.46, 0.22, -1.01, -0.21, -0.16, 0.54, 0.21, 0.36, -0.65, -0.13, 0.78, 1.49];
const plateaus = [0, 1, 0, 2, 2, 2, 1, 3, 0, 0.5, 0.4, 0.6, 0, 4, 4, 5, 1, 1, 2, 1.5, 0.5, 2];

describe("peaks", () => {
  const at = (...args: Parameters<typeof findPeaks>): number[] => findPeaks(...args).map((p) => p.index);

  test("are SciPy's: plateaus by their middle, ends never", () => {
    expect(at(plateaus)).toEqual([1, 4, 7, 9, 11, 15, 18]);
    expect(findPeaks(plateaus).map((p) => Number(p.prominence.toFixed(4)))).toEqual([1, 1, 3, 0.1, 0.6, 4.5, 1]);
    expect(at([1, 2, 3])).toEqual([]);
    expect(at([1, 2, 2])).toEqual([]);
    expect(at([])).toEqual([]);
  });

  test("that are too low, too close or too small are left out", () => {
    expect(at(plateaus, { height: 2 })).toEqual([4, 7, 15, 18]);
    expect(at(plateaus, { distance: 4 })).toEqual([1, 7, 11, 15]);
    expect(at(plateaus, { prominence: 1 })).toEqual([1, 4, 7, 15, 18]);
    expect(at(plateaus, { distance: 6, prominence: 0.5 })).toEqual([1, 7, 15]);
    expect(at(wiggles, { distance: 3 })).toEqual([2, 6, 11, 21, 24, 29, 33]);
    const high = findPeaks(wiggles, { prominence: 1 });
    expect(high.map((p) => p.index)).toEqual([6, 11, 13, 19, 21, 24, 29, 33]);
    expect(high.map((p) => Number(p.prominence.toFixed(2)))).toEqual([1.84, 1.31, 1.03, 1.17, 2.38, 1.57, 1.14, 1.19]);
  });
});

describe("smoothing", () => {
  test("is SciPy's gaussian_filter1d", async () => {
    const smooth = await gaussianSmooth(f32([6], [1, 5, 2, 8, 3, 1]), 1);
    [2.053168, 3.224547, 4.168612, 4.734483, 3.563406, 1.866848].forEach((v, i) => expect(smooth.data[i]).toBeCloseTo(v, 5));
  });

  test("keeps what is level, and its window has sum 1", async () => {
    const level = await gaussianSmooth(f32([5], [3, 3, 3, 3, 3]), 2);
    for (const v of level.data) expect(v).toBeCloseTo(3, 5);
    expect(gaussianWindow(0.5).data.length).toBe(5);
    expect(gaussianWindow(2.5).data.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
  });

  test("what cannot be", async () => {
    await expect(gaussianSmooth(f32([2, 2], [1, 2, 3, 4]), 1)).rejects.toThrow(OpError);
    expect(() => gaussianWindow(0)).toThrow(new OpError("gaussianWindow", "sigma must be above 0, got 0"));
  });
});

test("the example writes a page with both plots, and finds the four bumps", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fovea-signal-"));
  try {
    const repository = join(import.meta.dirname, "../..");
    const file = join(folder, "peaks.html");
    const tsx = join(repository, "node_modules/tsx/dist/cli.mjs");
    const { stdout } = await promisify(execFile)(process.execPath, [tsx, "examples/signal-peaks.ts", file], {
      cwd: repository,
    });
    expect(stdout).toMatch(/^\d{3} peaks in the noise, 4 in the signal: at 84, 229, 372, 503\./);
    const page = await readFile(file, "utf8");
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page.match(/<circle /g)!.length).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true });
  }
});
