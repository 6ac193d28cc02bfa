/**
 * Lowers a contraction (see kernel/contraction.ts) to loops around a register tile. An item is some of the panels, one
 * point of the batch axes and some of the rows.
 */
import type { Contraction } from "../../kernel/contraction.ts";
import { type Expr, loadsOf } from "../../kernel/expr.ts";
import type { Axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { FunctionBuilder, type Local } from "./function.ts";
import { emitNever } from "./loop.ts";
import { kernelBuffers, type LoweredKernel } from "./lowered.ts";
import { Pointers } from "./pointers.ts";
import { emitSmaller } from "./ranges.ts";
import { tuneRoles } from "./roles.ts";
import { Structure } from "./structure.ts";
import { emitTile, tileAccess, type Width } from "./tile.ts";
import { type Blocking, chooseBlocking, type Rows, tallestTile, tileRows } from "./tiling.ts";

/** The kernel's function, or undefined where the template does not fit and the generic lowering must do. */
export function lowerContraction(k: Kernel, fused = false): LoweredKernel | undefined {
  const given = k.contraction;
  const lanes = given && storedLanes(k, given);
  if (!given || !lanes || !fits(k, given)) return undefined;
  const roles = tuneRoles(given);
  const buffers = kernelBuffers(k);
  const resumes = k.resumes !== undefined;
  const f = new FunctionBuilder(
    k.name,
    [...buffers, ...(resumes ? ["first"] : []), "lo", "hi"].map(() => "i32" as const),
  );
  // Threads share the blocks of a chain, not what is done for one.
  const blocking = chooseBlocking(roles, { shared: k.chain === undefined, fused });
  const own = buffers.length + (resumes ? 1 : 0);
  const emitter = new ContractionEmitter(f, k, roles, blocking, lanes, f.param(own), resumes ? f.param(own - 1) : undefined, fused);
  emitter.emit((i) => f.param(buffers.indexOf(i)), f.param(own + 1));
  return { fn: f, buffers, items: blocking.items, resumes };
}

/** Whether the kernel is what its roles say: plain products of f32, stored in place, an epilogue along the tile. */
function fits(k: Kernel, roles: Contraction): boolean {
  const { a, b, lanes } = roles;
  const isProduct = k.body.kind === "binary" && k.body.fn === "mul" && [k.body.a, k.body.b].every((e) => e === a || e === b);
  if (!isProduct || k.combine !== "sum" || k.out.dtype !== "f32") return false;
  if ((roles.outer.length > 0 || k.resumes) && k.post.kind !== "acc") return false;
  if (roles.outer.length > 0 && k.resumes) return false;
  const loads = [a, b, ...loadsOf(k.post)];
  const steps = [...loads.map((l) => l.index[0]!), k.at[0]!];
  const constant = (axes: readonly Axis[], of: readonly Int[]): boolean => axes.every((x) => of.every((i) => i.step(x) !== undefined));
  return (
    a.buffer.dtype === "f32" &&
    b.buffer.dtype === "f32" &&
    loads.every((l) => l.guards.length === 0) &&
    constant([lanes, ...(roles.rows ? [roles.rows] : []), ...roles.inner], steps) &&
    a.index[0]!.step(lanes) === 0 &&
    b.index[0]!.step(lanes) === 1 &&
    (lanes.extent === 8 || lanes.extent === 4)
  );
}

/** How many lanes of the last panel are stored, or undefined if the kernel's bounds are not of that kind. */
function storedLanes(k: Kernel, roles: Contraction): number | undefined {
  const [bound, ...more] = k.within ?? [];
  if (!bound) return roles.lanes.extent;
  const at = bound.at.takeApart();
  const { panels, lanes } = roles;
  const plain = at.jumps.length === 0 && at.constant === 0 && at.steps.get(lanes) === 1;
  const whole = [...at.steps.keys()].every((a) => a === lanes || a === panels);
  if (more.length > 0 || !plain || !whole) return undefined;
  if (panels && panels.extent > 1 && at.steps.get(panels) !== lanes.extent) return undefined;
  const left = bound.high - ((panels?.extent ?? 1) - 1) * lanes.extent;
  return left < 1 ? undefined : Math.min(left, lanes.extent);
}

class ContractionEmitter {
  readonly #f: FunctionBuilder;
  readonly #k: Kernel;
  readonly #roles: Contraction;
  readonly #blocking: Blocking;
  /** Lanes of the last panel that are stored. */
  readonly #lastLanes: number;
  readonly #lo: Local;
  readonly #never: Local;
  readonly #structure: Structure = new Structure();
  readonly #pointers: Pointers;
  #first: Local | undefined;
  readonly #fused: boolean;

  constructor(
    f: FunctionBuilder,
    k: Kernel,
    roles: Contraction,
    blocking: Blocking,
    lastLanes: number,
    lo: Local,
    first: Local | undefined,
    fused: boolean,
  ) {
    this.#f = f;
    this.#k = k;
    this.#roles = roles;
    this.#blocking = blocking;
    this.#lastLanes = lastLanes;
    this.#lo = lo;
    this.#first = first;
    this.#fused = fused;
    this.#never = emitNever(f, lo);
    this.#pointers = new Pointers(f, this.#structure, new Set([...roles.batch, ...roles.outer, ...(roles.panels ? [roles.panels] : [])]));
  }

  emit(base: (b: Kernel["out"]) => Local, hi: Local): void {
    const f = this.#f;
    const { panelGroup, panelGroups, rowGroup, rowGroups, within } = this.#blocking;
    const batch = this.#roles.batch.slice(0, this.#roles.batch.length - within);
    this.#announce();
    this.#pointers.start(base);
    const item = f.local("i32");
    const left = f.local("i32");
    f.get(this.#lo).set(item);
    f.range(item, hi, 1, () => {
      f.get(item).set(left);
      const row = this.#take(left, rowGroups, rowGroup);
      const points = [...batch].reverse().map((a) => [a, this.#take(left, a.extent, 1)] as const);
      const panel = this.#take(left, panelGroups, panelGroup);
      this.#inside(points.reverse(), () => this.#outer(this.#roles.outer, panel, row));
    });
  }

  /** Takes one digit off the item number, of base `base`; gives it times `scale`. */
  #take(left: Local, base: number, scale: number): Local {
    const f = this.#f;
    const digit = f.local("i32");
    if (base === 1) return digit;
    f.get(left).i32(base).op("i32.rem_u").i32(scale).op("i32.mul").set(digit);
    f.get(left).i32(base).op("i32.div_u").set(left);
    return digit;
  }

  #inside(points: readonly (readonly [Axis, Local])[], body: () => void): void {
    const [head, ...rest] = points;
    if (!head) return body();
    this.#pointers.inside(head[0], head[1], () => this.#inside(rest, body));
  }

  /** The loops over the outer reduction axes. */
  #outer(axes: readonly Axis[], panel: Local, row: Local): void {
    const f = this.#f;
    const [head, ...rest] = axes;
    if (!head) return this.#batch(this.#roles.batch.slice(this.#roles.batch.length - this.#blocking.within), panel, row);
    if (axes === this.#roles.outer) {
      this.#first = f.local("i32");
      f.i32(1).set(this.#first);
    }
    const at = f.local("i32");
    f.i32(0).set(at);
    f.range(at, head.extent, 1, () => {
      this.#pointers.inside(head, at, () => this.#outer(rest, panel, row));
      if (rest.length === 0) f.i32(0).set(this.#first!);
    });
  }

  /** The loops over those batch axes that lie within an item. */
  #batch(axes: readonly Axis[], panel: Local, row: Local): void {
    const f = this.#f;
    const [head, ...rest] = axes;
    if (!head) return this.#panels(panel, row);
    const at = f.local("i32");
    f.i32(0).set(at);
    f.range(at, head.extent, 1, () => {
      this.#pointers.inside(head, at, () => this.#batch(rest, panel, row));
    });
  }

  #panels(from: Local, row: Local): void {
    const f = this.#f;
    const { panels, lanes } = this.#roles;
    const { panelGroup } = this.#blocking;
    const full: Width = { vectors: lanes.extent / 4, lanes: lanes.extent };
    const last: Width = { vectors: Math.ceil(this.#lastLanes / 4), lanes: this.#lastLanes };
    if (!panels || panels.extent === 1) return this.#rows(row, last);
    const at = f.local("i32");
    f.get(from).set(at);
    const end = f.local("i32");
    emitSmaller(f, () => f.get(from).i32(panelGroup).op("i32.add"), panels.extent, end);
    f.range(at, end, 1, () => {
      this.#pointers.inside(panels, at, () => {
        if (last.lanes === full.lanes) return this.#rows(row, full);
        f.get(at)
          .i32(panels.extent - 1)
          .op("i32.ne");
        f.if(
          () => this.#rows(row, full),
          () => this.#rows(row, last),
        );
      });
    });
  }

  /** The tiles of a row group. */
  #rows(from: Local, width: Width): void {
    const f = this.#f;
    const { rows } = this.#roles;
    const { rowGroup, rowGroups } = this.#blocking;
    const tallest = (n: number): number => tallestTile(n, width.vectors, terms, this.#fused);
    const terms = this.#roles.inner.at(-1)?.extent ?? 1;
    if (!rows || rows.extent === 1) return this.#tile(1, width);
    const at = f.local("i32");
    f.get(from).set(at);
    this.#pointers.walking(rows, at, rowGroups === 1, (advance) => {
      const run = (tiles: readonly Rows[]): void => {
        for (const { height, count } of tiles) {
          f.times(count, () => {
            this.#tile(height, width);
            advance(height);
            f.bump(at, height);
          });
        }
      };
      const short = rows.extent % rowGroup;
      if (short === 0) return run(tileRows(rowGroup, tallest(rowGroup)));
      f.get(at)
        .i32(rows.extent - short)
        .op("i32.ne");
      f.if(
        () => run(tileRows(rowGroup, tallest(rowGroup))),
        () => run(tileRows(short, tallest(short))),
      );
    });
  }

  #tile(height: number, width: Width): void {
    const scope = { f: this.#f, k: this.#k, roles: this.#roles, pointers: this.#pointers, fused: this.#fused };
    emitTile({ ...scope, structure: this.#structure, never: this.#never, first: this.#first }, height, width);
  }

  /** Tells the pointers all that tiles access. */
  #announce(): void {
    const { a, b } = this.#roles;
    const elements: Expr[] = [a, b, this.#k.post];
    for (const l of elements.flatMap(loadsOf)) this.#pointers.announce(tileAccess(this.#roles, l.buffer, l.index[0]!));
    this.#pointers.announce(tileAccess(this.#roles, this.#k.out, this.#k.at[0]!));
  }
}
