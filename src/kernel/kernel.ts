/**
 * The kernel language: what each element of one output is, as a reduction over loads.
 *
 *   for each point of `axes`:  out[at] = post(combine over `reduce` of body)
 *
 * An op says its arithmetic once, in logical indices. Memory layout is the strides a backend gives to each buffer, and loop
 * order is the backend's choice, with one exception: the terms of a sum are added in the order of `reduce`, outermost
 * first, because the order decides the bits.
 */
import { invariant } from "../base/assert.ts";
import type { Chain } from "./chain.ts";
import type { Contraction } from "./contraction.ts";
import { type Buffer, type Expr, type Load, loadsOf, substituteAxes, typeOf } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import type { Combine } from "./scalar.ts";
import type { Siblings } from "./siblings.ts";
import type { Transform } from "./transform.ts";

/** Where in a program a kernel belongs. */
export interface Origin {
  /** The module: "layer1.0.conv1"; "" outside of any. */
  readonly path: string;
  /** The update makes new weights of gradients. */
  readonly pass: "forward" | "backward" | "update";
}

export interface Kernel {
  /** What it computes, for printing and profiles: the op's name, or how a transformation made it. */
  readonly name: string;
  readonly out: Buffer;
  /** Where the element lies, one Int per dimension of `out`, affine in `axes`. Distinct points never share an element. */
  readonly at: readonly Int[];
  readonly axes: readonly Axis[];
  readonly reduce: readonly Axis[];
  readonly combine: Combine;
  /** One term, of `axes` and `reduce`. */
  readonly body: Expr;
  /** The element, of `axes` and the combined value `acc`: the epilogue. */
  readonly post: Expr;
  /** Points beyond these bounds are computed but not stored: tails of padded axes. */
  readonly within?: readonly { readonly at: Int; readonly high: number }[];
  /** Roles of the axes, where the kernel is a product of two arrays and a register tile pays. */
  readonly contraction?: Contraction;
  /** Roles of the axes, where the kernel is a transform by constant matrices. */
  readonly transform?: Transform;
  /** Where this is not 0, the sum goes on from what `out` holds. */
  readonly resumes?: Int;
  /** The chain that it is part of. */
  readonly chain?: Chain;
  /** For profiles: of fused kernels, that of the one that reduces. */
  readonly origin?: Origin;
  /** Those that it runs with as one. */
  readonly siblings?: Siblings;
}

interface Definition {
  readonly reduce?: readonly number[];
  readonly combine?: Combine;
  readonly post?: (acc: Expr, out: readonly Axis[]) => Expr;
}

/** A kernel with one axis for each dimension of `out`. */
export function compute(
  name: string,
  out: Buffer,
  definition: Definition,
  body: (out: readonly Axis[], reduce: readonly Axis[]) => Expr,
): Kernel {
  const axes = out.shape.map((extent, i) => axis(`i${i}`, extent));
  const reduce = (definition.reduce ?? []).map((extent, i) => axis(`r${i}`, extent));
  return kernelOf(name, out, axes, axes, reduce, definition, body(axes, reduce));
}

/** A kernel whose loop axes are not the dimensions of `out`: `at` says where each point is stored. */
export function kernelOf(
  name: string,
  out: Buffer,
  axes: readonly Axis[],
  at: readonly (Int | Axis)[],
  reduce: readonly Axis[],
  definition: Omit<Definition, "reduce">,
  body: Expr,
): Kernel {
  const combine = definition.combine ?? "sum";
  const result: Expr = { kind: "acc", dtype: combine === "argmax" ? "i32" : typeOf(body) };
  const post = definition.post ? definition.post(result, axes) : result;
  const kernel: Kernel = { name, out, at: at.map((i) => Int.of(i)), axes, reduce, combine, body, post };
  verifyKernel(kernel);
  return kernel;
}

/** Whether every element is a function of single elements at its own place and of broadcasts: no reduction. */
export const isPointwise = (k: Kernel): boolean => k.reduce.length === 0;

/** All loads of body and epilogue. */
export const kernelLoads = (k: Kernel): Load[] => [...loadsOf(k.body), ...loadsOf(k.post)];

/** Kernels never change, and each is asked many times. */
const read = new WeakMap<Kernel, readonly Buffer[]>();

/** The buffers that are read, each once, in order of first use. */
export function buffersRead(k: Kernel): readonly Buffer[] {
  let buffers = read.get(k);
  if (!buffers) {
    buffers = [...new Set(kernelLoads(k).map((l) => l.buffer))];
    read.set(k, buffers);
  }
  return buffers;
}

/** The kernel with axes replaced by expressions of new axes. */
export function reindex(k: Kernel, map: ReadonlyMap<Axis, Int>, axes: readonly Axis[], reduce: readonly Axis[]): Kernel {
  return {
    ...k,
    at: k.at.map((i) => i.substitute(map)),
    axes,
    reduce,
    body: substituteAxes(k.body, map),
    post: substituteAxes(k.post, map),
    ...(k.within ? { within: k.within.map((w) => ({ ...w, at: w.at.substitute(map) })) } : {}),
    ...(k.resumes ? { resumes: k.resumes.substitute(map) } : {}),
  };
}

/** Checks what every later stage relies on. */
export function verifyKernel(k: Kernel): void {
  // Every op makes kernels: the words are only put together where something is wrong.
  const fault = (what: string): never => {
    invariant(false, `kernel ${k.name}: ${what}`);
  };
  if (k.at.length !== k.out.shape.length) fault(`${k.at.length} store indices for shape [${k.out.shape}]`);
  const outer = new Set(k.axes);
  const all = new Set(k.axes);
  for (const a of k.reduce) all.add(a);
  if (all.size !== k.axes.length + k.reduce.length) fault("an axis stands twice");
  for (const i of k.at) {
    if (!i.affine) fault(`store index ${i} is not affine`);
    const other = i.findAxis((a) => !outer.has(a));
    if (other) fault(`store index ${i} uses ${other.name}, which is no output axis`);
  }
  const check = (e: Expr, allowed: ReadonlySet<Axis>, part: string): void => {
    const unknown = (a: Axis): boolean => !allowed.has(a);
    for (const l of loadsOf(e)) {
      const other = firstOf(l.index, (i) => i.findAxis(unknown)) ?? firstOf(l.guards, (g) => g.at.findAxis(unknown));
      if (other) fault(`${part} loads ${l.buffer.name} by unknown axis ${other.name}`);
      l.index.forEach((i, d) => {
        if (i.min >= 0 && i.max < l.buffer.shape[d]!) return;
        // The guards of a load through a view, or of an addressed one, stay those of its logical indices.
        const own = (at: Int): boolean =>
          l.index.length === 1 || at.equals(i) || at.findAxis((a) => i.findAxis((b) => a === b) !== undefined) !== undefined;
        const guarded = l.guards.some((g) => g.test === "inRange" && own(g.at));
        if (!guarded) fault(`${part} loads ${l.buffer.name} outside its shape at dimension ${d}: ${i}`);
      });
    }
  };
  check(k.body, all, "body");
  check(k.post, outer, "epilogue");
  const type = typeOf(k.post);
  if (type !== (k.out.dtype === "f32" ? "f32" : "i32")) fault(`gives ${type} but stores ${k.out.dtype}`);
}

/** The first value other than undefined that `f` gives. */
function firstOf<T, R>(list: readonly T[], f: (x: T) => R | undefined): R | undefined {
  for (const x of list) {
    const found = f(x);
    if (found !== undefined) return found;
  }
  return undefined;
}
