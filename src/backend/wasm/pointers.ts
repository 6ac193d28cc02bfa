/**
 * Strength reduction: accesses whose offsets differ by a constant share one pointer, which moves with the loops. The
 * constants become displacements of the load instruction, which cost nothing.
 */
import { present } from "../../base/assert.ts";
import { BYTES } from "../../base/dtype.ts";
import type { Buffer } from "../../kernel/expr.ts";
import type { Affine, Axis, Int, Jump } from "../../kernel/int.ts";
import { type AxisLocals, emitAffine } from "./emitIndex.ts";
import type { FunctionBuilder, Local } from "./function.ts";
import type { Structure } from "./structure.ts";

/** One access: where it is, and whether it may happen only under a guard. */
export interface Access {
  readonly buffer: Buffer;
  readonly offset: Int;
  readonly guarded: boolean;
}

/** How to get at an address: push it, and add `displacement` bytes in the instruction. */
export interface Address {
  readonly push: () => void;
  readonly displacement: number;
}

interface Group {
  readonly buffer: Buffer;
  readonly steps: ReadonlyMap<Axis, number>;
  /** Jumps that the surrounding loops settle. */
  readonly jumps: readonly Jump[];
  /** Equal where the jumps mean the same. */
  readonly text: string;
  /** Constant part, in elements, at which the pointer stands. */
  low: number;
}

export class Pointers {
  readonly #f: FunctionBuilder;
  readonly #structure: Structure;
  readonly #settling: ReadonlySet<Axis>;
  readonly #groups: Group[] = [];
  #at = new Map<Group, Local>();
  #running = new Map<Axis, Local>();

  /** `settling` are the axes that `inside` will enter; a jump over others is computed at each access. */
  constructor(f: FunctionBuilder, structure: Structure, settling: ReadonlySet<Axis>) {
    this.#f = f;
    this.#structure = structure;
    this.#settling = settling;
  }

  /** The axes whose loops are running. */
  get running(): AxisLocals {
    return this.#running;
  }

  /** Announces an access, before `start`. */
  announce(a: Access): void {
    const at = a.offset.takeApart();
    const mine = this.#settled(at);
    let group = this.#groupOf(a.buffer, at, mine);
    if (!group) {
      group = { buffer: a.buffer, steps: at.steps, jumps: mine, text: this.#textOf(mine), low: Infinity };
      this.#groups.push(group);
    }
    if (!this.#apart(a, at, mine)) group.low = Math.min(group.low, at.constant);
  }

  /** Emits the pointers outside all loops. `base` is the local with a buffer's address. */
  start(base: (b: Buffer) => Local): void {
    const f = this.#f;
    for (const g of this.#groups) {
      if (g.low === Infinity) g.low = 0;
      const bytes = g.low * BYTES[g.buffer.dtype];
      const local = bytes === 0 ? base(g.buffer) : f.local("i32");
      if (bytes !== 0) f.get(base(g.buffer)).i32(bytes).op("i32.add").set(local);
      this.#at.set(g, local);
    }
  }

  /** Emits `body` where `axis` has the value of `local`. */
  inside(axis: Axis, local: Local, body: () => void): void {
    const f = this.#f;
    const before = this.#at;
    this.#running.set(axis, local);
    this.#at = new Map(before);
    for (const [g, pointer] of before) {
      const steps = new Map([...g.steps].filter(([a]) => a === axis));
      const jumps = g.jumps.filter((j) => {
        const axes = j.int.axes();
        return axes.has(axis) && [...axes].every((a) => this.#running.has(a));
      });
      if (steps.size + jumps.length === 0) continue;
      const next = f.local("i32");
      f.get(pointer);
      emitAffine(f, { constant: 0, steps, jumps }, this.#running, BYTES[g.buffer.dtype]);
      f.op("i32.add").set(next);
      this.#at.set(g, next);
    }
    body();
    this.#at = before;
    this.#running.delete(axis);
  }

  /**
   * Emits `body` with pointers of its own for `axis`, whose loop variable is `local` and starts where it stands; `advance`
   * moves them by so many steps of the axis. The loop variable is the body's business.
   */
  walking(axis: Axis, local: Local, fromZero: boolean, body: (advance: (count: number) => void) => void): void {
    const f = this.#f;
    const before = this.#at;
    this.#running.set(axis, local);
    this.#at = new Map(before);
    const moving: [Local, number][] = [];
    for (const [g, pointer] of before) {
      const step = g.steps.get(axis);
      if (step === undefined) continue;
      const bytes = step * BYTES[g.buffer.dtype];
      const own = f.local("i32");
      f.get(pointer);
      if (!fromZero) f.get(local).i32(bytes).op("i32.mul").op("i32.add");
      f.set(own);
      this.#at.set(g, own);
      moving.push([own, bytes]);
    }
    body((count) => {
      for (const [own, bytes] of moving) f.bump(own, bytes * count);
    });
    this.#at = before;
    this.#running.delete(axis);
  }

  address(a: Access): Address {
    const f = this.#f;
    const at = a.offset.takeApart();
    const mine = this.#settled(at);
    const group = present(this.#groupOf(a.buffer, at, mine), "an announced pointer");
    const local = present(this.#at.get(group), "a running pointer");
    const unit = BYTES[a.buffer.dtype];
    const constant = at.constant - group.low;
    if (!this.#apart(a, at, mine)) return { push: () => f.get(local), displacement: constant * unit };
    const jumps = at.jumps.filter((j) => !mine.includes(j));
    const push = (): void => {
      f.get(local);
      if (constant === 0 && jumps.length === 0) return;
      emitAffine(f, { constant, steps: new Map(), jumps }, this.#running, unit);
      f.op("i32.add");
    };
    return { push, displacement: 0 };
  }

  /** The jumps of an index that are its group's: those that the surrounding loops settle. */
  #settled(at: Affine): readonly Jump[] {
    return at.jumps.length === 0 ? at.jumps : at.jumps.filter((j) => !j.int.findAxis((x) => !this.#settling.has(x)));
  }

  /** The group that an access belongs to, if it has been announced. */
  #groupOf(buffer: Buffer, at: Affine, jumps: readonly Jump[]): Group | undefined {
    const text = this.#textOf(jumps);
    return this.#groups.find((g) => g.buffer === buffer && g.text === text && sameSteps(g.steps, at.steps));
  }

  #textOf(jumps: readonly Jump[]): string {
    if (jumps.length === 0) return "";
    return jumps
      .map((j) => `${j.times}${this.#structure.int(j.int)}`)
      .sort()
      .join();
  }

  /**
   * Whether the constant must be added to the pointer rather than go into the instruction. An instruction's displacement
   * does not wrap around, so a pointer that would lie before the memory's start must never be used with one; where an
   * unguarded access of the same group is in bounds, it does not.
   */
  #apart(a: Access, at: Affine, mine: readonly Jump[]): boolean {
    return a.guarded || mine.length < at.jumps.length;
  }
}

function sameSteps(a: ReadonlyMap<Axis, number>, b: ReadonlyMap<Axis, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [axis, step] of a) if (b.get(axis) !== step) return false;
  return true;
}
