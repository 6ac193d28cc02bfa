/**
 * Copies that need not be: a transform whose result is only read to be copied into another order (panels for a product) writes that order
 * itself. The values stay the same, so do the bits.
 */
import { offset } from "./address.ts";
import { type Axis, axis, Int } from "./int.ts";
import { isPointwise, type Kernel, reindex } from "./kernel.ts";
import { transformRoles } from "./transform.ts";

/** How far apart neighbours along an axis of a copy lie, where it reads and where it writes. */
interface Way {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

/** The transform `k` writing where `copy` would copy its result to; undefined where that is no plain reordering. */
export function retargeted(k: Kernel, copy: Kernel): Kernel | undefined {
  const { body } = copy;
  const isCopy = isPointwise(copy) && copy.post.kind === "acc" && !copy.within && body.kind === "load" && body.guards.length === 0;
  if (!k.transform || k.chain || k.within || !isCopy || body.buffer !== k.out) return undefined;
  const from = offset(body);
  if (!from.affine || from.origin !== 0 || copy.at[0]!.origin !== 0 || k.at[0]!.origin !== 0) return undefined;
  const ways = copy.axes.map((a): Way => ({ extent: a.extent, from: from.step(a)!, to: copy.at[0]!.step(a)! }));
  const { transform: _, ...plain } = k;
  const cut = cutAxis(plain, ways);
  const steps = cut?.axes.map((a) => stepOf(cut.at[0]!.step(a)!, a.extent, ways));
  if (!cut || !steps?.every((s) => s !== undefined)) return undefined;
  const at = cut.axes.reduce((sum, a, i) => sum.add(Int.of(a).mul(steps[i]!)), Int.of(0));
  return transformRoles({ ...cut, out: copy.out, at: [at] });
}

/** The kernel with its contiguous axis as groups of neighbours, where the copy tears it apart. */
function cutAxis(k: Kernel, ways: readonly Way[]): Kernel | undefined {
  const lane = k.axes.find((a) => k.at[0]!.step(a) === 1 && a.extent > 1);
  const run = ways.find((w) => w.from === 1 && w.extent > 1);
  if (!lane || !run || lane.extent % run.extent !== 0) return undefined;
  if (lane.extent === run.extent) return k;
  const [group, within]: [Axis, Axis] = [axis(`${lane.name}g`, lane.extent / run.extent), axis(lane.name, run.extent)];
  const axes = k.axes.flatMap((a) => (a === lane ? [group, within] : [a]));
  return reindex(k, new Map([[lane, Int.of(group).mul(run.extent).add(within)]]), axes, k.reduce);
}

/** What a step of `stride` in what the copy reads is in what it writes, if one of its axes alone walks it. */
function stepOf(stride: number, extent: number, ways: readonly Way[]): number | undefined {
  if (extent === 1) return 0;
  const way = ways.filter((w) => w.extent > 1 && w.from <= stride && stride % w.from === 0).sort((a, b) => b.from - a.from)[0];
  if (!way) return undefined;
  const count = stride / way.from;
  return count * (extent - 1) < way.extent ? count * way.to : undefined;
}
