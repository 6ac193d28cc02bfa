/** Random kernels over random layouts, with data on which f32 arithmetic is exact. */
import fc from "fast-check";
import type { DType } from "../../src/base/dtype.ts";
import { type Shape, stridesOf } from "../../src/base/shape.ts";
import { addressKernel, type Strides } from "../../src/kernel/address.ts";
import {
  type Buffer,
  binary,
  buffer,
  constant,
  type Expr,
  type Guard,
  index,
  isZero,
  load,
  select,
  toFloat,
  typeOf,
  unary,
} from "../../src/kernel/expr.ts";
import { type Axis, axis, Int } from "../../src/kernel/int.ts";
import { type Kernel, kernelLoads, kernelOf } from "../../src/kernel/kernel.ts";
import type { Combine, CompareFn } from "../../src/kernel/scalar.ts";
import type { Numbers } from "./runLowered.ts";

/** Draws that fast-check can shrink. */
export class Draw {
  readonly #g: fc.GeneratorValue;

  constructor(g: fc.GeneratorValue) {
    this.#g = g;
  }

  int(min: number, max: number): number {
    return this.#g(fc.integer, { min, max });
  }

  of<T>(...list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  often(): boolean {
    return this.int(0, 3) > 0;
  }

  rarely(): boolean {
    return this.int(0, 3) === 3;
  }

  order(n: number): number[] {
    const list = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(0, i);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
  }
}

const EXTENTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 20, 33] as const;

/** A kernel as an op would write it: pointwise or a reduction, with windows, borders, broadcasts and epilogues. */
export function randomKernel(d: Draw): Kernel {
  const axes = randomAxes(d);
  const k = kernelOver(d, axes);
  if (axes.length === 0 || d.often()) return k;
  const cut = d.of(...axes);
  return { ...k, within: [{ at: Int.of(cut), high: d.int(1, cut.extent) }] };
}

/** Kernels over the same points, that have the same terms, the same reduction axes, or neither. */
export function randomSiblings(d: Draw): readonly Kernel[] {
  const axes = randomAxes(d);
  const kernels = [kernelOver(d, axes)];
  for (let more = d.int(1, 2); more > 0; more--) {
    const first = d.of(...kernels);
    const of = (body: Expr, combine: Combine): Kernel =>
      kernelOf("sibling", outputOf(d, axes, combine, body), axes, axes, first.reduce, { combine }, body);
    const isFloat = typeOf(first.body) === "f32";
    const same = (): Kernel => of(first.body, d.of("sum", "max", ...(isFloat ? (["argmax", "argmax"] as const) : [])));
    const alike = (): Kernel => of(binary("mul", first.body, floatExpr(d, axes, first.reduce, 1)), "sum");
    const few = kernels.every((k) => k.reduce.reduce((n, a) => n * a.extent, 1) <= 12);
    const terms = first.reduce.length > 0 && kernels.every((k) => k.reduce === first.reduce);
    if (terms && (d.often() || !few)) kernels.push(isFloat && d.rarely() ? alike() : same());
    else if (few) kernels.push(kernelOver(d, axes, 9));
  }
  return kernels;
}

const randomAxes = (d: Draw): Axis[] => {
  const rank = d.int(0, 4);
  return Array.from({ length: rank }, (_, i) => axis(`i${i}`, d.of(...EXTENTS.slice(0, rank > 2 ? 10 : undefined))));
};

function outputOf(d: Draw, axes: readonly Axis[], combine: Combine, body: Expr): Buffer {
  const dtype: DType = combine !== "argmax" && typeOf(body) === "f32" ? "f32" : d.of("i32", "u8");
  return buffer(
    "out",
    axes.map((a) => a.extent),
    dtype,
  );
}

/** A kernel of at most so many terms. */
function kernelOver(d: Draw, axes: readonly Axis[], most = 256): Kernel {
  const terms = [1, 2, 3, 3, 5, 14, 16].filter((n) => n * n <= most);
  const reduce = Array.from({ length: d.of(0, 0, 1, 2, 2) }, (_, i) => axis(`r${i}`, d.of(...terms)));
  const combine: Combine = reduce.length === 0 ? "sum" : d.of("sum", "sum", "max", "min", "argmax");
  const body = combine === "argmax" ? floatExpr(d, axes, reduce, 1) : d.rarely() ? intLoad(d, axes, reduce) : floatExpr(d, axes, reduce, 2);
  const type = combine === "argmax" ? "i32" : typeOf(body);
  const out = outputOf(d, axes, combine, body);
  const post = (acc: Expr): Expr => (type === "i32" || d.rarely() ? acc : epilogue(d, acc, axes));
  return kernelOf("random", out, axes, axes, reduce, { combine, post }, body);
}

function epilogue(d: Draw, acc: Expr, axes: readonly Axis[]): Expr {
  const biased = binary("add", acc, floatLoad(d, axes, []));
  return d.of(
    biased,
    binary("max", biased, constant(0)),
    binary("max", acc, constant(-2)),
    select("gt", floatLoad(d, axes, []), acc, acc, biased),
  );
}

function floatExpr(d: Draw, axes: readonly Axis[], reduce: readonly Axis[], depth: number): Expr {
  const part = (): Expr => floatExpr(d, axes, reduce, depth - 1);
  if (depth === 0 || d.rarely()) {
    return d.of(0, 0, 0, 1, 2) === 0 ? floatLoad(d, axes, reduce) : d.rarely() ? constant(d.int(-3, 3)) : toFloat(intLoad(d, axes, reduce));
  }
  const fn = d.of("add", "sub", "mul", "max", "min", "neg", "abs", "select", "floor", "twice");
  if (fn === "neg" || fn === "abs" || fn === "floor") return unary(fn, part());
  if (fn === "select") return select(compare(d), part(), part(), part(), part());
  if (fn === "twice") {
    const x = part();
    return binary("add", x, binary("mul", x, constant(2)));
  }
  return binary(fn, part(), part());
}

const compare = (d: Draw): CompareFn => d.of("eq", "ne", "lt", "le", "gt", "ge");

const floatLoad = (d: Draw, axes: readonly Axis[], reduce: readonly Axis[]): Expr => randomLoad(d, "f32", axes, reduce);

function intLoad(d: Draw, axes: readonly Axis[], reduce: readonly Axis[]): Expr {
  const all = [...axes, ...reduce];
  if (all.length > 0 && d.rarely()) return index(Int.of(d.of(...all)).add(d.int(0, 3)));
  const e = randomLoad(d, d.of("i32", "u8"), axes, reduce);
  return d.rarely() ? select(compare(d), e, randomLoad(d, "i32", axes, reduce), e, randomLoad(d, "u8", axes, reduce)) : e;
}

/** A load at an index per output axis: itself, left out, strided, or a window that may leave the array. */
function randomLoad(d: Draw, dtype: DType, axes: readonly Axis[], reduce: readonly Axis[]): Expr {
  const shape: number[] = [];
  const at: Int[] = [];
  const guards: Guard[] = [];
  const free = [...reduce];
  for (const a of axes) {
    const kind = d.of("itself", "itself", "itself", "left out", "strided", "window", "backwards", "halved");
    if (kind === "left out") continue;
    const r = free.length > 0 && d.often() ? free.shift()! : undefined;
    if (kind === "itself" || kind === "strided") {
      const step = kind === "strided" ? d.of(2, 3) : 1;
      const i = Int.of(a)
        .mul(step)
        .add(r ? Int.of(r) : 0);
      at.push(i);
      shape.push(i.max + 1 + d.int(0, 1));
    } else if (kind === "window") {
      const i = Int.of(a)
        .mul(d.of(1, 1, 2))
        .add(r ? Int.of(r) : 0)
        .add(-d.int(0, 2));
      at.push(i);
      shape.push(Math.max(1, i.max + 1 - d.int(0, 3)));
    } else if (kind === "backwards") {
      const i = Int.of(a.extent - 1).sub(a);
      at.push(i);
      shape.push(i.max + 1);
    } else {
      const i = Int.of(a)
        .add(d.int(0, 2))
        .sub(r ? Int.of(r) : 0);
      guards.push(isZero(i.mod(2)));
      at.push(i.div(2));
      shape.push(Math.max(1, i.div(2).max + 1 - d.int(0, 1)));
    }
  }
  for (const r of free) {
    if (!d.often()) continue;
    at.push(Int.of(r));
    shape.push(r.extent);
  }
  return load(buffer("x", shape, dtype), at, guards, d.of(0, 0, -2, 7));
}

/** The kernel over flat buffers in random layouts, some with gaps between rows. */
export const inRandomLayout = (d: Draw, k: Kernel): Kernel => allInRandomLayout(d, [k])[0]!;

/** Kernels that may read the same buffers, likewise. */
export function allInRandomLayout(d: Draw, kernels: readonly Kernel[]): readonly Kernel[] {
  const layouts = new Map<Buffer, { strides: Strides; flat: Buffer }>();
  const layout = (b: Buffer): { strides: Strides; flat: Buffer } => {
    const known = layouts.get(b);
    if (known) return known;
    const order = d.often() ? b.shape.map((_, i) => i) : d.order(b.shape.length);
    const gap = d.rarely() ? 1 : 0;
    const padded: Shape = b.shape.map((n, i) => n + (i === order.at(-1) ? gap : 0));
    const strides = stridesOf(padded, order);
    const length = b.shape.reduce((sum, n, i) => sum + (n - 1) * strides[i]!, 1);
    const made = { strides, flat: { name: b.name, shape: [length], dtype: b.dtype } };
    layouts.set(b, made);
    return made;
  };
  return kernels.map((k) =>
    addressKernel(
      k,
      (b) => layout(b).strides,
      (b) => layout(b).flat,
    ),
  );
}

/** Small whole numbers; now and then a NaN or an infinity if `special`. */
export function randomData(k: Kernel, random: () => number, special: boolean): Map<Buffer, Numbers> {
  const data = new Map<Buffer, Numbers>();
  for (const b of [k.out, ...kernelLoads(k).map((l) => l.buffer)]) {
    if (data.has(b)) continue;
    const n = b.shape[0]!;
    const value = (): number => {
      if (special && b.dtype === "f32" && random() < 0.03) return random() < 0.5 ? NaN : random() < 0.5 ? Infinity : -Infinity;
      const v = Math.floor(random() * 9) - 4;
      return b.dtype === "u8" ? Math.abs(v) : v;
    };
    const values = Array.from({ length: n }, value);
    data.set(b, b.dtype === "f32" ? Float32Array.from(values) : b.dtype === "i32" ? Int32Array.from(values) : Uint8Array.from(values));
  }
  return data;
}
