import type { Buffer } from "../kernel/expr.ts";
import { buffersRead, type Kernel } from "../kernel/kernel.ts";
import { retargeted } from "../kernel/retarget.ts";

/** The groups without copies that the transforms before them can make themselves. `placed` are buffers that somebody outside knows. */
export function withoutCopies(groups: readonly (readonly Kernel[])[], placed: ReadonlySet<Buffer>): Kernel[][] {
  const all = groups.flat();
  const uses = (of: (k: Kernel) => readonly Buffer[]): Map<Buffer, Kernel[]> => {
    const found = new Map<Buffer, Kernel[]>();
    for (const k of all) {
      for (const b of of(k)) {
        const known = found.get(b);
        if (known) known.push(k);
        else found.set(b, [k]);
      }
    }
    return found;
  };
  const [writers, readers] = [uses((k) => [k.out]), uses(buffersRead)];
  const replaced = new Map<Kernel, Kernel | undefined>();
  for (const copy of all) {
    const [source, ...more] = buffersRead(copy);
    const [maker, ...others] = (source && writers.get(source)) ?? [];
    if (!maker?.transform || others.length + more.length > 0 || placed.has(source!) || readers.get(source!)!.length > 1) continue;
    const direct = retargeted(maker, copy);
    if (!direct) continue;
    replaced.set(maker, direct);
    replaced.set(copy, undefined);
  }
  return groups.map((g) => g.flatMap((k) => (replaced.has(k) ? (replaced.get(k) ?? []) : [k])));
}
