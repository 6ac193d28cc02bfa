/** What each step of a plan is, where it belongs and what it does. */
import { BYTES } from "../../base/dtype.ts";
import type { Buffer } from "../../kernel/expr.ts";
import { isPointwise, type Kernel, type Origin } from "../../kernel/kernel.ts";
import { workOf } from "../../kernel/work.ts";
import type { Plan, Step } from "../../plan/plan.ts";

/** What sort of work a kernel is, the heaviest first. */
export const KERNEL_KINDS = ["minimal filtering", "product", "reduction", "transform", "elementwise", "copy"] as const;
/**
 * A product of two arrays in register tiles; minimal filtering is a chain of transforms around one; a transform by small matrices alone; any
 * other sum or maximum; arithmetic element by element; or a change of order or margin.
 */
export type KernelKind = (typeof KERNEL_KINDS)[number];

/** One step, before it is measured. */
export interface StepWork extends Origin {
  /** Its kernels' names. */
  readonly name: string;
  readonly kind: KernelKind;
  /** Whether runs leave it out until a weight has been set: weights made ready. */
  readonly fixed: boolean;
  /** As they are computed: minimal filtering needs fewer than what it stands for. */
  readonly multiplyAdds: number;
  /** Read from and written to memory that all threads share; what a chain keeps in the cache is not in it. */
  readonly bytes: number;
  readonly kernels: readonly KernelTask[];
}

/** One kernel of a step. */
export interface KernelTask {
  readonly name: string;
  readonly kind: KernelKind;
  readonly multiplyAdds: number;
  readonly bytes: number;
}

export function stepWork(step: Step, plan: Plan): StepWork {
  const { kernels, fixed } = step;
  const tasks = kernels.map((k) => taskOf(k, plan));
  const heaviest = kernels.find((k) => k.contraction) ?? kernels[0]!;
  const kind = kernels[0]!.chain ? "minimal filtering" : kindOf(heaviest);
  const names = [...new Set(kernels.map((k) => k.name))];
  return {
    // What the plan itself adds is a copy of a state's new value.
    ...(heaviest.origin ?? { path: "", pass: "update" }),
    name: kernels[0]!.chain ? chainName(kernels) : names.join(" | "),
    kind,
    fixed,
    multiplyAdds: tasks.reduce((sum, t) => sum + t.multiplyAdds, 0),
    bytes: bytesOf(kernels, plan),
    kernels: tasks,
  };
}

/** A chain is called after what its transform back does besides. */
function chainName(kernels: readonly Kernel[]): string {
  const after = kernels.at(-1)!.name.split("+").slice(1);
  return ["minimal filtering", ...after].join("+");
}

const taskOf = (k: Kernel, plan: Plan): KernelTask => ({
  name: k.name,
  kind: kindOf(k),
  multiplyAdds: workOf(k).multiplyAdds,
  bytes: bytesOf([k], plan),
});

function kindOf(k: Kernel): KernelKind {
  if (k.contraction) return "product";
  if (k.transform) return "transform";
  if (!isPointwise(k)) return "reduction";
  return k.body.kind === "load" && k.post.kind === "acc" ? "copy" : "elementwise";
}

/** Bytes that kernels move together: what several of them read of one array counts once. */
function bytesOf(kernels: readonly Kernel[], plan: Plan): number {
  const read = new Map<Buffer, number>();
  const written = new Map<Buffer, number>();
  for (const k of kernels) {
    const work = workOf(k);
    for (const [b, n] of work.read) read.set(b, Math.max(read.get(b) ?? 0, n));
    written.set(k.out, (written.get(k.out) ?? 0) + work.written);
  }
  const total = (elements: ReadonlyMap<Buffer, number>): number =>
    [...elements].reduce((sum, [b, n]) => sum + (plan.isLocal(b) ? 0 : n * BYTES[b.dtype]), 0);
  return total(read) + total(written);
}
