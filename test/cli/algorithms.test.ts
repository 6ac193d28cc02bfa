import { describe, expect, it } from "vitest";
import type { AlgorithmComparison } from "../../src/analysis/algorithms.ts";
import { layerOf } from "../../src/cli/commands/algorithms.ts";
import { runCli } from "./runCli.ts";

const fovea = (...args: readonly string[]) => runCli(["algorithms", ...args, "--time", "5"]);

describe("fovea algorithms", () => {
  it("measures time, memory and error of each algorithm, forward and both gradients", async () => {
    const ran = await fovea("--layer", "conv 3->4 k3 p1 @9x7", "--batch", "2", "--json");
    expect(ran.stderr).toBe("");
    const found = JSON.parse(ran.stdout) as AlgorithmComparison;
    expect(found).toMatchObject({ batch: 2, threads: 1, compared: { forward: { elements: 504, of: 504 } } });
    expect(found.rows.map((r) => r.name)).toEqual(["direct", "im2col", "winograd F(2, 3)", "winograd F(4, 3)", "fft"]);
    for (const { passes } of found.rows) {
      for (const { milliseconds, bytes, gflops, share, error, bound } of Object.values(passes!)) {
        for (const positive of [milliseconds, bytes, gflops, share]) expect(positive).toBeGreaterThan(0);
        expect(error).toBeGreaterThan(0);
        expect(error).toBeLessThan(Math.min(2e-5, bound ?? 1));
      }
    }
  });

  it("shows a table, and says which algorithm does not apply and why", async () => {
    const ran = await fovea("--layer", "conv1d 4->6 k4 s2 d2 g2 @40");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^conv 4->6, kernel 4, input 40, batch 1\n1 thread; at most \d/);
    expect(ran.stdout).toContain("forward (errors from all elements)");
    expect(ran.stdout).toContain("winograd F(4, 4) takes dilation 1, got [2]");
    for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("takes a sample where f64 would take too long, and says so", async () => {
    const ran = await fovea("--layer", "conv 64->64 k3 p1 @40");
    expect(ran.stdout).toContain("forward (errors from 1024 of 102400 elements, since f64 takes long)");
  });

  it.each([
    ["dense 3->4", /^fovea: .*--layer is not understood, got "dense 3->4"\. Write it as/],
    ["conv 3->4 @9", /lacks its kernel/],
    ["conv 3->4 k3 z1 @9", /unknown part z1/],
    ["conv 3->4 k3 g2 @9", /groups that divide/],
    ["conv 3->4 k3x3x3 @9", /one kernel size or 2/],
    ["conv 3->4 k11 @9", /window spans 11/],
  ])("refuses %s", async (layer, message) => {
    const ran = await fovea("--layer", layer);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(message);
  });

  it("helps", async () => {
    const ran = await runCli(["algorithms", "--help"]);
    expect(ran.stdout).toContain("\nExamples:\n");
    for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("layerOf", () => {
  it("reads every part, in any order", () => {
    expect(layerOf("conv 64->128 p1x0 k3x1 s2 d1x2 g4 @56x28")).toEqual({
      inChannels: 64,
      outChannels: 128,
      kernel: [3, 1],
      stride: [2, 2],
      padding: [1, 0],
      dilation: [1, 2],
      groups: 4,
      space: [56, 28],
    });
  });
});
