import type { Axis } from "../kernel/int.ts";
import type { Plan } from "./plan.ts";

/** The plan as text, one line a step: kernel, loops, address, barrier. Stable, for snapshots and for reading. */
export function printPlan(plan: Plan): string {
  const axes = (list: readonly Axis[]): string => list.map((a) => `${a.name}:${a.extent}`).join(" ");
  return plan.steps
    .flatMap(({ kernels, barrier }) => kernels.map((k, i) => ({ k, barrier: barrier && i === 0 })))
    .map(({ k, barrier }) => {
      const c = k.contraction;
      const roles = c
        ? `tile(batch ${axes(c.batch) || "-"}; panels ${c.panels?.extent ?? 1}x${c.lanes.extent}; rows ${c.rows?.extent ?? 1}; outer ${axes(c.outer) || "-"}; inner ${axes(c.inner)})`
        : `loops(${axes(k.axes)}${k.reduce.length ? `; ${k.combine} ${axes(k.reduce)}` : ""})`;
      const chain = k.chain ? `blocks(${axes(k.chain.blocks)}) ` : "";
      return `${barrier ? "| " : "  "}${chain}${k.name} -> ${k.out.name} @${plan.address(k.out)} ${roles}`;
    })
    .join("\n");
}
