/** Rewrites the roles of a contraction so that the tile's loops are few and long. The order of terms stays. */
import type { Contraction } from "../../kernel/contraction.ts";
import { type Load, substituteAxes } from "../../kernel/expr.ts";
import { type Axis, axis, Int } from "../../kernel/int.ts";
import { affineRange } from "./affine.ts";

export const tuneRoles = (roles: Contraction): Contraction => mergeInner(absorbOuter(roles));

const steps = (roles: Contraction, a: Axis): (number | undefined)[] => [roles.a, roles.b].map((l) => l.index[0]!.step(a));

/** The roles with axes replaced in both loads. */
function replaced(roles: Contraction, map: ReadonlyMap<Axis, Int>): Contraction {
  return { ...roles, a: substituteAxes(roles.a, map) as Load, b: substituteAxes(roles.b, map) as Load };
}

/** Neighbouring inner axes as one where both loads allow it. */
function mergeInner(roles: Contraction): Contraction {
  const inner = roles.inner.filter((a) => a.extent > 1);
  for (let i = 0; i + 1 < inner.length; i++) {
    const [outer, last] = [inner[i]!, inner[i + 1]!];
    const [ofOuter, ofLast] = [steps(roles, outer), steps(roles, last)];
    if (!ofOuter.every((step, j) => step === ofLast[j]! * last.extent)) continue;
    const one = axis(`${outer.name}${last.name}`, outer.extent * last.extent);
    const map = new Map([
      [outer, Int.of(0)],
      [last, Int.of(one)],
    ]);
    return mergeInner({ ...replaced(roles, map), inner: [...inner.slice(0, i), one, ...inner.slice(i + 2)] });
  }
  return { ...roles, inner };
}

/** What row tiles read over and over should stay in the first-level cache, in bytes. */
export const NEAR: number = 32 * 1024;

/**
 * Each visit of an outer iteration loads and stores the tile's sums once. Where the innermost outer axes, or a part of one,
 * read little enough, they become inner axes: fewer visits.
 */
function absorbOuter(roles: Contraction): Contraction {
  const last = roles.outer.at(-1);
  if (!last || steps(roles, last).some((s) => s === undefined)) return roles;
  for (let part = last.extent; part > 1; part--) {
    if (last.extent % part !== 0) continue;
    const [block, within] = [axis(`${last.name}b`, last.extent / part), axis(last.name, part)];
    const map = new Map([[last, Int.of(block).mul(part).add(within)]]);
    const next = { ...replaced(roles, map), outer: [...roles.outer.slice(0, -1), block], inner: [within, ...roles.inner] };
    if (nearBytes(next, FEW_ROWS) > NEAR) continue;
    return part < last.extent ? next : absorbOuter({ ...next, outer: next.outer.slice(0, -1) });
  }
  return last.extent === 1 ? absorbOuter({ ...roles, outer: roles.outer.slice(0, -1) }) : roles;
}
/** Row groups may be made as small as this for the sake of the cache. */
const FEW_ROWS = 32;

/** Bytes that the tiles of some rows read on one visit. */
export const nearBytes = (roles: Contraction, rows: number): number => bytesOfA(roles, rows) + bytesOfB(roles, 1);

/** Bytes of `a` that some rows touch on one visit, in whole lines of the cache. */
export function bytesOfA(roles: Contraction, rows: number): number {
  const offset = roles.a.index[0]!.takeApart();
  const own = new Set([...roles.inner, ...(roles.rows ? [roles.rows] : [])]);
  const span = affineRange(offset, (x) => own.has(x));
  const ofRows = (roles.rows && offset.steps.get(roles.rows)) ?? 0;
  const part = Math.min(1, rows / (roles.rows?.extent ?? 1));
  const whole = 4 * (span.max - span.min + 1);
  // rows that are neighbours: each term reads a run of them; rows apart: each takes its own piece
  return ofRows === 1 ? Math.min(whole, termsOf(roles) * (4 * rows + 2 * LINE)) : whole * part;
}

/** Bytes of `b` that some panels touch on one visit, in whole lines of the cache. */
export function bytesOfB(roles: Contraction, panels: number): number {
  const offset = roles.b.index[0]!;
  if (roles.rows && offset.step(roles.rows) !== 0) {
    const near = new Set([...roles.inner, roles.rows, roles.lanes]);
    const span = affineRange(offset.takeApart(), (x) => near.has(x));
    return panels * 4 * (span.max - span.min + 1);
  }
  const next = Math.min(...roles.inner.map((x) => Math.abs(offset.step(x)!)), Number.MAX_SAFE_INTEGER);
  const run = 4 * roles.lanes.extent * panels;
  return termsOf(roles) * (4 * next <= run ? run : Math.min(4 * next, run + LINE));
}

const LINE = 64;

/** Terms of one element that are added on one visit. */
export const termsOf = (roles: Contraction): number => roles.inner.reduce((n, x) => n * x.extent, 1);
