/** Which inputs each window of a pool reads, and which windows read each input: for kernels, and as plain loops. */
import { type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import { offsetOf } from "../kernel/address.ts";
import { type Buffer, constant, type Expr, type Guard, isZero } from "../kernel/expr.ts";
import { type Axis, axis, Int } from "../kernel/int.ts";
import { type Kernel, kernelOf } from "../kernel/kernel.ts";
import { forEachTap, tapIndex, type WindowAttrs, windowIndex } from "./window.ts";

/**
 * Windows that together cover the input without its edges getting less: window o of `outputSize` reads from floor(o n / out)
 * to before ceil((o + 1) n / out). They may overlap by one, and their sizes differ by one or two.
 */
export interface AdaptiveAttrs extends Readonly<Record<string, unknown>> {
  /** Extents of the input. */
  readonly inputSpace: Shape;
  /** Windows along each axis. */
  readonly outputSize: Shape;
}

/** The windows of a pool: all alike, or adaptive. */
export type PoolAttrs = WindowAttrs | AdaptiveAttrs;

export const isAdaptive = (w: PoolAttrs): w is AdaptiveAttrs => "outputSize" in w;

/** The windows of a pool and the extents of its input, which strides lose. */
export type PoolSpace = PoolAttrs & { readonly inputSpace: Shape };

export const withSpace = (x: Shape, w: PoolAttrs): PoolSpace => ({ ...windowsOnly(w), inputSpace: x.slice(2) });

/** The windows without what an op says beside them. */
export function windowsOnly(w: PoolAttrs): PoolAttrs {
  if (isAdaptive(w)) return { inputSpace: w.inputSpace, outputSize: w.outputSize };
  const { kernel, stride, padding, dilation } = w;
  return { kernel, stride, padding, dilation };
}

/** First input of window `at` among `out` adaptive ones over n inputs, and the one after its last. */
export const adaptiveStart = (at: number, n: number, out: number): number => Math.floor((at * n) / out);
const adaptiveEnd = (at: number, n: number, out: number): number => Math.ceil(((at + 1) * n) / out);

/** Inputs of each of `out` adaptive windows over n inputs. */
export const adaptiveSizes = (n: number, out: number): readonly number[] =>
  Array.from({ length: out }, (_, o) => adaptiveEnd(o, n, out) - adaptiveStart(o, n, out));

/** The size of the largest of them. */
const adaptiveExtent = (n: number, out: number): number => adaptiveSizes(n, out).reduce((a, b) => Math.max(a, b), 0);

/** The most inputs that a window reads, along each axis: its taps, which are numbered row-major. */
export const tapsOf = (w: PoolAttrs): Shape => (isAdaptive(w) ? w.inputSpace.map((n, d) => adaptiveExtent(n, w.outputSize[d]!)) : w.kernel);

/** Where window `at` begins along axis d, before the input if there is padding. */
export const windowStart = (w: PoolAttrs, d: number, at: number): number =>
  isAdaptive(w) ? adaptiveStart(at, w.inputSpace[d]!, w.outputSize[d]!) : at * w.stride[d]! - w.padding[d]![0];

/** What stands at the points of some axes, where the guards hold. */
export interface Reading {
  /** Axes of the result: batch, channels, space. */
  readonly axes: readonly Axis[];
  /** Places in the result. */
  readonly at: readonly Int[];
  /** Axes to combine over. */
  readonly reduce: readonly Axis[];
  /** Places in the other array. */
  readonly index: readonly Int[];
  /** The tap along each axis. */
  readonly taps: readonly Int[];
  /** Number of the tap in its window. */
  readonly tap: Int;
  readonly guards: readonly Guard[];
}

/** For a kernel over windows [n, c, ...space]: the input that each tap reads. Outside of the input is padding. */
export function windowReads(w: PoolAttrs, y: Shape): Reading {
  const axes = y.map((extent, d) => axis(`o${d}`, extent));
  const reduce = tapsOf(w).map((extent, d) => axis(`k${d}`, extent));
  const at = axes.map((a) => Int.of(a));
  const taps = reduce.map((k) => Int.of(k));
  const reads = taps.map((k, d) => readAt(w, d, at[d + 2]!, k));
  const index = [...at.slice(0, 2), ...reads.map((r) => r.index)];
  return { axes, at, reduce, index, taps, tap: tapNumber(w, taps), guards: reads.flatMap((r) => r.guards) };
}

function readAt(w: PoolAttrs, d: number, at: Int, tap: Int): { readonly index: Int; readonly guards: readonly Guard[] } {
  if (!isAdaptive(w)) return { index: tapIndex(w, d, at, tap), guards: [] };
  const [n, out] = [w.inputSpace[d]!, w.outputSize[d]!];
  const index = at.mul(n).div(out).add(tap);
  return { index, guards: [below(index, ceilDiv(at.add(1).mul(n), out))] };
}

/**
 * The kernels of an op over inputs, `dx` [n, c, ...space], each the sum of `term` over the windows that read it, of which there
 * are y [n, c, ...space].
 */
export function inputKernels(
  name: string,
  dx: Buffer,
  w: PoolAttrs,
  y: Shape,
  term: (r: Reading) => Expr,
  post: (total: Expr) => Expr = (total) => total,
): readonly Kernel[] {
  const outer = dx.shape.slice(0, 2).map((extent, d) => axis(`i${d}`, extent));
  const along = dx.shape.slice(2).map((n, d) => partsOf(w, d, n, y[d + 2]!));
  const combinations = along.reduce<readonly (readonly Part[])[]>(
    (list, parts) => list.flatMap((all) => parts.map((p) => [...all, p])),
    [[]],
  );
  return combinations.map((parts) => {
    const axes = [...outer, ...parts.flatMap((p) => p.axes)];
    const at = [...outer.map((a) => Int.of(a)), ...parts.map((p) => p.at)];
    const reads = parts.flatMap((p) => p.read ?? []);
    if (reads.length < parts.length) return kernelOf(name, dx, axes, at, [], {}, constant(0));
    const taps = reads.map((r) => r.tap);
    const index = [...at.slice(0, 2), ...reads.map((r) => r.window)];
    const reduce = reads.flatMap((r) => r.turns);
    const guards = reads.flatMap((r) => r.guards);
    return kernelOf(name, dx, axes, at, reduce, { post }, term({ axes, at, reduce, index, taps, tap: tapNumber(w, taps), guards }));
  });
}

/** A part of the inputs along one axis, and the windows that read them: one for each point of `turns`, where the guards hold. */
interface Part {
  readonly axes: readonly Axis[];
  readonly at: Int;
  readonly read?: { readonly turns: readonly Axis[]; readonly window: Int; readonly tap: Int; readonly guards: readonly Guard[] };
}

/** The parts of n inputs along axis d, which `out` windows read. */
function partsOf(w: PoolAttrs, d: number, n: number, out: number): readonly Part[] {
  const whole = axis(`i${d + 2}`, n);
  const at = Int.of(whole);
  if (isAdaptive(w)) {
    // The windows that read an input are adaptive windows themselves, from outputs to inputs.
    const turns = axis(`t${d}`, adaptiveExtent(out, n));
    const window = at.mul(out).div(n).add(turns);
    const guards = [below(window, ceilDiv(at.add(1).mul(out), n))];
    return [{ axes: [whole], at, read: { turns: [turns], window, tap: at.sub(window.mul(n).div(out)), guards } }];
  }
  const [kernel, stride] = [w.kernel[d]!, w.stride[d]!];
  if (stride >= kernel && (w.dilation[d] === 1 || kernel === 1)) return disjointParts(w, d, n, out);
  const turns = axis(`k${d}`, kernel);
  const reach = windowIndex(w, d, whole, turns);
  return [
    { axes: [whole], at, read: { turns: [turns], window: reach.div(stride), tap: Int.of(turns), guards: [isZero(reach.mod(stride))] } },
  ];
}

/**
 * The parts where windows do not overlap, so that at most one reads an input: whole windows, each a block; windows cut off by
 * an end; what lies between windows and after them.
 */
function disjointParts(w: WindowAttrs, d: number, n: number, out: number): readonly Part[] {
  const [kernel, stride, [before]] = [w.kernel[d]!, w.stride[d]!, w.padding[d]!];
  const start = (o: number): number => windowStart(w, d, o);
  const parts: Part[] = [];
  const unread = (from: number, to: number): void => {
    const [first, last] = [Math.max(0, from), Math.min(n, to)];
    const a = axis(`z${d}`, last - first);
    if (last > first) parts.push({ axes: [a], at: Int.of(a).add(first) });
  };
  const windowsFrom = Array.from({ length: out }, (_, o) => o);
  const [whole, cut] = partition(windowsFrom, (o) => start(o) >= 0 && start(o) + kernel <= n);
  const [gaps, ends] = partition(windowsFrom.slice(1), (o) => start(o) - stride + kernel >= 0 && start(o) <= n);
  if (whole.length > 0) {
    const [block, tap] = [axis(`o${d}`, whole.length), axis(`k${d}`, kernel)];
    const window = Int.of(block).add(whole[0]!);
    const at = window.mul(stride).add(tap).sub(before);
    parts.push({ axes: [block, tap], at, read: { turns: [], window, tap: Int.of(tap), guards: [] } });
  }
  for (const o of cut) {
    const [from, to] = [Math.max(0, start(o)), Math.min(n, start(o) + kernel)];
    const a = axis(`k${d}`, to - from);
    const read = { turns: [], window: Int.of(o), tap: Int.of(a).add(from - start(o)), guards: [] };
    if (to > from) parts.push({ axes: [a], at: Int.of(a).add(from), read });
  }
  if (stride > kernel && gaps.length > 0) {
    const [block, between] = [axis(`o${d}`, gaps.length), axis(`z${d}`, stride - kernel)];
    const at = Int.of(block)
      .mul(stride)
      .add(between)
      .add(start(gaps[0]!) - stride + kernel);
    parts.push({ axes: [block, between], at });
  }
  if (stride > kernel) for (const o of ends) unread(start(o) - stride + kernel, start(o));
  unread(0, start(0));
  unread(start(out - 1) + kernel, n);
  return parts;
}

/** Those that pass the test, and the others. */
function partition<T>(list: readonly T[], test: (x: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [list.filter(test), list.filter((x) => !test(x))];
}

const tapNumber = (w: PoolAttrs, taps: readonly (Int | Axis)[]): Int =>
  offsetOf(
    taps.map((k) => Int.of(k)),
    stridesOf(tapsOf(w)),
  );

/** a < b. */
function below(a: Int, b: Int): Guard {
  const at = a.sub(b);
  return { test: "inRange", at, low: at.min, high: 0 };
}

const ceilDiv = (a: Int, k: number): Int => a.add(k - 1).div(k);

/** Every pooled pair of input and output element, as flat indices, and the number of the tap. Plain loops for references. */
export function forEachPooled(w: PoolAttrs, x: Shape, y: Shape, visit: (input: number, output: number, tap: number) => void): void {
  const [inSpace, outSpace] = [x.slice(2), y.slice(2)];
  for (let nc = 0; nc < x[0]! * x[1]!; nc++) {
    const each = (i: number, o: number, tap: number): void => visit(nc * sizeOf(inSpace) + i, nc * sizeOf(outSpace) + o, tap);
    if (isAdaptive(w)) forEachAdaptive(w, each);
    else forEachTap(w, inSpace, outSpace, each);
  }
}

function forEachAdaptive(w: AdaptiveAttrs, visit: (input: number, output: number, tap: number) => void): void {
  const taps = tapsOf(w);
  const go = (d: number, input: number, output: number, tap: number): void => {
    if (d === taps.length) return visit(input, output, tap);
    const [n, out] = [w.inputSpace[d]!, w.outputSize[d]!];
    for (let o = 0; o < out; o++) {
      const start = adaptiveStart(o, n, out);
      for (let i = start; i < adaptiveEnd(o, n, out); i++) go(d + 1, input * n + i, output * out + o, tap * taps[d]! + i - start);
    }
  };
  go(0, 0, 0, 0);
}
