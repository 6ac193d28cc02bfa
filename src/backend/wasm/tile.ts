/**
 * The register tile of a contraction: `height` rows by one or two vectors of lanes, accumulated over the inner axes.
 *
 * At most 15 vectors may be live, or V8 spills: 8 accumulators, 4 of b and a spread element of a (4 rows, two steps), or 10,
 * 2 and one (5 rows, one step). All of b's vectors are loaded first, then each row takes its element of a. The shape of the
 * tile never changes the bits: each element's products are added in order.
 */
import type { Contraction } from "../../kernel/contraction.ts";
import { type Buffer, type Load, substituteAxes } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { emitLoad, emitStore } from "./access.ts";
import { emitIndex } from "./emitIndex.ts";
import type { FunctionBuilder, Local } from "./function.ts";
import { LaneCode } from "./lanes.ts";
import { emitLoop } from "./loop.ts";
import type { Access, Address, Pointers } from "./pointers.ts";
import { type Source, Values } from "./scalar.ts";
import type { Structure } from "./structure.ts";

export interface TileScope {
  readonly f: FunctionBuilder;
  readonly k: Kernel;
  readonly roles: Contraction;
  readonly pointers: Pointers;
  readonly structure: Structure;
  readonly never: Local;
  /** Whether products are added by fused multiply-add. */
  readonly fused: boolean;
  /** Whether nothing has been accumulated yet; undefined where there are no outer axes. */
  readonly first: Local | undefined;
}

/** What of a panel is computed: so many vectors, of whose lanes so many are stored. */
export interface Width {
  readonly vectors: number;
  readonly lanes: number;
}

/**
 * Steps of the innermost loop done at once: two, if registers allow, because one leaves the front end short and three are
 * clustered; fused, one keeps it busy. If the loop's length is odd, the last step is done after it, unless the loop is short.
 */
function stepsAtOnce(height: number, vectors: number, length: number, fused: boolean): number {
  const fits = height * vectors + 2 * vectors < 14 && !(fused && vectors > 1);
  return fits && (length % 2 === 0 || length > 16) ? 2 : 1;
}

export function emitTile(scope: TileScope, height: number, width: Width): void {
  const { f, k, roles, pointers, first } = scope;
  const c = new LaneCode(f, 4);
  const cells = Array.from({ length: height * width.vectors }, (_, q) => {
    const [row, vector] = [Math.floor(q / width.vectors), q % width.vectors];
    const lanes = Math.min(4, width.lanes - 4 * vector);
    return { sum: f.local("v128"), row, vector, lanes, at: cellOf(roles, row, vector) };
  });
  const out = cells.map((cell) => k.at[0]!.substitute(cell.at));
  const step = k.at[0]!.step(roles.lanes)!;
  const zero = (): void => {
    for (const cell of cells) f.f32x4(0).set(cell.sum);
  };
  const resume = (): void => {
    cells.forEach((cell, i) => {
      emitResume(c, scope, out[i]!, step, cell.lanes);
      f.set(cell.sum);
    });
  };
  if (first) f.get(first).if(zero, resume);
  else zero();

  emitInner(scope, roles.inner, height, width.vectors, (row, vector) => cells[row * width.vectors + vector]!.sum);

  const elements = cells.map((cell) => substituteAxes(k.post, cell.at));
  const values = new Values(
    c,
    tileSource(
      scope,
      c,
      cells.map((cell) => cell.sum),
    ),
    scope.structure,
    elements,
  );
  const order = cells.map((_, i) => i);
  // V8 11 (Node 20) wants the stores in the order of the rows, or against it if something stands between sum and store:
  // 91% of the registers' peak, 57% the wrong way round. V8 15 does not care.
  if (k.post.kind !== "acc") order.reverse();
  for (const i of order) {
    const to = pointers.address(tileAccess(roles, k.out, out[i]!));
    emitStore(c, "f32", step, to.push, to.displacement, () => values.push(i), cells[i]!.lanes);
  }
}

/** The place of one vector of the tile. Its lanes are the axis of that name, which counts as zero. */
export function cellOf(roles: Contraction, row: number, vector: number): ReadonlyMap<Axis, Int> {
  const place = new Map([[roles.lanes, Int.of(roles.lanes).add(4 * vector)]]);
  if (roles.rows && row > 0) place.set(roles.rows, Int.of(roles.rows).add(row));
  return place;
}

/** One access of a tile. Where rows or steps lie backwards, constants must not become displacements. */
export function tileAccess(roles: Contraction, buffer: Buffer, offset: Int): Access {
  const walked = [roles.rows, roles.inner.at(-1)];
  return { buffer, offset, guarded: walked.some((a) => a && offset.step(a)! < 0) };
}

/** Pushes what stands in the output, reading no lane that is not the kernel's. */
function emitResume(c: LaneCode, scope: TileScope, offset: Int, step: number, lanes: number): void {
  const from = scope.pointers.address(tileAccess(scope.roles, scope.k.out, offset));
  if (lanes === 4) return emitLoad(c, "f32", step, from.push, from.displacement);
  const f = c.f;
  from.push();
  f.memory("v128.load32_zero", from.displacement);
  for (let lane = 1; lane < lanes; lane++) {
    const partial = f.local("v128");
    f.set(partial);
    from.push();
    f.get(partial).memoryLane("v128.load32_lane", from.displacement + 4 * lane * step, lane);
  }
}

/** The loops over the inner axes, with the tile's sums in registers. */
function emitInner(
  scope: TileScope,
  axes: readonly Axis[],
  height: number,
  vectors: number,
  sum: (row: number, vector: number) => Local,
): void {
  const { f, pointers, never } = scope;
  const [head, ...rest] = axes;
  if (!head) return emitSteps(scope, undefined, 1, height, vectors, sum);
  const at = f.local("i32");
  f.i32(0).set(at);
  pointers.walking(head, at, true, (advance) => {
    if (rest.length > 0) {
      emitLoop(f, never, () => {
        emitInner(scope, rest, height, vectors, sum);
        advance(1);
        f.get(at).i32(1).op("i32.add").tee(at).i32(head.extent).op("i32.ne");
      });
      return;
    }
    const steps = stepsAtOnce(height, vectors, head.extent, scope.fused);
    const left = head.extent % steps;
    emitLoop(f, never, () => {
      emitSteps(scope, head, steps, height, vectors, sum);
      advance(steps);
      f.get(at)
        .i32(steps)
        .op("i32.add")
        .tee(at)
        .i32(head.extent - left)
        .op("i32.ne");
    });
    if (left === 0) return;
    // a loop again, though it never repeats: after straight-line code the sums would not come from a merge
    emitLoop(f, never, () => {
      emitSteps(scope, head, left, height, vectors, sum);
      f.get(never);
    });
  });
}

/** Whether all rows of a tile take the same vectors of b, each with its own element of a; if not, it is the other way round. */
const sharesB = (roles: Contraction): boolean => !roles.rows || roles.b.index[0]!.step(roles.rows) === 0;

/** Some steps along the innermost axis: first what all rows share, then row by row what each has for itself. */
function emitSteps(
  scope: TileScope,
  axis: Axis | undefined,
  steps: number,
  height: number,
  vectors: number,
  sum: (row: number, vector: number) => Local,
): void {
  const { f, roles, pointers } = scope;
  const at = (step: number, row: number, vector: number): ReadonlyMap<Axis, Int> =>
    new Map([...cellOf(roles, row, vector), ...(axis ? [[axis, Int.of(axis).add(step)] as const] : [])]);
  const address = (l: Load, point: ReadonlyMap<Axis, Int>): Address =>
    pointers.address(tileAccess(roles, l.buffer, l.index[0]!.substitute(point)));
  const vectorsOfB = (step: number, row: number): Local[] =>
    Array.from({ length: vectors }, (_, vector) => {
      const from = address(roles.b, at(step, row, vector));
      const local = f.local("v128");
      from.push();
      f.memory("v128.load", from.displacement, 4).set(local);
      return local;
    });
  const spreadOfA = (step: number, row: number): Local => {
    const from = address(roles.a, at(step, row, 0));
    const local = f.local("v128");
    from.push();
    f.memory("v128.load32_splat", from.displacement).set(local);
    return local;
  };
  const add = (row: number, spread: Local, b: readonly Local[]): void =>
    b.forEach((vector, i) => {
      const total = sum(row, i);
      f.get(spread).get(vector);
      if (scope.fused) f.get(total).op("f32x4.relaxed_madd").set(total);
      else f.op("f32x4.mul").get(total).op("f32x4.add").set(total);
    });
  const all = Array.from({ length: steps }, (_, step) => step);
  if (sharesB(roles)) {
    const b = all.map((step) => vectorsOfB(step, 0));
    for (let row = 0; row < height; row++) for (const step of all) add(row, spreadOfA(step, row), b[step]!);
  } else {
    const a = all.map((step) => spreadOfA(step, 0));
    for (let row = 0; row < height; row++) for (const step of all) add(row, a[step]!, vectorsOfB(step, row));
  }
}

/** Reads the epilogue's leaves. */
function tileSource(scope: TileScope, c: LaneCode, sums: readonly Local[]): Source {
  const { f, roles, pointers } = scope;
  return {
    load(l) {
      const offset = l.index[0]!;
      const from = pointers.address(tileAccess(roles, l.buffer, offset));
      emitLoad(c, l.buffer.dtype, offset.step(roles.lanes)!, from.push, from.displacement);
    },
    index(at) {
      emitIndex(f, at.substitute(new Map([[roles.lanes, Int.of(0)]])), pointers.running);
      c.splat();
      const step = at.step(roles.lanes)!;
      if (step !== 0) f.i32x4(0, step, 2 * step, 3 * step).op("i32x4.add");
    },
    acc: (i) => void f.get(sums[i]!),
  };
}
