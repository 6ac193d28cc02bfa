/** An op's kernels as they would be on an endless image: without the pieces that write the edges. */
import type { Shape } from "../../base/shape.ts";
import { kernelsOf, type Op } from "../../ir/op.ts";
import type { OpTensor, Tensor } from "../../ir/tensor.ts";
import { type Buffer, buffer } from "../../kernel/expr.ts";
import { buffersRead, type Kernel } from "../../kernel/kernel.ts";
import type { Reach } from "./reach.ts";

/** The kernels of a node, and the buffer of each of its inputs. */
export interface NodeKernels {
  readonly kernels: readonly Kernel[];
  readonly buffers: readonly Buffer[];
}

/** A kernel of a node, and for which axes of the result it says what units anywhere see. */
export interface RegularKernel {
  readonly kernel: Kernel;
  /** What it writes along this axis it would write on and on; else it speaks for what it writes alone. */
  isEndless(axis: number): boolean;
  /** Another kernel speaks for this one's elements along this axis. */
  isSpokenFor(axis: number | undefined): boolean;
}

type Node = OpTensor & { readonly op: Op };

/** The kernels of a node as it is. */
export const exactKernels = (node: Node): NodeKernels =>
  kernelsFor(
    node,
    node.inputs.map((x) => x.shape),
    node.output.shape,
  );

function kernelsFor({ op, inputs, output, attrs }: Node, shapes: readonly Shape[], out: Shape): NodeKernels {
  const buffers = inputs.map((x, i) => buffer(`x${i}`, shapes[i]!, x.dtype));
  return { kernels: kernelsOf(op, buffers, buffer("out", out, output.dtype), attrs), buffers };
}

/**
 * The kernels of a node, and which of them speak for units anywhere: of several that write every so-many-th element from the same inputs,
 * the one that writes most of them, if these together write at least half of what there is along an axis. `reaches` says along which axes of
 * the inputs units move.
 */
export function regularKernels(
  node: Node,
  reaches: ReadonlyMap<Tensor, readonly (Reach | undefined)[]>,
): { readonly kernels: readonly RegularKernel[]; readonly buffers: readonly Buffer[] } {
  const { kernels, buffers } = lengthened(node, reaches) ?? exactKernels(node);
  if (kernels.length < 2) {
    return { kernels: kernels.map((kernel) => ({ kernel, isEndless: () => true, isSpokenFor: () => false })), buffers };
  }
  const groups = new Map<string, Kernel[]>();
  for (const k of kernels) {
    const read = buffersRead(k).map((b) => buffers.indexOf(b));
    if (read.length > 0) groups.set(`${read}`, [...(groups.get(`${read}`) ?? []), k]);
  }
  const marked = [...groups.values()].flatMap((group) => {
    const chosen = regular(group);
    const isEndless = group[0]!.at.map((_, d) => 2 * writtenAlong(chosen, d) >= group[0]!.out.shape[d]!);
    return group.map(
      (kernel): RegularKernel => ({
        kernel,
        isEndless: (axis) => isEndless[axis]!,
        isSpokenFor: (axis) => !chosen.includes(kernel) && (axis === undefined || isEndless[axis]!),
      }),
    );
  });
  return { kernels: marked, buffers };
}

/** How many indices of the result's axis the kernels write. */
export function writtenAlong(kernels: readonly Kernel[], d: number): number {
  const found = new Set<number>();
  for (const k of kernels) {
    let places = [k.at[d]!.origin];
    for (const a of k.at[d]!.axes()) {
      const step = k.at[d]!.step(a)!;
      places = places.flatMap((p) => Array.from({ length: a.extent }, (_, i) => p + i * step));
    }
    for (const p of places) found.add(p);
  }
  return found.size;
}

const sizeOf = (k: Kernel): number => k.axes.reduce((n, a) => n * a.extent, 1);

/** Of kernels that read the same, the largest one for each place in the pattern. */
function regular(kernels: readonly Kernel[]): Kernel[] {
  const steps = kernels[0]!.at.map((_, d) => Math.max(...kernels.map((k) => outermostStep(k, d))));
  const largest = new Map<string, Kernel>();
  for (const k of kernels) {
    // Where each writes one element there is no pattern, and each place has its own.
    const place = `${k.at.map((at, d) => (steps[d] === 0 ? at.origin : at.origin % steps[d]!))}`;
    const other = largest.get(place);
    if (!other || sizeOf(k) > sizeOf(other)) largest.set(place, k);
  }
  return [...largest.values()];
}

const outermostStep = (k: Kernel, d: number): number => Math.max(0, ...[...k.at[d]!.axes()].map((a) => k.at[d]!.step(a)!));

/** More elements than this are not added to see a window move. */
const LONGEST = 4096;

/**
 * The node's kernels on a longer image, if along some axis it has one element only: there a kernel does not show how far windows are
 * apart. Undefined if the node has no such axis, or would have it on any image: a global pool.
 */
function lengthened(node: Node, reaches: ReadonlyMap<Tensor, readonly (Reach | undefined)[]>): NodeKernels | undefined {
  const { op, inputs, attrs, output } = node;
  if (!output.shape.includes(1, 1)) return undefined;
  const moving = inputs.map((x) => new Set(reaches.get(x)?.flatMap((r) => r?.axis ?? [])));
  let best: { readonly shapes: readonly Shape[]; readonly out: Shape } | undefined;
  const grown = (out: Shape): number => out.filter((n, d) => n > 1 && output.shape[d] === 1).length;
  for (let more = 1; more <= LONGEST; more *= 2) {
    const shapes = inputs.map((x, i) => {
      const isShort = (d: number): boolean => output.shape[d + output.shape.length - x.shape.length] === 1;
      return x.shape.map((n, d) => (moving[i]!.has(d) && isShort(d) ? n + more : n));
    });
    const out = inferred(op, shapes, inputs, attrs);
    if (!out || out.length !== output.shape.length) break;
    if (grown(out) > (best ? grown(best.out) : 0)) best = { shapes, out };
  }
  return best && kernelsFor(node, best.shapes, best.out);
}

/** The shape that the op gives for these, or undefined if it does not take them. */
function inferred(op: Op, shapes: readonly Shape[], inputs: readonly Tensor[], attrs: Node["attrs"]): Shape | undefined {
  try {
    return op.infer(
      inputs.map((x, i) => ({ shape: shapes[i]!, dtype: x.dtype })),
      attrs,
    ).shape;
  } catch {
    // Attributes may hold extents of their own; an op that finds others says so, by an OpError or as an internal fault.
    return undefined;
  }
}
