/** Integer index expressions over loop axes, with the range each can take. Division truncates, as the machine's does. */

/** A loop variable that runs over 0 .. extent - 1. Identity is by reference. */
export interface Axis {
  readonly name: string;
  readonly extent: number;
}

export const axis = (name: string, extent: number): Axis => ({ name, extent });

/** A division or remainder within an index: it has no constant step. */
export interface Jump {
  readonly int: Int;
  readonly times: number;
}

/** An index taken apart: constant + sum of step * axis + sum of times * jump. */
export interface Affine {
  readonly constant: number;
  /** Steps that are not zero. */
  readonly steps: ReadonlyMap<Axis, number>;
  readonly jumps: readonly Jump[];
}

type IntOp = "axis" | "const" | "add" | "mul" | "div" | "mod";

export class Int {
  /** An index never changes, and is taken apart many times. */
  private apart: Affine | undefined = undefined;

  private constructor(
    readonly op: IntOp,
    readonly args: readonly Int[],
    /** The constant of const, mul, div and mod. */
    readonly value: number,
    readonly axis: Axis | undefined,
    readonly min: number,
    readonly max: number,
  ) {}

  static of(x: Int | Axis | number): Int {
    if (x instanceof Int) return x;
    if (typeof x === "number") return new Int("const", [], x, undefined, x, x);
    return x.extent === 1 ? Int.of(0) : new Int("axis", [], 0, x, 0, x.extent - 1);
  }

  add(other: Int | Axis | number): Int {
    const b = Int.of(other);
    if (b.op === "const" && b.value === 0) return this;
    if (this.op === "const" && this.value === 0) return b;
    if (this.op === "const" && b.op === "const") return Int.of(this.value + b.value);
    // Constants gather on the right, so that x + 1 + y - 1 is x + y.
    if (this.op === "const") return b.add(this);
    if (this.op === "add" && this.args[1]!.op === "const") {
      const [rest, constant] = [this.args[0]!, this.args[1]!.value];
      return b.op === "const" ? rest.add(constant + b.value) : rest.add(b).add(constant);
    }
    if (b.op === "add" && b.args[1]!.op === "const") return this.add(b.args[0]!).add(b.args[1]!);
    return new Int("add", [this, b], 0, undefined, this.min + b.min, this.max + b.max);
  }

  sub(other: Int | Axis | number): Int {
    return this.add(Int.of(other).mul(-1));
  }

  mul(k: number): Int {
    if (k === 1) return this;
    if (k === 0) return Int.of(0);
    if (this.op === "const") return Int.of(this.value * k);
    if (this.op === "mul") return this.args[0]!.mul(this.value * k);
    if (this.op === "add") return this.args[0]!.mul(k).add(this.args[1]!.mul(k));
    const [low, high] = k < 0 ? [this.max, this.min] : [this.min, this.max];
    return new Int("mul", [this], k, undefined, low * k, high * k);
  }

  /** Truncating division by a positive constant. */
  div(k: number): Int {
    if (k === 1) return this;
    if (this.op === "const") return Int.of(Math.trunc(this.value / k));
    const split = this.splitBy(k);
    if (split) return split.quotient;
    const [min, max] = [Math.trunc(this.min / k), Math.trunc(this.max / k)];
    return min === max ? Int.of(min) : new Int("div", [this], k, undefined, min, max);
  }

  /**
   * This as k * quotient + rest, where the rest provably lies in 0 .. k - 1 (and is 0 where the whole may be negative, since
   * division truncates); undefined where no such split shows.
   */
  private splitBy(k: number): { readonly quotient: Int; readonly rest: Int } | undefined {
    let quotient = Int.of(0);
    let rest = Int.of(0);
    for (const term of this.terms()) {
      const factor = term.op === "const" || term.op === "mul" ? term.value : 1;
      if (factor % k === 0) quotient = quotient.add(term.op === "const" ? factor / k : term.args[0]!.mul(factor / k));
      else rest = rest.add(term);
    }
    const high = this.min < 0 ? 1 : k;
    return rest.min >= 0 && rest.max < high ? { quotient, rest } : undefined;
  }

  private terms(): Int[] {
    return this.op === "add" ? this.args.flatMap((a) => a.terms()) : [this];
  }

  /** Remainder of the truncating division: its sign is the dividend's. */
  mod(k: number): Int {
    if (k === 1) return Int.of(0);
    if (this.op === "const") return Int.of(this.value % k);
    if (this.min >= 0 && this.max < k) return this;
    const split = this.splitBy(k);
    if (split) return split.rest;
    return new Int("mod", [this], k, undefined, this.min < 0 ? 1 - k : 0, this.max > 0 ? k - 1 : 0);
  }

  /** Change of this expression when `axis` grows by one, or undefined where it is not a constant. */
  step(axis: Axis): number | undefined {
    switch (this.op) {
      case "const":
        return 0;
      case "axis":
        return this.axis === axis ? 1 : 0;
      case "mul": {
        const step = this.args[0]!.step(axis);
        return step === undefined ? undefined : step * this.value;
      }
      case "add": {
        const a = this.args[0]!.step(axis);
        const b = this.args[1]!.step(axis);
        return a === undefined || b === undefined ? undefined : a + b;
      }
      default:
        return this.args[0]!.step(axis) === 0 ? 0 : undefined;
    }
  }

  /** Whether this is a sum of constant multiples of axes and a constant. */
  get affine(): boolean {
    return this.op !== "div" && this.op !== "mod" && this.args.every((a) => a.affine);
  }

  /** The value with every axis at zero. */
  get origin(): number {
    return this.evaluate(() => 0);
  }

  /** Every axis that occurs. */
  axes(into: Set<Axis> = new Set()): Set<Axis> {
    if (this.axis) into.add(this.axis);
    for (const a of this.args) a.axes(into);
    return into;
  }

  /** The first axis for which `test` holds, undefined if there is none. */
  findAxis(test: (axis: Axis) => boolean): Axis | undefined {
    if (this.axis) return test(this.axis) ? this.axis : undefined;
    for (const a of this.args) {
      const found = a.findAxis(test);
      if (found) return found;
    }
    return undefined;
  }

  /** Whether both are written alike, over the same axes. */
  equals(other: Int): boolean {
    if (this === other) return true;
    if (this.op !== other.op || this.value !== other.value || this.axis !== other.axis) return false;
    return this.args.every((a, i) => a.equals(other.args[i]!));
  }

  /** The index as a sum. */
  takeApart(): Affine {
    if (this.apart) return this.apart;
    const steps = new Map<Axis, number>();
    const jumps: Jump[] = [];
    let constant = 0;
    const visit = (x: Int, times: number): void => {
      switch (x.op) {
        case "const":
          constant += x.value * times;
          return;
        case "axis":
          steps.set(x.axis!, (steps.get(x.axis!) ?? 0) + times);
          return;
        case "add":
          for (const part of x.args) visit(part, times);
          return;
        case "mul":
          return visit(x.args[0]!, times * x.value);
        case "div":
        case "mod":
          jumps.push({ int: x, times });
      }
    };
    visit(this, 1);
    for (const [axis, step] of steps) if (step === 0) steps.delete(axis);
    this.apart = { constant, steps, jumps };
    return this.apart;
  }

  evaluate(at: (axis: Axis) => number): number {
    switch (this.op) {
      case "const":
        return this.value;
      case "axis":
        return at(this.axis!);
      case "add":
        return this.args[0]!.evaluate(at) + this.args[1]!.evaluate(at);
      case "mul":
        return this.args[0]!.evaluate(at) * this.value;
      case "div":
        return Math.trunc(this.args[0]!.evaluate(at) / this.value);
      case "mod":
        return this.args[0]!.evaluate(at) % this.value;
    }
  }

  /** This expression with axes replaced. Ranges are recomputed, so guards may vanish. */
  substitute(map: ReadonlyMap<Axis, Int>): Int {
    if (this.op === "const") return this;
    if (this.op === "axis") return map.get(this.axis!) ?? this;
    const first = this.args[0]!.substitute(map);
    if (this.op === "add") {
      const second = this.args[1]!.substitute(map);
      return first === this.args[0] && second === this.args[1] ? this : first.add(second);
    }
    if (first === this.args[0]) return this;
    return this.op === "mul" ? first.mul(this.value) : this.op === "div" ? first.div(this.value) : first.mod(this.value);
  }

  /** `2*oh+kh-1`, for printing. */
  toString(): string {
    switch (this.op) {
      case "const":
        return `${this.value}`;
      case "axis":
        return this.axis!.name;
      case "add": {
        const b = this.args[1]!.toString();
        return `${this.args[0]}${b.startsWith("-") ? "" : "+"}${b}`;
      }
      case "mul":
        return this.value === -1 ? `-${this.args[0]!.parenthesised()}` : `${this.value}*${this.args[0]!.parenthesised()}`;
      case "div":
        return `${this.args[0]!.parenthesised()}/${this.value}`;
      case "mod":
        return `${this.args[0]!.parenthesised()}%${this.value}`;
    }
  }

  private parenthesised(): string {
    return this.op === "add" ? `(${this})` : `${this}`;
  }
}
