import { invariant } from "../../base/assert.ts";
import { ByteWriter } from "../../base/bytes.ts";
import {
  INSTRUCTIONS,
  type Instruction,
  type LaneOp,
  type MemoryLaneOp,
  type MemoryOp,
  type OpName,
  type PlainOp,
  TYPE_CODES,
  type ValueType,
} from "./opcodes.ts";

export type { ValueType } from "./opcodes.ts";

/** A parameter or local variable of one function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
  readonly owner: FunctionBuilder;
}

/** A mutable variable of one instance, so of one thread. */
export interface Global {
  readonly name: string;
  readonly type: "i32" | "f32";
  readonly initial: number;
}

/** A function that the module's user provides. */
export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export type Callee = FunctionBuilder | ImportedFunction;

/** A place in the code whose index is known only when the module is assembled. */
type Reference = { readonly at: number; readonly to: Callee | Global };

/** An open block, loop, if or function body. */
interface Frame {
  readonly kind: "function" | "block" | "loop" | "if";
  readonly results: readonly ValueType[];
  /** Operands that belong to the surrounding frames. */
  readonly height: number;
  /** After a branch or trap, operands can be had in any number and type. */
  unreachable: boolean;
}

const ROWS: { readonly [N in OpName]: Instruction } = Object.fromEntries(INSTRUCTIONS) as { [N in OpName]: Instruction };

/**
 * Emits one WebAssembly function. Operand types are checked as the specification's validation does, so that a wrong kernel
 * fails where it is written.
 */
export class FunctionBuilder {
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Types of the parameters and, after them, of the locals. */
  readonly localTypes: ValueType[];
  readonly references: Reference[] = [];
  readonly #code = new ByteWriter(256);
  readonly #stack: ValueType[] = [];
  readonly #frames: Frame[];
  readonly #params: readonly Local[];
  #instruction = "function";
  #count = 0;

  constructor(name: string, params: readonly ValueType[], results: readonly ValueType[] = []) {
    this.name = name;
    this.params = params;
    this.results = results;
    this.localTypes = [...params];
    this.#frames = [{ kind: "function", results, height: 0, unreachable: false }];
    this.#params = params.map((type, index) => ({ index, type, owner: this }));
  }

  /** The i-th parameter. */
  param(i: number): Local {
    return this.#params[i] ?? this.#fault(`has no parameter ${i}`);
  }

  /** A new local variable, zero at entry. */
  local(type: ValueType): Local {
    this.localTypes.push(type);
    return { index: this.localTypes.length - 1, type, owner: this };
  }

  get(l: Local): this {
    this.#emit(ROWS["local.get"]);
    this.#code.unsigned(this.#own(l));
    this.#stack.push(l.type);
    return this;
  }

  set(l: Local): this {
    this.#emit(ROWS["local.set"]);
    this.#code.unsigned(this.#own(l));
    this.#pop(l.type);
    return this;
  }

  tee(l: Local): this {
    this.#emit(ROWS["local.tee"]);
    this.#code.unsigned(this.#own(l));
    this.#pop(l.type);
    this.#stack.push(l.type);
    return this;
  }

  globalGet(g: Global): this {
    this.#emit(ROWS["global.get"]);
    this.references.push({ at: this.#code.length, to: g });
    this.#stack.push(g.type);
    return this;
  }

  globalSet(g: Global): this {
    this.#emit(ROWS["global.set"]);
    this.references.push({ at: this.#code.length, to: g });
    this.#pop(g.type);
    return this;
  }

  /** A 32-bit integer; -1 and 0xffffffff are the same. */
  i32(n: number): this {
    this.#emit(ROWS["i32.const"]);
    if (!Number.isInteger(n) || n < -(2 ** 31) || n >= 2 ** 32) this.#fault(`is given ${n}, which is no 32-bit integer`);
    this.#code.signed(n);
    return this;
  }

  i64(n: bigint): this {
    this.#emit(ROWS["i64.const"]);
    this.#code.signed64(n);
    return this;
  }

  f32(x: number): this {
    this.#emit(ROWS["f32.const"]);
    this.#code.f32(x);
    return this;
  }

  f64(x: number): this {
    this.#emit(ROWS["f64.const"]);
    this.#code.f64(x);
    return this;
  }

  /** A vector of four equal floats. */
  f32x4(x: number): this {
    this.#emit(ROWS["v128.const"]);
    this.#code.f32(x).f32(x).f32(x).f32(x);
    return this;
  }

  /** A vector of four integers. */
  i32x4(a: number, b: number, c: number, d: number): this {
    this.#emit(ROWS["v128.const"]);
    this.#code.i32(a).i32(b).i32(c).i32(d);
    return this;
  }

  /** An instruction without immediates. */
  op(name: PlainOp): this {
    switch (name) {
      case "unreachable":
        return this.unreachable();
      case "return":
        return this.ret();
      case "drop":
        return this.drop();
      case "select":
        return this.select();
    }
    const row = ROWS[name];
    this.#emit(row);
    for (let i = 0; i < row.size; i++) this.#code.byte(0);
    return this;
  }

  /** A load, store or atomic at the address on the stack plus `offset` bytes. `align` in bytes is a promise that atomics check and others may break. */
  memory(name: MemoryOp, offset = 0, align: number = ROWS[name].size): this {
    this.#emit(ROWS[name]);
    this.#memoryArgument(ROWS[name], offset, align);
    return this;
  }

  /** A load or store of one lane. */
  memoryLane(name: MemoryLaneOp, offset: number, lane: number): this {
    const row = ROWS[name];
    this.#emit(row);
    this.#memoryArgument(row, offset, row.size);
    this.#lane(lane, 16 / row.size);
    return this;
  }

  /** Takes a lane out of a vector or puts one in. */
  lane(name: LaneOp, lane: number): this {
    this.#emit(ROWS[name]);
    this.#lane(lane, ROWS[name].size);
    return this;
  }

  /** Sixteen bytes out of two vectors: 0-15 from the lower operand, 16-31 from the upper. */
  shuffle(bytes: readonly number[]): this {
    this.#emit(ROWS["i8x16.shuffle"]);
    if (bytes.length !== 16) this.#fault(`takes 16 bytes, got ${bytes.length}`);
    for (const b of bytes) this.#lane(b, 32);
    return this;
  }

  /** A block; `br(0)` directly inside leaves it. */
  block(body: () => void, result?: ValueType): this {
    this.#open("block", result);
    body();
    return this.#close();
  }

  /** A loop; `br(0)` directly inside repeats it, falling off its end leaves it. */
  loop(body: () => void, result?: ValueType): this {
    this.#open("loop", result);
    body();
    return this.#close();
  }

  /** Runs `then` if the i32 on the stack is not zero, else `otherwise`. */
  if(body: () => void, otherwise?: () => void, result?: ValueType): this {
    this.#open("if", result);
    body();
    if (otherwise) {
      const frame = this.#frames.at(-1)!;
      this.#emit(ROWS.else);
      this.#settle(frame);
      frame.unreachable = false;
      otherwise();
    } else if (result) this.#fault(`gives ${result}, but has no otherwise`);
    return this.#close();
  }

  /** Branches to the `depth`-th enclosing block or loop, 0 the innermost. */
  br(depth: number): this {
    this.#emit(ROWS.br);
    this.#code.unsigned(depth);
    this.#popAll(this.#labelTypes(depth));
    this.#leave();
    return this;
  }

  /** Branches if the i32 on the stack is not zero. */
  brIf(depth: number): this {
    this.#emit(ROWS.br_if);
    this.#code.unsigned(depth);
    const types = this.#labelTypes(depth);
    this.#popAll(types);
    this.#pushAll(types);
    return this;
  }

  /** Returns from the function. */
  ret(): this {
    this.#emit(ROWS.return);
    this.#popAll(this.results);
    this.#leave();
    return this;
  }

  /** Traps. */
  unreachable(): this {
    this.#emit(ROWS.unreachable);
    this.#leave();
    return this;
  }

  drop(): this {
    this.#emit(ROWS.drop);
    this.#pop(undefined);
    return this;
  }

  /** The lower of two operands if the i32 above them is not zero, else the upper. */
  select(): this {
    this.#emit(ROWS.select);
    this.#pop("i32");
    const type = this.#pop(undefined);
    const lower = this.#pop(type);
    const known = type ?? lower;
    if (known) this.#stack.push(known);
    else this.#fault("has operands of unknown type: it can never be reached");
    return this;
  }

  call(fn: Callee): this {
    this.#emit(ROWS.call);
    this.references.push({ at: this.#code.length, to: fn });
    this.#popAll(fn.params);
    this.#pushAll(fn.results);
    return this;
  }

  /** `l += n`; nothing for n = 0. */
  bump(l: Local, n: number): this {
    return n === 0 ? this : this.get(l).i32(n).op("i32.add").set(l);
  }

  /** Runs `body` a constant number of times. Within it, depths count one loop more, unless `count` is below 2. */
  times(count: number, body: () => void): this {
    if (count < 2) {
      if (count === 1) body();
      return this;
    }
    const left = this.local("i32");
    this.i32(count).set(left);
    return this.loop(() => {
      body();
      this.get(left).i32(1).op("i32.sub").tee(left).brIf(0);
    });
  }

  /** `for (; i < end; i += step)`, signed; the caller sets i. Within the body, br(0) skips the increment's place and repeats: use depth 1 to leave. */
  range(i: Local, end: Local | number, step: number, body: () => void): this {
    const pushEnd = (): this => (typeof end === "number" ? this.i32(end) : this.get(end));
    return this.block(() => {
      this.loop(() => {
        this.get(i);
        pushEnd().op("i32.ge_s").brIf(1);
        body();
        this.bump(i, step).br(0);
      });
    });
  }

  /** The body's bytes without locals and final end; references are left out of them. Faults if a frame is open or the results do not fit. */
  code(): Uint8Array {
    const frame = this.#frames[0]!;
    this.#instruction = "end";
    if (this.#frames.length !== 1) this.#fault("finds an open block");
    if (!frame.unreachable) {
      this.#settle(frame);
      this.#pushAll(this.results);
    }
    return this.#code.view();
  }

  #emit(row: Instruction): void {
    this.#instruction = row.name;
    this.#count++;
    const { code, operands, results } = row;
    if (code > 0xff) this.#code.byte(code >> 12).unsigned(code & 0xfff);
    else this.#code.byte(code);
    this.#popAll(operands);
    this.#pushAll(results);
  }

  #memoryArgument(row: Instruction, offset: number, align: number): void {
    if (!Number.isInteger(offset) || offset < 0 || offset >= 2 ** 32) this.#fault(`has offset ${offset}`);
    const log2 = 31 - Math.clz32(align);
    if (2 ** log2 !== align || align > row.size) this.#fault(`has alignment ${align}`);
    this.#code.unsigned(log2).unsigned(offset);
  }

  #lane(lane: number, count: number): void {
    if (!Number.isInteger(lane) || lane < 0 || lane >= count) this.#fault(`has lane ${lane} of ${count}`);
    this.#code.byte(lane);
  }

  #own(l: Local): number {
    if (l.owner !== this) this.#fault(`uses a local of ${l.owner.name}`);
    return l.index;
  }

  #open(kind: "block" | "loop" | "if", result: ValueType | undefined): void {
    this.#emit(ROWS[kind]);
    this.#code.byte(result ? TYPE_CODES[result] : 0x40);
    this.#frames.push({ kind, results: result ? [result] : [], height: this.#stack.length, unreachable: false });
  }

  #close(): this {
    const frame = this.#frames.at(-1)!;
    this.#emit(ROWS.end);
    this.#settle(frame);
    this.#frames.pop();
    this.#pushAll(frame.results);
    return this;
  }

  /** Checks that exactly the frame's results lie on its part of the stack, and takes them. */
  #settle(frame: Frame): void {
    this.#popAll(frame.results);
    const left = this.#stack.length - frame.height;
    if (left !== 0) this.#fault(`leaves ${left} operands on the stack: ${this.#stack.slice(frame.height).join(", ")}`);
  }

  #labelTypes(depth: number): readonly ValueType[] {
    const frame = this.#frames[this.#frames.length - 1 - depth] ?? this.#fault(`has no target at depth ${depth}`);
    return frame.kind === "loop" ? [] : frame.results;
  }

  #leave(): void {
    const frame = this.#frames.at(-1)!;
    this.#stack.length = frame.height;
    frame.unreachable = true;
  }

  #popAll(types: readonly ValueType[]): void {
    for (let i = types.length - 1; i >= 0; i--) this.#pop(types[i]);
  }

  #pushAll(types: readonly ValueType[]): void {
    for (let i = 0; i < types.length; i++) this.#stack.push(types[i]!);
  }

  /** Takes one operand, of type `expected` unless that is undefined. Undefined in unreachable code, where it may be any. */
  #pop(expected: ValueType | undefined): ValueType | undefined {
    const frame = this.#frames[this.#frames.length - 1]!;
    if (this.#stack.length === frame.height) {
      if (frame.unreachable) return expected;
      return this.#fault(`takes ${expected ?? "a value"}, but the stack is empty`);
    }
    const found = this.#stack.pop()!;
    if (expected && found !== expected) this.#fault(`takes ${expected}, but ${found} is on the stack`);
    return found;
  }

  #fault(what: string): never {
    invariant(false, `function ${this.name}, instruction ${this.#count} (${this.#instruction}): ${what}`);
  }
}
