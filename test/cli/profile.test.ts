import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Profile } from "../../src/analysis/profile.ts";
import { profile } from "../../src/analysis/profile.ts";
import { boxesOf } from "../../src/cli/profile/icicle.ts";
import { renderProfile } from "../../src/cli/profile/page.ts";
import { profileText } from "../../src/cli/profile/text.ts";
import { byKind, byPass, stepTime } from "../../src/cli/profile/totals.ts";
import { resnet20 } from "../../src/models/index.ts";
import { runCli, temporaryFolder } from "./runCli.ts";

const fovea = (...args: readonly string[]) => runCli(["profile", ...args, "--time", "1"]);

describe("fovea profile", () => {
  it("gives every step as JSON: what it is, where it belongs and what it does", async () => {
    const ran = await fovea("lenet5", "--mode", "train", "--batch", "4", "--json");
    expect(ran.stderr).toBe("");
    const found = JSON.parse(ran.stdout) as Profile;
    expect(found).toMatchObject({ model: "lenet5", input: [1, 28, 28], batch: 4, mode: "train", threads: 1 });
    expect(new Set(found.steps.map((s) => s.pass))).toEqual(new Set(["forward", "backward", "update"]));
    for (const s of found.steps) expect(s.bytes, s.name).toBeGreaterThan(0);
    // Of two convolutions and three linear layers, for four images.
    const forward = found.layers.filter((l) => l.pass === "forward").reduce((n, l) => n + l.multiplyAdds, 0);
    expect(forward).toBe(4 * (28 * 28 * 6 * 25 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10));
  });

  it("shows tables of at most 100 columns, and writes a page", async () => {
    const cwd = temporaryFolder();
    const ran = await runCli(["profile", "--model", "lenet5", "--input", "1x20x20", "--time", "1", "--top", "3", "--out", "it.html"], {
      cwd,
    });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^lenet5, a forward pass: 1 input of 1x20x20, 1 thread\n/);
    expect(ran.stdout).toMatch(/\nThe 3 slowest of \d+ steps\n/);
    for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(readFileSync(join(cwd, "it.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  it.each([
    [["lenet"], /^fovea: the model must be one of the models that `fovea models` lists, got lenet\. Did you mean lenet5\?\n$/],
    [[], /^fovea: the model must be named: /],
    [["lenet5", "--model", "resnet18"], /^fovea: the model must be named once, got lenet5 and --model resnet18\n$/],
    [["lenet5", "--input", "28x28"], /^fovea: --input must be 3 sizes such as 1x28x28, got 28x28\n$/],
    [["lenet5", "--input", "1x2x2"], /^fovea: /],
    [["lenet5", "--mode", "fast"], /^fovea: --mode must be eval or train, got fast/],
    [["lenet5", "--threads", "2"], /^fovea: --threads must be 1, because steps are measured one by one in one thread, got 2\n$/],
    [["lenet5", "--out", "it.png"], /^fovea: --out must name a page such as profile\.html, got it\.png\n$/],
  ])("refuses %j in one line", async (args, message) => {
    const ran = await fovea(...args);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(ran.code).toBeGreaterThan(0);
  });
});

describe("a profile", () => {
  const chains = profile(resnet20().initialize(1), [3, 32, 32], { mode: "train", batch: 8, milliseconds: 1 });

  it("adds up: kinds, passes and layers are the same steps", async () => {
    const found = await chains;
    const sum = (list: readonly { readonly milliseconds: number }[]): number => list.reduce((n, x) => n + x.milliseconds, 0);
    for (const total of [sum(byKind(found)), sum(byPass(found)), sum(found.layers)]) expect(total).toBeCloseTo(stepTime(found), 6);
  });

  it("is a picture in which each box stands below the one it is a part of, and those of one row side by side", async () => {
    const boxes = boxesOf(await chains);
    const above: (typeof boxes)[number][] = [];
    boxes.forEach((box, i) => {
      above.length = box.depth;
      const parent = above.at(-1);
      expect(parent !== undefined || i === 0).toBe(true);
      if (parent) {
        expect(box.from).toBeGreaterThanOrEqual(parent.from - 1e-9);
        expect(box.to).toBeLessThanOrEqual(parent.to + 1e-9);
      }
      const left = boxes.slice(0, i).findLast((b) => b.depth === box.depth);
      if (left) expect(box.from).toBeGreaterThanOrEqual(left.to - 1e-9);
      above.push(box);
    });
    expect(new Set(boxes.map((b) => b.kind))).toContain("minimal filtering");
  });

  it("has a page whose only script is its own", async () => {
    const hostile = { ...(await chains), model: `"><script>alert(1)</script>` };
    const page = renderProfile(hostile);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toMatch(/script-src 'sha256-[\w+/]{43}='/);
    expect(page).not.toMatch(/https?:|url\(|@import|<link|<iframe|javascript:|\son[a-z]+=/i);
  });

  it("says of chains what their kernels take alone", async () => {
    expect(profileText(await chains, 500)).toMatch(/ {2}minimal filtering.*\n.* {2}(tileTransform|margin)/);
  });
});
