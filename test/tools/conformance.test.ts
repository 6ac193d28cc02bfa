/** The conformance tool itself: what it calls passed must have been compared, and its output is what scripts rely on. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { f32, i32, reference } from "../../src/index.ts";
import { CaseReader } from "../../tools/conformance/caseReader.ts";
import { difference } from "../../tools/conformance/compare.ts";
import type { GoldenCase } from "../../tools/conformance/manifest.ts";
import { readCases } from "../../tools/conformance/manifest.ts";
import { runCase } from "../../tools/conformance/runCase.ts";
import { Unsupported } from "../../tools/conformance/status.ts";

const repository = join(import.meta.dirname, "../..");
const cases = join(repository, "test/golden/cases");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-conformance-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The tool as a user runs it. */
const run = (...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    const tsx = join(repository, "node_modules/tsx/dist/cli.mjs");
    const all = [tsx, join(repository, "tools/conformance.ts"), ...args];
    execFile(process.execPath, all, { maxBuffer: 1 << 26 }, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
  });

/** A golden folder with the cases that `keep` gives back. */
async function goldenFolder(name: string, keep: (c: Record<string, unknown>) => Record<string, unknown> | undefined): Promise<string> {
  const dir = join(folder, name);
  await mkdir(dir);
  const manifest = JSON.parse(await readFile(join(cases, "manifest.json"), "utf8")) as { cases: Record<string, unknown>[] };
  await writeFile(join(dir, "manifest.json"), JSON.stringify({ ...manifest, cases: manifest.cases.flatMap((c) => keep(c) ?? []) }));
  await copyFile(join(cases, "tensors.safetensors"), join(dir, "tensors.safetensors"));
  return dir;
}

describe("the command", () => {
  test("prints one JSON object and nothing else, and exits with 0 where nothing failed", async () => {
    const dir = await goldenFolder("few", (c) => {
      if (c.name === "relu_000") return { ...c, op: "tensor_train" };
      return c.name === "linear_003" ? c : undefined;
    });
    const { code, out } = await run("--golden", dir, "--json");
    expect(JSON.parse(out)).toEqual({
      passed: 1,
      failed: 0,
      unsupported: 1,
      cases: [
        { suite: "golden", name: "relu_000", op: "tensor_train", status: "unsupported", error: "this op is not known yet" },
        { suite: "golden", name: "linear_003", op: "linear", status: "passed", error: null },
      ],
    });
    expect(code).toBe(0);
  });

  test("exits with 1 where a case fails, and says which element", async () => {
    // Its own input has the right shape and is a plausible, wrong truth.
    const dir = await goldenFolder("wrong", (c) => {
      if (c.name !== "tanh_000") return undefined;
      const { inputs } = c as { inputs: { x: unknown } };
      return { ...c, outputs: { y: inputs.x } };
    });
    const { code, out } = await run("--golden", dir);
    expect(out).toMatch(/tanh_000: tanh: y\[\d+\] must be \S+ within \S+, got/);
    expect(out).toContain("total: 0 passed, 1 failed, 0 unsupported");
    expect(code).toBe(1);
  });

  test.each([
    [["--golden", "no/such/folder"], "no/such/folder"],
    [["--nets", "no/such/folder"], "no/such/folder"],
    [["--backend", "abacus"], "--backend must be one of reference, wasm, webgpu, got abacus"],
    [["--backend", "webgpu"], "not yet: the webgpu backend does not exist"],
    [["--frobnicate"], "--frobnicate"],
  ])("%j: exits with 1 and says why", async (args, message) => {
    const { code, out, err } = await run(...args);
    expect(err).toContain(message);
    expect(out).toBe("");
    expect(code).toBe(1);
  });

  test("ONNX suites are failed, not forgotten", async () => {
    const { code, out } = await run("--onnx-models", "a", "--onnx-node", "b", "--json");
    expect(JSON.parse(out)).toMatchObject({ passed: 0, failed: 2, unsupported: 0 });
    expect(out).toContain("not yet: ONNX import does not exist");
    expect(code).toBe(1);
  });
});

describe("comparison", () => {
  const bound = { absolute: 0, relative: 1e-6 };
  test.each([
    ["a missing tensor", undefined, f32([2], [1, 2]), "y is missing"],
    ["another shape", f32([1, 2], [1, 2]), f32([2], [1, 2]), "y must be [2], got [1, 2]"],
    ["another type", i32([2], [1, 2]), f32([2], [1, 2]), "y must be f32, got i32"],
    ["NaN for a number", f32([2], [1, Number.NaN]), f32([2], [1, 2]), "y[1] must be 2 within 0.00000200, got NaN"],
    ["a number for NaN", f32([1], [1]), f32([1], [Number.NaN]), "y[0] must be NaN"],
    ["another infinity", f32([1], [-Infinity]), f32([1], [Infinity]), "y[0] must be Infinity"],
    ["an integer that is off by one", i32([2], [5, 3]), i32([2], [5, 4]), "y[1] must be 4 within 0.00, got 3"],
    ["an error beyond the bound", f32([2], [1, 2.00001]), f32([2], [1, 2]), "y[1] must be 2 within"],
  ])("%s is a difference", (_, actual, expected, message) => {
    expect(difference("y", actual, expected, bound)).toContain(message);
  });

  test("equal infinities, NaNs and errors within the bound are none", () => {
    const [actual, expected] = [f32([3], [Infinity, Number.NaN, 2.000001]), f32([3], [Infinity, Number.NaN, 2])];
    expect(difference("y", actual, expected, bound)).toBeUndefined();
  });
});

describe("what a case asks for", () => {
  test("an attribute or an input that nobody looks at makes it unsupported", () => {
    const reader = new CaseReader({ axis: 1, colour: "red" }, {}, {});
    expect(reader.number("axis")).toBe(1);
    expect(() => reader.finish()).toThrow(new Unsupported("attribute colour is not supported yet"));
  });

  test.each([
    ["relu_000", { attrs: { inplace: true } }],
    ["conv2d_054", { attrs: { padding_mode: "mirror" } }],
    ["max_pool2d_022", { attrs: { kernel: [2, 2], return_mask: true } }],
    ["cross_entropy_000", { attrs: { reduction: "median" } }],
    ["relu_000", { op: "tensor_train" }],
  ])("%s with %j is unsupported, never passed", async (name, change) => {
    const found = (await readCases(cases)).find((c) => c.name === name)!;
    const changed: GoldenCase = { ...found, ...change };
    await expect(runCase(changed, reference())).rejects.toBeInstanceOf(Unsupported);
  });
});
