/** The benchmark counts what it should, prints what it promises, and runs. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allWork } from "../../bench/measure.ts";
import { tableHead, tableLine } from "../../bench/report.ts";
import { flopsOf, forwardBytes, readWorkList, trainingBytes } from "../../bench/workList.ts";

const bench = join(import.meta.dirname, "../../bench");
const list = await readWorkList(join(bench, "work.json"));

test("work is counted as two operations for each multiply-add, and bytes once", () => {
  expect(list.convs.map(flopsOf)).toEqual([
    2 * 8 * 56 * 56 * 64 * 64 * 9,
    2 * 8 * 28 * 28 * 128 * 128 * 9,
    2 * 8 * 56 * 56 * 256 * 64,
    2 * 8 * 112 * 112 * 64 * 3 * 49,
    2 * 8 * 28 * 28 * 128 * 64 * 9,
    2 * 8 * 56 * 56 * 128 * 9,
    2 * 128 * 24 * 24 * 6 * 25,
    2 * 128 * 8 * 8 * 16 * 6 * 25,
  ]);
  const [max, average, gap] = list.pools;
  expect(forwardBytes(max!)).toBe(4 * 8 * 64 * (112 * 112 + 56 * 56));
  expect(trainingBytes(max!)).toBe(4 * 8 * 64 * (3 * 112 * 112 + 2 * 56 * 56));
  expect(trainingBytes(average!)).toBe(4 * 8 * 64 * 2 * (112 * 112 + 56 * 56));
  expect(forwardBytes(gap!)).toBe(4 * 8 * 64 * (56 * 56 + 1));
});

test("the table fits 100 columns and stays aligned", () => {
  const lines = allWork(list).map(({ name: work }) =>
    tableLine({
      figure: { work, metric: "fwdbwd_gb_per_s", threads: 16, value: 123456, unit: "images/s" },
      best: 0.001234,
      share: 1,
      noisy: true,
    }),
  );
  for (const line of [tableHead(), ...lines]) expect(line.length).toBeLessThanOrEqual(100);
  expect(new Set(lines.map((l) => l.indexOf("images/s"))).size).toBe(1);
});

test("the command prints an array of figures", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fovea-bench-"));
  const work = join(folder, "work.json");
  const convs = [{ id: "tiny", n: 1, c: 2, h: 4, o: 3, k: 3, s: 1, p: 1, g: 1 }];
  const networks = [{ id: "tiny lenet", model: "lenet5", n: 1, passes: ["step"] }];
  await writeFile(work, JSON.stringify({ convs, pools: [], networks }));
  const args = [
    join(bench, "../node_modules/tsx/dist/cli.mjs"),
    join(bench, "bench.ts"),
    "--work",
    work,
    "--filter",
    "tiny",
    "--threads",
    "1",
    "--json",
  ];
  const env = { ...process.env, FOVEA_PATIENCE_MS: "0" };
  const out = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, args, { env }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  await rm(folder, { recursive: true });
  const number = expect.any(Number);
  const lenet = (metric: string, unit: string) => ({ work: "tiny lenet", metric, threads: 1, value: number, unit });
  expect(JSON.parse(out)).toEqual([
    { work: "registers alone", metric: "peak_gflops", threads: 1, value: number, unit: "GFLOP/s" },
    { work: "conv tiny", metric: "fwd_gflops", threads: 1, value: number, unit: "GFLOP/s" },
    { work: "conv tiny", metric: "fwdbwd_gflops", threads: 1, value: number, unit: "GFLOP/s" },
    lenet("step_ms", "ms"),
    lenet("images_per_s", "images/s"),
    lenet("step_peak_mib", "MiB"),
    lenet("step_module_kib", "KiB"),
    lenet("step_compile_ms", "ms"),
  ]);
});
