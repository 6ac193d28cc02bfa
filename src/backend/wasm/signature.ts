import type { Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { kernelBuffers } from "./lowered.ts";
import { Structure } from "./structure.ts";

/** Text by structure: addressed kernels, or siblings, with equal text may share one lowered function, with their buffers in the same order. */
export function signature(...kernels: readonly Kernel[]): string {
  const s = new Structure();
  const buffers = kernelBuffers(...kernels).map((b) => `${s.buffer(b)}${b.dtype}`);
  return [buffers.join(), ...kernels.map((k) => textOf(k, s))].join("|");
}

function textOf(k: Kernel, s: Structure): string {
  const axes = (list: Kernel["axes"]): string => list.map((a) => `${s.axis(a)}:${a.extent}`).join();
  const ints = (list: readonly Int[]): string => list.map((i) => s.int(i)).join();
  const parts = [`${s.buffer(k.out)}`, axes(k.axes), axes(k.reduce), k.combine, ints(k.at), s.expr(k.body), s.expr(k.post)];
  for (const w of k.within ?? []) parts.push(`${s.int(w.at)}<${w.high}`);
  const c = k.contraction;
  if (c) {
    parts.push(s.load(c.a), s.load(c.b));
    for (const role of [c.batch, c.outer, c.inner, [c.rows], [c.panels], [c.lanes]]) {
      parts.push(role.map((a) => (a ? `${s.axis(a)}` : "-")).join());
    }
  }
  if (k.resumes) parts.push("resumes");
  if (k.chain) parts.push(`blocks ${axes(k.chain.blocks)}`);
  const t = k.transform;
  if (t) parts.push(s.load(t.load), ...[...t.along.flatMap((a) => [a.row, a.column]), t.lanes].map((a) => `${s.axis(a)}`));
  return parts.join(";");
}
