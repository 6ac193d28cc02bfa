/** fovea filter, as a user runs it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { imageSize, readImage, writeImage } from "../../src/data/node.ts";
import { runCli } from "./runCli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-filter-"));
  const coloured = new NdArray(
    "u8",
    [3, 5, 8],
    Uint8Array.from({ length: 120 }, (_, i) => (i % 8 < 4 ? 20 : 220) - (i >= 80 ? 20 : 0)),
  );
  await writeImage(join(folder, "step.png"), coloured);
});
afterAll(() => rm(folder, { recursive: true }));

test("writes the picture in its own size, and says what was done", async () => {
  const out = join(folder, "edges.png");
  const { code, stdout, stderr } = await runCli(["filter", join(folder, "step.png"), "--kernel", "sobel-x", "--out", out]);
  expect(stderr).toBe("");
  expect(stdout.split("\n").slice(0, 4)).toEqual(["-1  0  1", "-2  0  2", "-1  0  1", "values 0 to 800, stretched from black to white"]);
  expect(code).toBe(0);
  expect(await imageSize(out)).toEqual({ channels: 3, height: 5, width: 8 });
  const edges = await readImage(out, { channels: 3, height: 5, width: 8 });
  expect([...edges.data.subarray(0, 8)]).toEqual([0, 0, 0, 255, 255, 0, 0, 0]);
});

test("one JSON object, in grey", async () => {
  const out = join(folder, "soft.png");
  const { stdout } = await runCli(["filter", join(folder, "step.png"), "--kernel", "box", "--size", "3", "--grey", "--out", out, "--json"]);
  const said = JSON.parse(stdout) as { shape: number[]; weights: number[][]; shown: string };
  expect(said.shape).toEqual([1, 5, 8]);
  expect(said.weights).toHaveLength(3);
  expect(said.shown).toMatch(/shown as they are$/);
  expect((await imageSize(out)).channels).toBe(1);
});

test.each([
  [["--kernel", "sobel", "--out", "x.png"], 2, "Did you mean sobel-x?"],
  [["--kernel", "box", "--size", "0", "--out", "x.png"], 2, "--size must be a whole number from 1 to 999, got 0"],
  [["--out", "x.png"], 2, "--kernel"],
])("%j", async (args, exitCode, message) => {
  const { code, stderr } = await runCli(["filter", join(folder, "step.png"), ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(exitCode);
});

test("a file that is no picture", async () => {
  const { code, stderr } = await runCli(["filter", join(folder, "none.png"), "--kernel", "identity", "--out", join(folder, "x.png")]);
  expect(stderr).toMatch(/^fovea: .*none\.png: picture could not be read/);
  expect(code).toBe(1);
});
