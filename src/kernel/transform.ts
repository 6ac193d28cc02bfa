/**
 * A transform is a sum of entries of constant matrices, one for each of up to two axes, times the elements of one array: the small linear
 * maps of minimal filtering. Along each axis by itself it takes far fewer operations than as the sum that the kernel says. Roles for that
 * are given here, in the addressed kernel.
 */
import { offset } from "./address.ts";
import { type Buffer, buffer, type Expr, type Load, loadsOf, type Matrix, type Table, tablesOf } from "./expr.ts";
import { type Axis, axis, Int } from "./int.ts";
import { type Kernel, reindex } from "./kernel.ts";

/** One matrix: the kernel's axis that numbers its rows, and its reduction axis that numbers its columns. */
export interface TransformAxis {
  readonly matrix: Matrix;
  readonly row: Axis;
  readonly column: Axis;
}

export interface Transform {
  readonly load: Load;
  /** Outermost first. The last is applied last. */
  readonly along: readonly TransformAxis[];
  /** Neighbours in the output, and at constant distance in the load. */
  readonly lanes: Axis;
  /** What is in between, for one vector of lanes; each thread has its own. Undefined with one matrix. */
  readonly scratch: Buffer | undefined;
}

/** Elements of a vector. */
const LANES = 4;

/**
 * Kernels whose matrices are read at `p mod m` write tiles of m elements side by side: p becomes m t + i, with an axis for each, and what
 * lies beyond the last element is not stored.
 */
export function splitTiles(k: Kernel): Kernel {
  let split = k;
  for (const { values, row } of tablesOf(k.body)) {
    // Of images smaller than a tile, p mod m is p.
    const p = row.op === "mod" ? row.args[0]?.axis : row.axis;
    const m = values.length;
    if (!p || !split.axes.includes(p) || p.extent === m) continue;
    const [tile, within] = [axis(`${p.name}t`, Math.ceil(p.extent / m)), axis(`${p.name}i`, m)];
    const place = Int.of(tile).mul(m).add(within);
    const axes = split.axes.flatMap((a) => (a === p ? [tile, within] : [a]));
    split = reindex(split, new Map([[p, place]]), axes, split.reduce);
    if (p.extent % m !== 0) split = { ...split, within: [...(split.within ?? []), { at: place, high: p.extent }] };
  }
  return split;
}

/** The addressed kernel with its roles; undefined where it is no transform or lanes do not fit. */
export function transformRoles(k: Kernel): Kernel | undefined {
  const tables = tablesOf(k.body);
  const [load, ...others] = loadsOf(k.body);
  if (!load || others.length > 0 || tables.length < 1 || tables.length > 2 || k.combine !== "sum" || k.out.dtype !== "f32")
    return undefined;
  if (load.buffer.dtype !== "f32" || !isProduct(k.body) || tables.length !== k.reduce.length) return undefined;
  const along = tables.map((t) => alongOf(k, t));
  if (!along.every((a) => a !== undefined) || new Set(along.map((a) => a.column)).size !== along.length) return undefined;
  const rows = new Set(along.map((a) => a.row));
  const lanes = k.axes.find((a) => !rows.has(a) && a.extent >= LANES && isLane(k, load, a));
  if (!lanes || !walks(k, load, along)) return undefined;
  const between = along.length < 2 ? undefined : buffer(`${k.out.name}.between`, [along[0]!.row.extent * along[1]!.column.extent * LANES]);
  return { ...k, transform: { load, along, lanes, scratch: between } };
}

const isProduct = (e: Expr): boolean =>
  e.kind === "table" || e.kind === "load" || (e.kind === "binary" && e.fn === "mul" && isProduct(e.a) && isProduct(e.b));

function alongOf(k: Kernel, { values, row, column }: Table): TransformAxis | undefined {
  if (!row.axis || !column.axis || !k.axes.includes(row.axis) || !k.reduce.includes(column.axis)) return undefined;
  const whole = row.axis.extent === values.length && column.axis.extent === values[0]!.length;
  return whole ? { matrix: values, row: row.axis, column: column.axis } : undefined;
}

/** Whether elements along `a` are neighbours in the output, and walked by constant steps everywhere else. */
function isLane(k: Kernel, load: Load, a: Axis): boolean {
  const steps = [load, ...loadsOf(k.post)].map((l) => offset(l).step(a));
  const fixed = load.guards.every((g) => g.at.step(a) === 0) && (k.within ?? []).every((w) => w.at.step(a) === 0);
  return k.at[0]!.step(a) === 1 && fixed && steps.every((s) => s !== undefined && s >= 0) && noIndex(k.post);
}

const noIndex = (e: Expr): boolean =>
  e.kind !== "index" &&
  (!("a" in e) || noIndex(e.a)) &&
  (!("b" in e) || noIndex(e.b)) &&
  (e.kind !== "select" || (noIndex(e.then) && noIndex(e.otherwise)));

/** Whether every address goes up by constants along rows and columns, and epilogue and guards are simple. */
function walks(k: Kernel, load: Load, along: readonly TransformAxis[]): boolean {
  const up = (i: Int, axes: readonly Axis[]): boolean => axes.every((a) => (i.step(a) ?? -1) >= 0);
  const rows = along.map((a) => a.row);
  const columns = along.map((a) => a.column);
  const post = loadsOf(k.post);
  return (
    up(offset(load), columns) &&
    offset(load).step(rows[0]!) === 0 &&
    up(k.at[0]!, rows) &&
    post.every((l) => l.guards.length === 0 && up(offset(l), rows)) &&
    load.otherwise === 0 &&
    load.guards.every((g) => g.test === "inRange" && oneOf(g.at, columns)) &&
    (k.within ?? []).every((w) => oneOf(w.at, rows))
  );
}

/** Whether the index moves, by a constant step, with at most one of these axes. */
const oneOf = (i: Int, axes: readonly Axis[]): boolean =>
  axes.every((a) => i.step(a) !== undefined) && axes.filter((a) => i.step(a) !== 0).length <= 1;
