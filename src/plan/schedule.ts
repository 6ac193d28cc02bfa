/**
 * Order of execution. Groups run in the order of the graph, except that what only updates need runs as soon as it can, so
 * that gradients do not pile up; and a new state value is written over the old one once everyone else has read that.
 */
import { invariant } from "../base/assert.ts";
import type { Buffer } from "../kernel/expr.ts";
import { load } from "../kernel/expr.ts";
import { buffersRead, compute, type Kernel, kernelLoads } from "../kernel/kernel.ts";
import type { Lowered } from "./lower.ts";

export interface Schedule {
  readonly kernels: readonly Kernel[];
  /** Buffers whose elements lie in another buffer's memory. */
  readonly aliases: ReadonlyMap<Buffer, Buffer>;
}

type Group = readonly Kernel[];

export function schedule(lowered: Lowered): Schedule {
  const groups: Group[] = [...lowered.groups];
  const aliases = new Map<Buffer, Buffer>();
  const copies: Kernel[] = [];
  const after = new Map<Group, Set<Group>>(groups.map((g) => [g, new Set()]));
  const writers = new Map<Buffer, Set<Group>>();
  const readers = new Map<Buffer, Set<Group>>();
  for (const g of groups) {
    for (const k of g) {
      writers.set(k.out, (writers.get(k.out) ?? new Set()).add(g));
      for (const b of buffersRead(k)) readers.set(b, (readers.get(b) ?? new Set()).add(g));
    }
  }
  for (const [b, own] of readers) {
    for (const g of own) for (const w of writers.get(b) ?? []) if (w !== g) after.get(g)!.add(w);
  }
  for (const [state, made] of lowered.updates) {
    const home = lowered.states.get(state)!.buffer;
    const own = writers.get(made)!;
    const others = [...(readers.get(home) ?? [])].filter((g) => !own.has(g));
    const inPlace = [...own].every((w) => readsOnlyItsPlace(w, made, home)) && !anyDependsOn(others, own, after);
    if (inPlace) {
      aliases.set(made, home);
      for (const w of own) for (const g of others) after.get(w)!.add(g);
    } else {
      copies.push(compute("copy", home, {}, (axes) => load(made, axes)));
    }
  }
  const outputs = new Set([...lowered.outputs.values()].map((s) => s.buffer));
  return { kernels: [...listed(groups, after, eagerGroups(groups, readers, outputs)).flat(), ...copies], aliases };
}

/** Whether every load of `home` in the group is by the kernel that writes `made`, at the element it writes. */
function readsOnlyItsPlace(g: Group, made: Buffer, home: Buffer): boolean {
  return g.every((k) =>
    kernelLoads(k).every(
      (l) => l.buffer !== home || (k.out === made && !k.contraction?.outer.length && l.guards.length === 0 && l.index[0]!.equals(k.at[0]!)),
    ),
  );
}

/** Whether one of `groups` is one of `on`, or must come after one of them. */
function anyDependsOn(groups: readonly Group[], on: ReadonlySet<Group>, after: ReadonlyMap<Group, ReadonlySet<Group>>): boolean {
  const seen = new Set<Group>(groups);
  // What is added to the set while it is walked is walked too.
  for (const g of seen) {
    if (on.has(g)) return true;
    for (const earlier of after.get(g)!) seen.add(earlier);
  }
  return false;
}

/** Groups whose results go nowhere but into states. */
function eagerGroups(groups: readonly Group[], readers: ReadonlyMap<Buffer, ReadonlySet<Group>>, outputs: ReadonlySet<Buffer>): Set<Group> {
  const eager = new Set<Group>();
  for (const g of [...groups].reverse()) {
    const users = g.flatMap((k) => [...(readers.get(k.out) ?? [])]).filter((u) => u !== g);
    if (users.every((u) => eager.has(u)) && !g.some((k) => outputs.has(k.out))) eager.add(g);
  }
  return eager;
}

/**
 * The groups in order: the first eager one that is ready, or the first of the others. What needs no result of those since threads last met
 * goes first: then they meet less often.
 */
function listed(groups: readonly Group[], after: ReadonlyMap<Group, ReadonlySet<Group>>, eager: ReadonlySet<Group>): Group[] {
  const waiting = new Map(groups.map((g) => [g, after.get(g)!.size]));
  const before = new Map<Group, Group[]>(groups.map((g) => [g, []]));
  for (const [g, needs] of after) for (const n of needs) before.get(n)!.push(g);
  const order = new Map(groups.map((g, i) => [g, i]));
  const ready = groups.filter((g) => waiting.get(g) === 0);
  const result: Group[] = [];
  let fresh = new Set<Group>();
  const needsFresh = (g: Group): boolean => [...after.get(g)!].some((n) => fresh.has(n));
  const rank = (g: Group): number => order.get(g)! - (eager.has(g) ? groups.length : 0);
  const first = (some: readonly Group[]): Group | undefined =>
    some.reduce<Group | undefined>((best, g) => (!best || rank(g) < rank(best) ? g : best), undefined);
  while (ready.length > 0) {
    const usual = first(ready.filter((g) => !eager.has(g)));
    const candidates = ready.filter((g) => g === usual || eager.has(g));
    const next = first(candidates.filter((g) => !needsFresh(g))) ?? first(candidates)!;
    // Copies come before the product that reads them; siblings and the kernels of a chain run as one.
    const isOneStep = next.length === 1 || next[0]!.siblings !== undefined || next[0]!.chain !== undefined;
    if (needsFresh(next) || !isOneStep) fresh = new Set();
    fresh.add(next);
    ready.splice(ready.indexOf(next), 1);
    result.push(next);
    for (const g of before.get(next)!) {
      waiting.set(g, waiting.get(g)! - 1);
      if (waiting.get(g) === 0) ready.push(g);
    }
  }
  invariant(result.length === groups.length, "the schedule has a cycle");
  return result;
}
