/** The comparison with other libraries: its command line, its work, what it keeps, and what it makes of figures. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Figure, Figures, merged } from "../../bench/peers/figures.ts";
import { sectionsOf } from "../../bench/peers/items.ts";
import { parseOptions } from "../../bench/peers/options.ts";
import { resultsPage } from "../../bench/peers/page.ts";
import { PEERS } from "../../bench/peers/peers.ts";
import { type Target, targetsOf, verdictOf } from "../../bench/peers/targets.ts";
import { readWorkList } from "../../bench/workList.ts";

const work = await readWorkList(join(import.meta.dirname, "../../bench/work.json"));
const [A] = work.convs.map(({ id }) => `conv ${id} fwd`);
const figure = (peer: string, value: number | undefined, more: Partial<Figure> = {}): Figure => ({
  work: A!,
  peer,
  threads: 1,
  metric: "ms",
  date: "2026-01-02T03:04:05.000Z",
  ...(value === undefined ? { absent: "does not start" } : { value }),
  ...more,
});

const find = (what: string, threads = 1): Target => {
  const found = targetsOf(work).filter((t) => t.what.includes(what) && t.threads === threads);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test("the command line names what is wrong with it", () => {
  expect(parseOptions([])).toEqual({ only: /(?:)/, threads: [1, 2], rounds: 5, peers: PEERS.map((p) => p.name) });
  expect(parseOptions(["--only", "^conv a", "--threads", "2", "--rounds", "9", "--peers", "fovea,torch"])).toEqual({
    only: /^conv a/,
    threads: [2],
    rounds: 9,
    peers: ["fovea", "torch"],
  });
  expect(() => parseOptions(["--threads", "1,0"])).toThrow("--threads must be a whole number of at least 1, got 0");
  expect(() => parseOptions(["--rounds", "many"])).toThrow("--rounds must be a whole number of at least 1, got many");
  expect(() => parseOptions(["--peers", "fovea,flux"])).toThrow("--peers must be some of fovea, fovea-copied, ceiling, tfjs-wasm");
  expect(() => parseOptions(["--only", "("])).toThrow("--only must be a regular expression, got (");
});

test("work has names of its own, and every target is about work that is timed or about a whole process", () => {
  const names = sectionsOf(work).flatMap(({ items }) => items.map((i) => i.work));
  expect(new Set(names).size).toBe(names.length);
  const about = targetsOf(work).filter((t) => !names.some((name) => t.what.includes(name)));
  expect(about.map((t) => t.what)).toEqual([
    "compile resnet18 b8 step",
    "MNIST to 99.0% against torch",
    "MNIST to 99.0%",
    "10,000 training steps of LeNet-5",
  ]);
});

test("what is measured again replaces that of all peers, so that figures of one item are of one run", () => {
  const other = figure("torch", 7, { threads: 2 });
  const memory = figure("torch", 9, { metric: "peakBytes" });
  const earlier = [figure("fovea", 1), figure("torch", 2), other, memory];
  expect(merged(earlier, [figure("fovea", 3)])).toEqual([other, memory, figure("fovea", 3)]);
});

test("a target is measured against the fastest of those it names", () => {
  const figures = new Figures([figure("fovea", 10), figure("tfjs-wasm", 60), figure("onnxruntime-web", 45), figure("onnxruntime-node", 5)]);
  const target = find(`${A} against the best WebAssembly peer`);
  expect(target.measured(figures)).toEqual({ value: 4.5, rival: "onnxruntime-web" });
  expect(verdictOf(target, { value: 4.5 })).toBe("missed");
  expect(verdictOf(target, { value: 5 })).toBe("met");
  const native = find(`${A} against onnxruntime-node`);
  expect(native.measured(figures)).toEqual({ value: 0.5, rival: "onnxruntime-node" });
  const disturbed = new Figures([figure("fovea", 10), figure("onnxruntime-node", 5, { noisy: true })]);
  expect(native.measured(disturbed)).toEqual({ value: 0.5, rival: "onnxruntime-node", noisy: true });
});

test("a target without figures is not measured, and not met", () => {
  const target = find(`${A} against torch`);
  expect(target.measured(new Figures([figure("torch", 1)]))).toBeUndefined();
  expect(target.measured(new Figures([figure("fovea", 1)]))).toBeUndefined();
  expect(verdictOf(target, undefined)).toBe("not measured");
  const alone = target.measured(new Figures([figure("fovea", 1), figure("torch", undefined)]));
  expect(alone).toEqual({ value: undefined });
  expect(verdictOf(target, alone)).toBe("no rival");
});

test("times are bounded from above, threads are compared with one, and shares with the ceiling", () => {
  const step = { work: "resnet20 b32 step" };
  const figures = new Figures([
    figure("fovea", 30, step),
    figure("torch", 60, step),
    figure("fovea", 15, { ...step, threads: 2 }),
    figure("fovea", 40, { work: "conv c 1x1 64->256 @56 b8 fwd" }),
    figure("ceiling", 37, { work: "conv c 1x1 64->256 @56 b8 fwd" }),
  ]);
  const time = find("resnet20 b32 step against torch");
  expect(time.measured(figures)).toEqual({ value: 0.5, rival: "torch" });
  expect([verdictOf(time, { value: 0.5 }), verdictOf(time, { value: 0.61 })]).toEqual(["met", "missed"]);
  expect(find("resnet20 b32 step: 2 threads", 2).measured(figures)).toEqual({ value: 2 });
  expect(find("conv c 1x1 64->256 @56 b8 fwd: share").measured(figures)).toEqual({ value: 0.925 });
});

test("the fastest runs are compared among themselves", () => {
  const figures = new Figures([figure("fovea", 10, { best: 8 }), figure("torch", 20, { best: 12 })]);
  expect(find(`${A} against torch`).measured(figures.byFastest())).toEqual({ value: 1.5, rival: "torch" });
});

test("the page has a row for each peer that was measured, and says what is absent and why", () => {
  const figures = new Figures([figure("fovea", 11.4, { noisy: true }), figure("tfjs-wasm", 45), figure("torch", undefined)]);
  const page = resultsPage({ machine: "A machine", command: "npm start", versions: { fovea: "1.2.3" }, figures, work });
  expect(page).toContain("A machine. fovea 1.2.3.");
  // 2 x 924,844,032 operations in 11.4 ms.
  expect(page).toContain("| fovea | 1 | 162~ | – |");
  expect(page).toContain("| tfjs-wasm | 1 | 45 | – |");
  expect(page).toContain(`- torch: does not start: ${A} (1)`);
  expect(page).toContain(`0 of ${targetsOf(work).length} are met.`);
  expect(page).not.toContain("undefined");
  expect(page).not.toContain("## Pools, forward\n");
});
