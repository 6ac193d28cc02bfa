/** Speed of lowered kernels on one thread, against what registers alone can do in the same run: `npx tsx bench/kernels.ts [name]`. */
import { setFlagsFromString } from "node:v8";
import { FunctionBuilder } from "../src/backend/wasm/function.ts";
import { lowerKernel } from "../src/backend/wasm/lower.ts";
import { assembleModule } from "../src/backend/wasm/module.ts";
import { CASES, type Case } from "./kernelCases.ts";

// the optimizing compiler from the start: on a busy machine its background thread may take seconds
setFlagsFromString("--no-liftoff");

const memory = new WebAssembly.Memory({ initial: 6000, maximum: 6000 });

function instantiate(fn: FunctionBuilder): (...args: number[]) => void {
  const plan = { initial: 6000, maximum: 6000, import: { module: "m", name: "m" } };
  const module = new WebAssembly.Module(assembleModule({ exports: { run: fn }, memory: plan }));
  return new WebAssembly.Instance(module, { m: { m: memory } }).exports.run as (...args: number[]) => void;
}

/** Runs a million rounds of twelve multiplications and additions on registers alone. */
function registersOnly(): () => void {
  const f = new FunctionBuilder("peak", ["i32"]);
  const sums = Array.from({ length: 12 }, () => f.local("v128"));
  const [x, y] = [f.local("v128"), f.local("v128")];
  f.i32(0).memory("v128.load", 0).set(x).i32(0).memory("v128.load", 16).set(y);
  for (const s of sums) f.i32(0).memory("v128.load", 32).set(s);
  f.loop(() => {
    for (const s of sums) f.get(s).get(x).op("f32x4.mul").get(y).op("f32x4.add").set(s);
    f.get(f.param(0)).i32(1).op("i32.sub").tee(f.param(0)).brIf(0);
  });
  sums.forEach((s, i) => {
    f.i32(0)
      .get(s)
      .memory("v128.store", 64 + 16 * i);
  });
  const run = instantiate(f);
  return () => run(1_000_000);
}

function loaded(c: Case): () => void {
  const { fn, buffers, items } = lowerKernel(c.kernel);
  let top = 1024;
  const addresses = buffers.map((b) => {
    const at = top;
    top += Math.ceil((b.shape[0]! * 4) / 128) * 128;
    const view = new Float32Array(memory.buffer, at, b.shape[0]!);
    for (let i = 0; i < view.length; i++) view[i] = ((i * 2654435761) % 1024) / 1024 - 0.5;
    return at;
  });
  const run = instantiate(fn);
  return () => run(...addresses, 0, items);
}

const time = (run: () => void): number => {
  const t = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - t);
};

const only = process.argv[2];
new Float32Array(memory.buffer, 0, 12).fill(0.5);
const top = registersOnly();
console.log("kernel                              ms    median     best   share of registers-only");
for (const c of CASES) {
  if (only && !c.name.includes(only)) continue;
  const run = loaded(c);
  const warm = performance.now();
  while (performance.now() - warm < 300) run();
  const [times, peaks]: [number[], number[]] = [[], []];
  for (let i = 0; i < 21; i++) {
    times.push(time(run));
    peaks.push(time(top));
  }
  for (const list of [times, peaks]) list.sort((a, b) => a - b);
  const [ms, best] = [times[10]! / 1e6, times[0]! / 1e6];
  const share = c.work / times[0]! / (96e6 / peaks[0]!);
  const cells = [ms.toFixed(3).padStart(8), (c.work / ms / 1e6).toFixed(1).padStart(9), (c.work / best / 1e6).toFixed(1).padStart(9)];
  const ceiling = c.unit === "GFLOP/s" ? ` ${(share * 100).toFixed(0).padStart(4)}% of ${(96e6 / peaks[0]!).toFixed(1)}` : "";
  console.log(`${c.name.padEnd(30)} ${cells.join("")} ${c.unit}${ceiling}`);
}
