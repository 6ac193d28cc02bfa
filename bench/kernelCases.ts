/** The kernels that matter, built by hand as addressed kernels with the roles of their axes. */
import { stridesOf } from "../src/base/shape.ts";
import { addressKernel, flatTwin } from "../src/kernel/address.ts";
import { add, type Buffer, binary, buffer, constant, type Expr, load, mul, unary } from "../src/kernel/expr.ts";
import { type Axis, axis, Int } from "../src/kernel/int.ts";
import { compute, type Kernel, kernelOf } from "../src/kernel/kernel.ts";

/** A kernel and what a run of it does. */
export interface Case {
  readonly name: string;
  readonly kernel: Kernel;
  /** Floating-point operations that count, or bytes moved. */
  readonly work: number;
  readonly unit: "GFLOP/s" | "GB/s";
}

const flat = (name: string, length: number): Buffer => buffer(name, [length]);
const ceil8 = (n: number): number => Math.ceil(n / 8);

/** A convolution over an input with halo, weights packed [panel][kh][kw][c][8], rows = a row of output pixels. */
export function convolution(
  name: string,
  n: number,
  o: number,
  c: number,
  size: number,
  kernel: number,
  stride: number,
  input: number = (size - 1) * stride + kernel,
): Case {
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
  return {
    name,
    kernel: { ...k, out: k.out, contraction: roles, ...within },
    work: 2 * y.shape[0]! * kernel * kernel * c,
    unit: "GFLOP/s",
  };
}

/** y[m][o] = x[m][k] * w, weights packed [panel][k][lanes]. */
export function product(name: string, m: number, k: number, o: number, lanes: number = 8): Case {
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
export function weightGradient(name: string, n: number, o: number, c: number, size: number, kernel: number, stride: number): Case {
  const padded = (size - 1) * stride + kernel;
  const [N, OH, OW] = [axis("n", n), axis("oh", size), axis("ow", size)];
  const [P, L, KH, R] = [axis("p", ceil8(o)), axis("l", 8), axis("kh", kernel), axis("kwc", kernel * c)];
  const channel = Int.of(P).mul(8).add(L);
  const row = Int.of(OH).mul(stride).add(KH);
  const a = load(flat("x", n * padded * padded * c), [
    Int.of(N)
      .mul(padded)
      .add(row)
      .mul(padded * c)
      .add(Int.of(OW).mul(stride * c))
      .add(R),
  ]);
  const dy = Int.of(N).mul(size).add(OH).mul(size).add(OW).mul(o).add(channel);
  const b = load(flat("dy", dy.max + 1), [dy]);
  const at = Int.of(KH)
    .mul(kernel * c)
    .add(R)
    .mul(o)
    .add(channel);
  const k = kernelOf(name, flat("dw", at.max + 1), [KH, R, P, L], [at], [N, OH, OW], {}, mul(a, b));
  const roles = { a, b, batch: [KH], rows: R, panels: P, lanes: L, outer: [N, OH], inner: [OW] };
  const within = o % 8 === 0 ? {} : { within: [{ at: channel, high: o }] };
  return { name, kernel: { ...k, contraction: roles, ...within }, work: 2 * n * size * size * o * kernel * kernel * c, unit: "GFLOP/s" };
}

/** An op's kernel over dense arrays, channels last: `dense` addresses [n, h, w, c]. */
function dense(name: string, k: Kernel, work: number, unit: Case["unit"] = "GB/s"): Case {
  const flats = new Map<Buffer, Buffer>();
  const twin = (b: Buffer): Buffer => flats.get(b) ?? flats.set(b, flatTwin(b)).get(b)!;
  return { name, kernel: addressKernel(k, (b) => stridesOf(b.shape), twin), work, unit };
}

/** Windows of one channel each; `pad` > 0 reads outside the input. */
function windows(
  name: string,
  n: number,
  size: number,
  c: number,
  window: number,
  stride: number,
  pad: number,
  what: "depthwise" | "max" | "mean",
): Case {
  const input = pad > 0 ? size * stride : (size - 1) * stride + window;
  const x = buffer("x", [n, input, input, c]);
  const y = buffer("y", [n, size, size, c]);
  const w = buffer("w", [window, window, c]);
  const combine = what === "max" ? "max" : "sum";
  const post = (sum: Expr): Expr => (what === "mean" ? mul(sum, constant(1 / window ** 2)) : sum);
  const k = compute(name, y, { reduce: [window, window], combine, post }, ([i, h, v, ch], [kh, kw]) => {
    const at = [i!, Int.of(h!).mul(stride).add(kh!).sub(pad), Int.of(v!).mul(stride).add(kw!).sub(pad), ch!];
    const taken = load(x, at, [], what === "max" ? -Infinity : 0);
    return what === "depthwise" ? mul(taken, load(w, [kh!, kw!, ch!])) : taken;
  });
  const flops = 2 * window ** 2 * n * size * size * c;
  return what === "depthwise" ? dense(name, k, flops, "GFLOP/s") : dense(name, k, 4 * n * c * (input ** 2 + size ** 2));
}

/** dw[kh][kw][c] of a depthwise convolution over an input with halo. */
function depthwiseWeightGradient(name: string, n: number, size: number, c: number, window: number): Case {
  const input = size + window - 1;
  const [x, dy, dw] = [buffer("x", [n, input, input, c]), buffer("dy", [n, size, size, c]), buffer("dw", [window, window, c])];
  const k = compute(name, dw, { reduce: [n, size, size] }, ([kh, kw, ch], [i, h, w]) =>
    mul(load(x, [i!, Int.of(h!).add(kh!), Int.of(w!).add(kw!), ch!]), load(dy, [i!, h!, w!, ch!])),
  );
  return dense(name, k, 2 * window ** 2 * n * size * size * c, "GFLOP/s");
}

/** Column sums: one number per channel and part. */
function columnSums(name: string, parts: number, rows: number, c: number): Case {
  const [x, y] = [buffer("x", [parts, rows, c]), buffer("y", [parts, c])];
  return dense(
    name,
    compute(name, y, { reduce: [rows] }, ([p, ch], [r]) => load(x, [p!, r!, ch!])),
    4 * parts * rows * c,
  );
}

/** y = max(a[c] x + b[c], 0). */
function scaleShift(name: string, rows: number, c: number): Case {
  const [x, y, a, b] = [buffer("x", [rows, c]), buffer("y", [rows, c]), buffer("a", [c]), buffer("b", [c])];
  const k = compute(name, y, {}, ([r, ch]) => binary("max", add(mul(load(x, [r!, ch!]), load(a, [ch!])), load(b, [ch!])), constant(0)));
  return dense(name, k, 8 * rows * c);
}

/** A copy into an array with a border of zeros. */
function halo(name: string, n: number, size: number, c: number, pad: number): Case {
  const [x, y] = [buffer("x", [n, size, size, c]), buffer("y", [n, size + 2 * pad, size + 2 * pad, c])];
  const k = compute(name, y, {}, ([i, h, w, ch]) => load(x, [i!, Int.of(h!).sub(pad), Int.of(w!).sub(pad), ch!]));
  return dense(name, k, 4 * n * c * (size ** 2 + (size + 2 * pad) ** 2));
}

/** One number of each row: the innermost axis is reduced. */
function rowMax(name: string, rows: number, c: number): Case {
  const [x, y] = [buffer("x", [rows, c]), buffer("y", [rows])];
  return dense(
    name,
    compute(name, y, { reduce: [c], combine: "max" }, ([r], [ch]) => load(x, [r!, ch!])),
    4 * rows * c,
  );
}

function elementwise(name: string, n: number, f: (x: Expr) => Expr): Case {
  const [x, y] = [buffer("x", [n]), buffer("y", [n])];
  return dense(
    name,
    compute(name, y, {}, ([i]) => f(load(x, [i!]))),
    8 * n,
  );
}

export const CASES: readonly Case[] = [
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
  weightGradient("dW 512->512 @7 b8", 8, 512, 512, 7, 3, 1),
  weightGradient("dW 7x7 s2 3->64 @224 b8", 8, 64, 3, 112, 7, 2),
  windows("depthwise 3x3 128 @56 b8", 8, 56, 128, 3, 1, 0, "depthwise"),
  windows("depthwise, padded", 8, 56, 128, 3, 1, 1, "depthwise"),
  depthwiseWeightGradient("dW depthwise 3x3 128 @56 b8", 8, 56, 128, 3),
  windows("max-pool 3x3 s2 64 @112 b8", 8, 56, 64, 3, 2, 1, "max"),
  windows("max-pool 2x2 6 @24 b128", 128, 12, 6, 2, 2, 0, "max"),
  windows("mean-pool 2x2 64 @112 b8", 8, 56, 64, 2, 2, 0, "mean"),
  windows("mean-pool 2x2 16 @32 b32", 32, 16, 16, 2, 2, 0, "mean"),
  columnSums("column sums 64 @56 b8", 8, 56 * 56, 64),
  columnSums("column sums 16 @32 b32", 32, 1024, 16),
  columnSums("column sums 512 @7 b8", 1, 8 * 49, 512),
  scaleShift("scale, shift, relu 64 @56 b8", 8 * 56 * 56, 64),
  scaleShift("scale, shift, relu 16 @32 b32", 32 * 1024, 16),
  scaleShift("scale, shift, relu 6 @24 b128", 128 * 576, 6),
  halo("halo 64 @56 b8", 8, 56, 64, 1),
  halo("halo 3 @224 b8", 8, 224, 3, 3),
  halo("halo 1 @28 b128", 128, 28, 1, 2),
  rowMax("row max 128 x 1000", 128, 1000),
  elementwise("copy 6.4 MB", 1 << 20, (x) => x),
  elementwise("relu 64 KB", 1 << 13, (x) => binary("max", x, constant(0))),
  elementwise("exp 64 KB", 1 << 13, (x) => unary("exp", x)),
  elementwise("tanh 64 KB", 1 << 13, (x) => unary("tanh", x)),
];
