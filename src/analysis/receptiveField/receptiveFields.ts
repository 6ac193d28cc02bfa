/**
 * Receptive fields in closed form, over any graph: what each op reads is taken from its kernel, so there is no rule for any op.
 *
 * Where paths meet, a unit sees from the least first to the greatest last pixel of them: the hull of the union. If the paths move at
 * different paces, fields differ from unit to unit; then the size is the largest of them and the stride the mean.
 */
import { reachable } from "../../ir/graph.ts";
import { opOf, type Tensor } from "../../ir/tensor.ts";
import { kernelLoads } from "../../kernel/kernel.ts";
import { endsAt, ownReach, type Reach, simplified, unionOf } from "./reach.ts";
import { regularKernels } from "./regularKernels.ts";
import { reachThrough } from "./through.ts";

/** What the units of a tensor see of the input: one number for each spatial axis of the input, in its pixels. */
export interface ReceptiveField {
  /** Pixels from the first to the last that a unit sees; of the largest if units differ. Not clipped: padding counts as pixels. */
  readonly size: readonly number[];
  /** Pixels from one unit's field to the next one's; 0 where there is one unit, or all see the same. A fraction after upsampling. */
  readonly stride: readonly number[];
  /** The middle of what the first unit sees, with pixel centres at whole numbers. */
  readonly center: readonly number[];
}

/** The axes of an input that are space: all but the batch and the channels; of tokens [n, length], the length. */
export function spatialAxes(input: Tensor): number[] {
  const first = input.dtype === "i32" && input.shape.length === 2 ? 1 : 2;
  return input.shape.flatMap((_, d) => (d >= first ? [d] : []));
}

/**
 * The receptive field of every tensor that `roots` need and that depends on `input` [n, channels, ...space]. Left out is what has no place
 * in space: the elements of a flattened image. What has one value for all of space (a global pool's, a linear layer's) sees what all the
 * units before it see within the image, and has stride 0. A pool that adapts to its input sees what it reads of an input of this size. A
 * pool whose one window is all of its input is a global one if that is more than 3 elements wide, and else a window.
 *
 * Fields are those of an endless image. All channels of a unit count together, also where a group or a branch sees less.
 *
 * Dumoulin and Visin, "A guide to convolution arithmetic", 2016; Araujo, Norris, Sim, "Computing receptive fields", Distill 2019.
 */
export function receptiveFields(roots: readonly Tensor[], input: Tensor): Map<Tensor, ReceptiveField> {
  const fields = new Map<Tensor, ReceptiveField>();
  for (const [t, reaches] of reachesOf(roots, input)) {
    const field = fieldFrom(reaches);
    if (field) fields.set(t, field);
  }
  return fields;
}

/** What the units of each tensor see, one entry for each spatial axis of the input; undefined where they see nothing of it. */
export function reachesOf(roots: readonly Tensor[], input: Tensor): Map<Tensor, readonly (Reach | undefined)[]> {
  const axes = spatialAxes(input);
  const found = new Map<Tensor, readonly (Reach | undefined)[]>([[input, axes.map(ownReach)]]);
  for (const t of reachable(roots)) {
    const node = opOf(t);
    if (!node || t === input || !node.inputs.some((x) => found.has(x))) continue;
    const { kernels, buffers } = regularKernels(node, found);
    const loads = kernels.flatMap((k) => kernelLoads(k.kernel).map((load) => ({ k, load, x: node.inputs[buffers.indexOf(load.buffer)]! })));
    const reaches = axes.map((axis, s) => {
      const extent = input.shape[axis]!;
      const seen = loads.flatMap(({ k, load, x }) => {
        const reach = found.get(x)?.[s];
        return reach ? (reachThrough(k, load, x, t, reach, extent) ?? []) : [];
      });
      const all = unionOf(seen, t.shape, extent);
      return all && simplified(all, all.axis === undefined ? 1 : t.shape[all.axis]!, extent);
    });
    if (reaches.some((r) => r !== undefined)) found.set(t, reaches);
  }
  return found;
}

/** The numbers of a field, or undefined where units have no place in space. */
function fieldFrom(reaches: readonly (Reach | undefined)[]): ReceptiveField | undefined {
  const axes = reaches.flatMap((r) => r?.axis ?? []);
  if (reaches.length === 0 || new Set(axes).size < axes.length) return undefined;
  if (reaches.some((r) => !r || (r.axis !== undefined && r.shift === 0))) return undefined;
  const each = (of: (r: Reach) => number): number[] => reaches.map((r) => of(r!));
  return { size: each(largest), stride: each((r) => r.shift / r.period), center: each(firstCenter) };
}

const largest = (r: Reach): number => r.first.reduce((size, a, i) => Math.max(size, r.last[i]! - a + 1), 0);

/** The middle of the first unit's field; if that sees nothing, where it would be going by the next that does. */
function firstCenter(r: Reach): number {
  const seeing = r.first.findIndex((a) => Number.isFinite(a));
  const [first, last] = endsAt(r, seeing);
  return (first + last) / 2 - (seeing * r.shift) / r.period;
}
