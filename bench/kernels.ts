/** Speed of lowered kernels on one thread, against what registers alone can do in the same run: `npx tsx bench/kernels.ts [name]`. */
import { FunctionBuilder } from "../src/backend/wasm/function.ts";
import { lowerKernel } from "../src/backend/wasm/lower.ts";
import { assembleModule } from "../src/backend/wasm/module.ts";
import { add, binary, buffer, type Buffer, constant, type Expr, load, mul } from "../src/kernel/expr.ts";
import { type Axis, axis, Int } from "../src/kernel/int.ts";
import { type Kernel, kernelOf } from "../src/kernel/kernel.ts";

interface Case {
  readonly name: string;
  readonly kernel: Kernel;
  /** Floating-point operations that count, or bytes moved. */
  readonly work: number;
  readonly unit: "GFLOP/s" | "GB/s";
}

const flat = (name: string, length: number): Buffer => buffer(name, [length]);
const ceil8 = (n: number): number => Math.ceil(n / 8);

/** A convolution over an input with halo, weights packed [panel][kh][kw][c][8], rows = a row of output pixels. */
function convolution(name: string, n: number, o: number, c: number, size: number, kernel: number, stride: number, input = (size - 1) * stride + kernel): Case {
  const padded = input;
  const [N, OH, OW] = [axis("n", n), axis("oh", size), axis("ow", size)];
  const [P, L] = [axis("p", ceil8(o)), axis("l", 8)];
  const [KH, KW, C] = [axis("kh", kernel), axis("kw", kernel), axis("c", c)];
  const x = flat("x", n * padded * padded * c);
  const w = flat("w", P.extent * kernel * kernel * c * 8);
  const bias = flat("bias", P.extent * 8);
  const y = flat("y", n * size * size * o);
  const i = (a: Axis): Int => Int.of(a);
  const h = i(OH).mul(stride).add(KH);
  const column = i(OW).mul(stride).add(KW);
  const a = load(x, [i(N).mul(padded).add(h).mul(padded).add(column).mul(c).add(C)]);
  const b = load(w, [i(P).mul(kernel).add(KH).mul(kernel).add(KW).mul(c).add(C).mul(8).add(L)]);
  const channel = i(P).mul(8).add(L);
  const at = i(N).mul(size).add(OH).mul(size).add(OW).mul(o).add(channel);
  const post = (sum: Expr): Expr => binary("max", add(sum, load(bias, [channel])), constant(0));
  const k = kernelOf(name, flat("y", at.max + 1), [N, OH, OW, P, L], [at], [KH, KW, C], { post }, mul(a, b));
  const roles = { a, b, batch: [N, OH], rows: OW, panels: P, lanes: L, outer: [], inner: [KH, KW, C] };
  const within = o % 8 === 0 ? {} : { within: [{ at: channel, high: o }] };
  return { name, kernel: { ...k, out: k.out, contraction: roles, ...within }, work: 2 * y.shape[0]! * kernel * kernel * c, unit: "GFLOP/s" };
}

/** y[m][o] = x[m][k] * w, weights packed [panel][k][lanes]. */
function product(name: string, m: number, k: number, o: number, lanes = 8): Case {
  const [M, K, P, L] = [axis("m", m), axis("k", k), axis("p", Math.ceil(o / lanes)), axis("l", lanes)];
  const a = load(flat("x", m * k), [Int.of(M).mul(k).add(K)]);
  const b = load(flat("w", P.extent * k * lanes), [Int.of(P).mul(k).add(K).mul(lanes).add(L)]);
  const channel = Int.of(P).mul(lanes).add(L);
  const post = (sum: Expr): Expr => binary("max", add(sum, load(flat("bias", P.extent * lanes), [channel])), constant(0));
  const at = Int.of(M).mul(o).add(channel);
  const kernel = kernelOf(name, flat("y", at.max + 1), [M, P, L], [at], [K], { post }, mul(a, b));
  const roles = { a, b, batch: [], rows: M, panels: P, lanes: L, outer: [], inner: [K] };
  const within = o % lanes === 0 ? {} : { within: [{ at: channel, high: o }] };
  return { name, kernel: { ...kernel, contraction: roles, ...within }, work: 2 * m * k * o, unit: "GFLOP/s" };
}

/** dw[kh][kw][c][o] of a convolution: rows = (kw, c), lanes = o, summed over n and rows of dy. */
function weightGradient(name: string, n: number, o: number, c: number, size: number, kernel: number, stride: number): Case {
  const padded = (size - 1) * stride + kernel;
  const [N, OH, OW] = [axis("n", n), axis("oh", size), axis("ow", size)];
  const [P, L, KH, R] = [axis("p", ceil8(o)), axis("l", 8), axis("kh", kernel), axis("kwc", kernel * c)];
  const channel = Int.of(P).mul(8).add(L);
  const row = Int.of(OH).mul(stride).add(KH);
  const a = load(flat("x", n * padded * padded * c), [Int.of(N).mul(padded).add(row).mul(padded * c).add(Int.of(OW).mul(stride * c)).add(R)]);
  const dy = Int.of(N).mul(size).add(OH).mul(size).add(OW).mul(o).add(channel);
  const b = load(flat("dy", dy.max + 1), [dy]);
  const at = Int.of(KH).mul(kernel * c).add(R).mul(o).add(channel);
  const k = kernelOf(name, flat("dw", at.max + 1), [KH, R, P, L], [at], [N, OH, OW], {}, mul(a, b));
  const roles = { a, b, batch: [KH], rows: R, panels: P, lanes: L, outer: [N, OH], inner: [OW] };
  const within = o % 8 === 0 ? {} : { within: [{ at: channel, high: o }] };
  return { name, kernel: { ...k, contraction: roles, ...within }, work: 2 * n * size * size * o * kernel * kernel * c, unit: "GFLOP/s" };
}

const CASES: readonly Case[] = [
  convolution("3x3 64->64 @56 b8", 8, 64, 64, 56, 3, 1),
  convolution("3x3 128->128 @28 b8", 8, 128, 128, 28, 3, 1),
  convolution("3x3 256->256 @14 b8", 8, 256, 256, 14, 3, 1),
  convolution("3x3 512->512 @7 b8", 8, 512, 512, 7, 3, 1),
  product("1x1 64->256 @56 b8", 8 * 56 * 56, 64, 256),
  convolution("3x3 s2 64->128 @56 b8", 8, 128, 64, 28, 3, 2),
  convolution("7x7 s2 3->64 @224 b8", 8, 64, 3, 112, 7, 2),
  convolution("5x5 1->6 @28 b128", 128, 6, 1, 24, 5, 1),
  convolution("5x5 6->16 @12 b128", 128, 16, 6, 8, 5, 1),
  weightGradient("dW 3x3 64->64 @56 b8", 8, 64, 64, 56, 3, 1),
  weightGradient("dW 3x3 128->128 @28 b8", 8, 128, 128, 28, 3, 1),
  weightGradient("dW 5x5 1->6 @28 b128", 128, 6, 1, 24, 5, 1),
  weightGradient("dW 5x5 6->16 @12 b128", 128, 16, 6, 8, 5, 1),
  product("64 x 400 x 120", 64, 400, 120),
  product("64 x 84 x 10", 64, 84, 10),
  product("512 x 512 x 512", 512, 512, 512),
];

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
    f.i32(0).get(s).memory("v128.store", 64 + 16 * i);
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
console.log("kernel                          ms    median     best   share of registers-only");
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
  console.log(`${c.name.padEnd(26)} ${cells.join("")} ${c.unit} ${(share * 100).toFixed(0).padStart(4)}% of ${(96e6 / peaks[0]!).toFixed(1)}`);
}
