/**
 * Lowers a transform (see kernel/transform.ts): for each tile and each vector of lanes, the first matrix column by column into scratch,
 * then the second row by row. What is in between goes through memory on purpose: V8 would keep all of it alive at once, and spill.
 */
import { BYTES } from "../../base/dtype.ts";
import { LINE } from "../../kernel/address.ts";
import { type Load, loadsOf } from "../../kernel/expr.ts";
import { type Axis, Int } from "../../kernel/int.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Transform, TransformAxis } from "../../kernel/transform.ts";
import { emitStore } from "./access.ts";
import { emitIndex } from "./emitIndex.ts";
import { FunctionBuilder, type Local } from "./function.ts";
import { LaneCode } from "./lanes.ts";
import { kernelBuffers, type LoweredKernel } from "./lowered.ts";
import { type Product, productBy } from "./matrix.ts";
import { type Access, type Address, Pointers } from "./pointers.ts";
import { Values } from "./scalar.ts";
import { Structure } from "./structure.ts";

/** The kernel's function, or undefined where it has no such roles. An item is one tile. */
export function lowerTransform(k: Kernel): LoweredKernel | undefined {
  if (!k.transform) return undefined;
  const buffers = kernelBuffers(k);
  const f = new FunctionBuilder(k.name, [...buffers.map(() => "i32" as const), "i32", "i32"]);
  return { fn: f, buffers, items: new TransformEmitter(f, k, k.transform).emit(buffers) };
}

/** Values of rows and columns within a tile. */
type Place = ReadonlyMap<Axis, Int>;

/** An element that is loaded or stored, as a function of the kernel's axes. */
type Element = Pick<Load, "buffer" | "index">;

/** Whether a bound holds, for each value of the axis that it moves with; one value where it moves with none. */
interface Flags {
  readonly axis: Axis | undefined;
  readonly holds: readonly Local[];
}

class TransformEmitter {
  readonly #f: FunctionBuilder;
  readonly #k: Kernel;
  readonly #t: Transform;
  readonly #structure: Structure = new Structure();
  readonly #batch: readonly Axis[];
  readonly #pointers: Pointers;
  /** Rows and columns at the tile's first place. */
  readonly #first: Place;
  readonly #origins = new Map<Element, Access>();
  /** What is stored. */
  readonly #out: Element;
  /** The products by each matrix. */
  readonly #products: readonly Product[];

  constructor(f: FunctionBuilder, k: Kernel, t: Transform) {
    this.#f = f;
    this.#k = k;
    this.#t = t;
    const own = new Set([t.lanes, ...t.along.map((a) => a.row)]);
    this.#batch = k.axes.filter((a) => !own.has(a) && a.extent > 1);
    this.#pointers = new Pointers(f, this.#structure, new Set(this.#batch));
    this.#first = new Map(t.along.flatMap((a) => [a.row, a.column]).map((a) => [a, Int.of(0)]));
    this.#out = { buffer: k.out, index: k.at };
    this.#products = t.along.map((a) => productBy(a.matrix));
  }

  /** Emits all tiles of a range of items; gives their number. */
  emit(buffers: readonly Kernel["out"][]): number {
    const f = this.#f;
    this.#announce();
    this.#pointers.start((b) => f.param(buffers.indexOf(b)));
    const [lo, hi] = [f.param(buffers.length), f.param(buffers.length + 1)];
    const scratch = this.#t.scratch ? f.param(buffers.indexOf(this.#t.scratch)) : undefined;
    const item = f.local("i32");
    f.get(lo).set(item);
    f.range(item, hi, 1, () => {
      const left = f.local("i32");
      f.get(item).set(left);
      const digits = [...this.#batch].reverse().map((a) => [a, this.#digit(left, a.extent)] as const);
      this.#inside(digits.reverse(), () => this.#tile(scratch));
    });
    return this.#batch.reduce((n, a) => n * a.extent, 1);
  }

  /** Takes the last digit of a number off it. */
  #digit(left: Local, base: number): Local {
    const f = this.#f;
    const digit = f.local("i32");
    f.get(left).i32(base).op("i32.rem_u").set(digit);
    f.get(left).i32(base).op("i32.div_u").set(left);
    return digit;
  }

  #inside(digits: readonly (readonly [Axis, Local])[], body: () => void): void {
    const [head, ...rest] = digits;
    if (!head) return body();
    this.#pointers.inside(head[0], head[1], () => this.#inside(rest, body));
  }

  /** Loads and stores at the tile's first place: all others lie after it, and share its pointers. */
  #announce(): void {
    for (const place of [this.#t.load, this.#out, ...loadsOf(this.#k.post)]) this.#pointers.announce(this.#origin(place));
  }

  /** What a load or store of the tile's first place accesses. */
  #origin(element: Element): Access {
    const known = this.#origins.get(element);
    if (known) return known;
    const access = { buffer: element.buffer, offset: element.index[0]!.substitute(this.#first), guarded: false };
    this.#origins.set(element, access);
    return access;
  }

  /** The address of a load or store at some place: rows and columns walk by constant steps, which become displacements. */
  #address(element: Element, p: Place): Address {
    const { push, displacement } = this.#pointers.address(this.#origin(element));
    let elements = 0;
    for (const [a, value] of p) elements += element.index[0]!.step(a)! * value.value;
    return { push, displacement: displacement + BYTES.f32 * elements };
  }

  /** One tile: without tests where all its bounds hold. */
  #tile(scratch: Local | undefined): void {
    const f = this.#f;
    const { load, along } = this.#t;
    const reads = load.guards.map((g) => {
      if (g.test !== "inRange") throw new Error("unreachable");
      return this.#flags(
        g.at,
        g.low,
        g.high,
        along.map((a) => a.column),
      );
    });
    const writes = (this.#k.within ?? []).map((w) =>
      this.#flags(
        w.at,
        w.at.min,
        w.high,
        along.map((a) => a.row),
      ),
    );
    const all = [...reads, ...writes].flatMap((flags) => flags.holds);
    if (all.length === 0) return this.#lanes(scratch, [], []);
    all.forEach((flag, i) => {
      f.get(flag);
      if (i > 0) f.op("i32.and");
    });
    f.if(
      () => this.#lanes(scratch, [], []),
      () => this.#lanes(scratch, reads, writes),
    );
  }

  #flags(at: Int, low: number, high: number, axes: readonly Axis[]): Flags {
    const f = this.#f;
    const axis = axes.find((a) => at.step(a) !== 0);
    const values = axis ? Array.from({ length: axis.extent }, (_, i) => new Map([[axis, Int.of(i)]])) : [new Map<Axis, Int>()];
    const holds = values.map((value) => {
      const flag = f.local("i32");
      emitIndex(f, at.substitute(value), this.#pointers.running);
      // one comparison for both ends: what lies below wraps past the top
      if (low !== 0) f.i32(low).op("i32.sub");
      f.i32(high - low)
        .op("i32.lt_u")
        .set(flag);
      return flag;
    });
    return { axis, holds };
  }

  /** The vectors of lanes of one tile. */
  #lanes(scratch: Local | undefined, reads: readonly Flags[], writes: readonly Flags[]): void {
    const f = this.#f;
    const { lanes } = this.#t;
    const at = f.local("i32");
    f.i32(0).set(at);
    if (reads.length + writes.length === 0) this.#reach(at);
    this.#pointers.walking(lanes, at, true, (advance) => {
      f.times(Math.floor(lanes.extent / 4), () => {
        this.#vector(scratch, reads, writes, 4);
        advance(4);
      });
      if (lanes.extent % 4 > 0) this.#vector(scratch, reads, writes, lanes.extent % 4);
    });
  }

  /**
   * Reads something of each line that a tile is written to. The lines are asked for all at once; without that each first store to a line
   * would wait for it, one after the other. What stays in the cache anyway needs none of this.
   */
  #reach(at: Local): void {
    const f = this.#f;
    const k = this.#k;
    const { lanes, along } = this.#t;
    if (lanes.extent % LINE !== 0 || k.chain?.locals.includes(k.out)) return;
    this.#pointers.walking(lanes, at, true, (advance) => {
      f.times(lanes.extent / LINE, () => {
        for (const p of places(along.map((a) => a.row))) {
          const to = this.#address(this.#out, p);
          to.push();
          f.memory("i32.load", to.displacement).drop();
        }
        advance(LINE);
      });
    });
  }

  #vector(scratch: Local | undefined, reads: readonly Flags[], writes: readonly Flags[], count: number): void {
    const f = this.#f;
    const [first, last] = this.#t.along as readonly [TransformAxis, TransformAxis | undefined];
    const [byFirst, byLast] = this.#products as readonly [Product, Product | undefined];
    const read = (p: Place): Local => {
      this.#load(p, reads, count);
      const l = f.local("v128");
      f.set(l);
      return l;
    };
    if (!last || !byLast || !scratch) {
      const x = valuesOf(first.column).map((c) => read(new Map([c])));
      byFirst(f, x).forEach((y, i) => {
        this.#store(y, new Map([[first.row, Int.of(i)]]), writes, count);
      });
      return;
    }
    const width = last.column.extent;
    for (const [i, c] of valuesOf(last.column).entries()) {
      const x = valuesOf(first.column).map((r) => read(new Map([r, c])));
      byFirst(f, x).forEach((y, j) => {
        f.get(scratch)
          .get(y)
          .memory("v128.store", 16 * (j * width + i));
      });
    }
    for (const [j, r] of valuesOf(first.row).entries()) {
      const x = valuesOf(last.column).map((_, i) => {
        const l = f.local("v128");
        f.get(scratch)
          .memory("v128.load", 16 * (j * width + i))
          .set(l);
        return l;
      });
      byLast(f, x).forEach((y, i) => {
        this.#store(y, new Map([r, [last.row, Int.of(i)]]), writes, count);
      });
    }
  }

  /** Pushes the elements at a place, zeros where a bound fails. */
  #load(p: Place, bounds: readonly Flags[], count: number): void {
    const f = this.#f;
    const { load, lanes } = this.#t;
    const from = this.#address(load, p);
    const step = load.index[0]!.step(lanes)!;
    const flags = flagsAt(bounds, p);
    if (flags.length === 0) return this.#elements(from, step, count);
    this.#test(flags);
    f.if(
      () => this.#elements(wrapping(f, from), step, count),
      () => f.f32x4(0),
      "v128",
    );
  }

  /** Pushes `count` elements at distance `step`. Behind neighbours there are always more, if only of other arrays: they are read, not used. */
  #elements(from: Address, step: number, count: number): void {
    const f = this.#f;
    from.push();
    if (step === 1) {
      f.memory("v128.load", from.displacement, 4);
      return;
    }
    f.memory("v128.load32_zero", from.displacement);
    for (let lane = 1; lane < count; lane++) {
      const some = f.local("v128");
      f.set(some);
      from.push();
      f.get(some).memoryLane("v128.load32_lane", from.displacement + 4 * lane * step, lane);
    }
  }

  /** Stores the epilogue of a sum, if the place's bounds hold. */
  #store(sum: Local, p: Place, bounds: readonly Flags[], count: number): void {
    const f = this.#f;
    const k = this.#k;
    const c = new LaneCode(f, 4);
    const to = this.#address(this.#out, p);
    const write = (address: Address, wrap: boolean): void => {
      const values = new Values(
        c,
        {
          load: (l) => {
            const from = this.#address(l, p);
            const step = l.index[0]!.step(this.#t.lanes)!;
            if (step === 0) {
              from.push();
              f.memory("v128.load32_splat", from.displacement);
            } else this.#elements(wrap ? wrapping(f, from) : from, step, count);
          },
          index: () => undefined,
          acc: () => void f.get(sum),
        },
        this.#structure,
        [k.post],
      );
      emitStore(c, "f32", 1, address.push, address.displacement, () => values.push(0), count);
    };
    const flags = flagsAt(bounds, p);
    if (flags.length === 0) return write(to, false);
    this.#test(flags);
    f.if(() => write(wrapping(f, to), true));
  }

  /** Pushes whether all flags are set. */
  #test(flags: readonly Local[]): void {
    flags.forEach((flag, i) => {
      this.#f.get(flag);
      if (i > 0) this.#f.op("i32.and");
    });
  }
}

/** Values 0, 1, ... of an axis. */
const valuesOf = (a: Axis): (readonly [Axis, Int])[] => Array.from({ length: a.extent }, (_, i) => [a, Int.of(i)] as const);

/** The flags that count at a place. */
const flagsAt = (bounds: readonly Flags[], p: Place): Local[] => bounds.map(({ axis, holds }) => holds[axis ? p.get(axis)!.value : 0]!);

/** The same address, added up before the access: where a tile begins outside of memory, a displacement would not wrap around. */
const wrapping = (f: FunctionBuilder, { push, displacement }: Address): Address => ({
  push: () => {
    push();
    if (displacement !== 0) f.i32(displacement).op("i32.add");
  },
  displacement: 0,
});

/** Every combination of values of some axes. */
const places = (axes: readonly Axis[]): Place[] =>
  axes.reduce<Place[]>((list, a) => list.flatMap((p) => valuesOf(a).map((v) => new Map([...p, v]))), [new Map()]);
