import type { Buffer } from "../kernel/expr.ts";
import { buffersRead, type Kernel } from "../kernel/kernel.ts";
import { siblingOf } from "../kernel/siblings.ts";

type Group = readonly Kernel[];

/** Kernels that run as one, where the first of them stands: in the group of this number. */
interface Family {
  readonly group: number;
  readonly kernels: Kernel[];
}

/**
 * The groups with siblings side by side: a kernel moves up to the first one that it can run with, if all that it reads is made before
 * that. `homes` says where new state values will live: they are written over the old ones where that is possible, so their makers stay
 * apart from whoever reads those.
 */
export function withSiblings(groups: readonly Group[], homes: ReadonlyMap<Buffer, Buffer>): Group[] {
  const family = familiesOf(groups, homes);
  const placed = new Set<Family>();
  const moved = groups.map((g) =>
    g.flatMap((k) => {
      const own = family.get(k)!;
      if (own.kernels.length === 1) return [k];
      if (placed.has(own)) return [];
      placed.add(own);
      const siblings = { axes: k.axes };
      return own.kernels.map((s) => ({ ...s, siblings }));
    }),
  );
  return moved.filter((g) => g.length > 0);
}

function familiesOf(groups: readonly Group[], homes: ReadonlyMap<Buffer, Buffer>): ReadonlyMap<Kernel, Family> {
  const madeBy = new Map<Buffer, number>();
  groups.forEach((g, i) => {
    for (const k of g) madeBy.set(k.out, i);
  });
  const families = new Map<Kernel, Family>();
  const readers = new Map<Buffer, Family[]>();
  groups.forEach((g, group) => {
    for (const k of g) {
      const reads = buffersRead(k);
      const joins = (f: Family): boolean =>
        reads.every((b) => (madeBy.get(b) ?? -1) < f.group) && f.kernels.every((o) => !overwrites(o, k, homes) && !overwrites(k, o, homes));
      const candidates = [...new Set(reads.flatMap((b) => readers.get(b) ?? []))].filter(joins);
      const found = candidates.map((f) => ({ f, sibling: siblingOf(k, f.kernels) })).find(({ sibling }) => sibling);
      if (found) found.f.kernels.push(found.sibling!);
      const own = found?.f ?? { group, kernels: [k] };
      if (!found) for (const b of reads) readers.set(b, [...(readers.get(b) ?? []), own]);
      families.set(k, own);
    }
  });
  return families;
}

/** Whether `writer` may write over what `reader` reads. */
function overwrites(writer: Kernel, reader: Kernel, homes: ReadonlyMap<Buffer, Buffer>): boolean {
  const home = homes.get(writer.out);
  return home !== undefined && buffersRead(reader).includes(home);
}
