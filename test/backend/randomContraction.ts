/** Random contractions: all tails of rows and lanes, inner and outer axes, layouts and epilogues. */
import { stridesOf } from "../../src/base/shape.ts";
import { offsetOf } from "../../src/kernel/address.ts";
import { add, binary, buffer, constant, type Expr, index, load, mul, select, toFloat } from "../../src/kernel/expr.ts";
import { type Axis, axis, Int } from "../../src/kernel/int.ts";
import { type Kernel, kernelOf } from "../../src/kernel/kernel.ts";
import type { Draw } from "./randomKernel.ts";

/** A load of a flat buffer at some axes, in a layout of their own; `last` lies innermost. */
function strided(d: Draw, name: string, axes: readonly Int[], last: readonly Int[]): ReturnType<typeof load> {
  const index = [...axes, ...last];
  const order = [...d.order(axes.length), ...last.map((_, i) => axes.length + i)];
  const strides = stridesOf(
    index.map((i) => i.max + 1),
    order,
  );
  const offset = offsetOf(index, strides).add(d.of(0, 0, 3));
  return load(buffer(name, [offset.max + 1 + d.of(0, 5)]), [offset]);
}

export function randomContraction(d: Draw): Kernel {
  const some = (name: string, most: number, extents: readonly number[]): Axis[] =>
    Array.from({ length: d.int(0, most) }, (_, i) => axis(`${name}${i}`, d.of(...extents)));
  const ints = (axes: readonly Axis[]): Int[] => axes.map((a) => Int.of(a));
  const batch = some("n", 2, [1, 2, 3]);
  const outer = d.rarely() ? some("s", 2, [1, 2, 3]) : [];
  const inner = some("k", 3, [1, 2, 3, 4, 5, 7]);
  const rows = d.rarely() ? undefined : axis("m", d.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 31, 70));
  const lanes = axis("l", d.of(4, 8, 8));
  const channels = d.int(1, 20);
  const panels = axis("p", Math.ceil(channels / lanes.extent));
  const channel = Int.of(panels).mul(lanes.extent).add(lanes);
  const row = rows ? [Int.of(rows)] : [];

  // a window: a's rows and inner axes may share a dimension, as in a convolution
  const window =
    rows && inner.length > 0 && d.often() ? [Int.of(rows).mul(d.of(1, 2)).add(inner[0]!)] : [...row, ...ints(inner.slice(0, 1))];
  // rows that share a and not b
  const apart = rows !== undefined && d.rarely();
  const first = ints(inner.slice(0, 1));
  const a = strided(d, "a", [...ints(batch), ...ints(outer), ...(apart ? first : window), ...ints(inner.slice(1))], []);
  const ofB = [...ints(outer), Int.of(panels), ...(apart ? window : first), ...ints(inner.slice(1))];
  const b = strided(d, "b", d.rarely() ? [...ints(batch), ...ofB] : ofB, [Int.of(lanes)]);
  const channelsLast = d.often();
  const outIndex = [...ints(batch), ...row, channel];
  const shape = [...batch.map((x) => x.extent), ...(rows ? [rows.extent] : []), channels];
  const strides = stridesOf(shape, channelsLast ? undefined : d.order(shape.length));
  const at = offsetOf(outIndex, strides);
  const size = shape.reduce((n, e) => n * e, 1);
  const out = buffer("y", [size]);
  const bias = load(buffer("bias", [channel.max + 1]), [channel]);
  const residual = load(buffer("residual", [at.max + 1]), [at]);
  const perRow = load(buffer("row", [rows?.extent ?? 1]), [rows ?? 0]);
  const kept = load(buffer("kept", [at.max + 1], "u8"), [at]);
  const relu = (x: Expr): Expr => binary("max", x, constant(0));
  const epilogues: ((x: Expr) => Expr)[] = [
    (x) => x,
    (x) => relu(add(x, bias)),
    (x) => add(relu(x), residual),
    (x) => select("gt", residual, constant(1), x, mul(x, perRow)),
    (x) => mul(add(x, bias), add(x, bias)),
    (x) => add(x, toFloat(index(channel.add(rows ?? 0)))),
    (x) => select("lt", kept, index(Int.of(2)), constant(0), x),
  ];
  const post = outer.length > 0 ? (x: Expr): Expr => x : d.of(...epilogues);
  const axes = [...batch, ...(rows ? [rows] : []), panels, lanes];
  const k = kernelOf("contraction", { ...out, shape: [Math.max(size, at.max + 1)] }, axes, [at], [...outer, ...inner], { post }, mul(a, b));
  // the template may store only what lies within; the buffer is as long as that
  const contraction = { a, b, batch, rows, panels: panels.extent === 1 && d.often() ? undefined : panels, lanes, outer, inner };
  const within = channels % lanes.extent === 0 ? {} : { within: [{ at: channel, high: channels }] };
  return { ...k, out: k.out, contraction, ...within };
}
