/** Which pixels each unit sees, one axis at a time: on the image as it is, with its edges and with what windows skip. */
import { reachable } from "../../ir/graph.ts";
import { opOf, type Tensor } from "../../ir/tensor.ts";
import type { Load } from "../../kernel/expr.ts";
import { type Kernel, kernelLoads } from "../../kernel/kernel.ts";
import { accessOf, forEachRead } from "./access.ts";
import type { Reach } from "./reach.ts";
import { reachesOf, spatialAxes } from "./receptiveFields.ts";
import { exactKernels } from "./regularKernels.ts";

/** A 1 for each pixel of an axis that is seen. Shared between units: never written to once it is given away. */
export type Pixels = Uint8Array;

/** What the units of a tensor see of one axis of the input. */
export interface SeenAlong {
  /** The tensor's axis along which units differ, or undefined where all see the same. */
  readonly axis: number | undefined;
  /** One for each index along `axis`, or one for all. */
  readonly units: readonly Pixels[];
}

/**
 * What the units of every tensor that `roots` need see of `input`, one entry for each of its spatial axes; undefined where they see nothing.
 * A unit sees the pixels that it sees along every axis. Exact for whatever is made of windows, one path or several of which each sees
 * something of the image; all channels of a unit count together.
 */
export function pixelsSeen(roots: readonly Tensor[], input: Tensor): Map<Tensor, readonly (SeenAlong | undefined)[]> {
  const reaches = reachesOf(roots, input);
  const axes = spatialAxes(input);
  const found = new Map<Tensor, readonly (SeenAlong | undefined)[]>([[input, axes.map((axis) => itself(axis, input.shape[axis]!))]]);
  for (const t of reachable(roots)) {
    const [node, own] = [opOf(t), reaches.get(t)];
    if (!node || !own || t === input) continue;
    const { kernels, buffers } = exactKernels(node);
    const loads = kernels.flatMap((k) => kernelLoads(k).map((load) => ({ k, load, x: node.inputs[buffers.indexOf(load.buffer)]! })));
    found.set(
      t,
      axes.map((axis, s) => {
        const seen = loads.flatMap(({ k, load, x }) => {
          const along = found.get(x)?.[s];
          return along ? [{ k, load, along }] : [];
        });
        return seenThrough(seen, own[s], t, input.shape[axis]!);
      }),
    );
  }
  return found;
}

const itself = (axis: number, n: number): SeenAlong => ({
  axis,
  units: Array.from({ length: n }, (_, i) => Uint8Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))),
});

interface LoadSeen {
  readonly k: Kernel;
  readonly load: Load;
  /** What the units of the loaded tensor see. */
  readonly along: SeenAlong;
}

function seenThrough(loads: readonly LoadSeen[], reach: Reach | undefined, t: Tensor, extent: number): SeenAlong | undefined {
  if (!reach) return undefined;
  const { axis } = reach;
  const units = Array.from({ length: axis === undefined ? 1 : t.shape[axis]! }, () => new Union(extent));
  for (const { k, load, along } of loads) {
    // With no axis on either side it does not matter which element is asked for.
    const access = accessOf(k, load, along.axis ?? 0, axis);
    units.forEach((unit, at) => {
      const read = new Set<number>();
      forEachRead(access, at, "written", (i) => read.add(along.axis === undefined ? 0 : i));
      for (const i of read) if (along.units[i]) unit.add(along.units[i]);
    });
  }
  return { axis, units: units.map((u) => u.pixels) };
}

/** A union that copies only when it must: most units read one that is there already. */
class Union {
  #pixels: Uint8Array;
  #shared = false;
  #empty = true;

  constructor(extent: number) {
    this.#pixels = new Uint8Array(extent);
  }

  add(other: Pixels): void {
    if (this.#empty) {
      this.#pixels = other;
      this.#shared = true;
      this.#empty = false;
      return;
    }
    if (other === this.#pixels) return;
    if (this.#shared) this.#pixels = this.#pixels.slice();
    this.#shared = false;
    for (let i = 0; i < other.length; i++) this.#pixels[i]! |= other[i]!;
  }

  get pixels(): Pixels {
    return this.#pixels;
  }
}
