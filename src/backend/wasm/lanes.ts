import type { FunctionBuilder, Local, ValueType } from "./function.ts";

/** How many elements one value holds: a scalar, or a vector of four. */
export type Lanes = 1 | 4;

type FloatOp = "add" | "sub" | "mul" | "div" | "max" | "min" | "neg" | "abs" | "sqrt" | "floor";
type Compare = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
type IntOp = "add" | "sub" | "mul";

/**
 * Emits the same computation for one lane or for four. Every method stands for operations that round alike in both forms,
 * so that an element has the same bits whether a vector loop or its scalar tail made it.
 *
 * Masks are i32 0 or 1 in scalar form and lanes of zeros or ones in vector form; only `select` takes them.
 */
export class LaneCode {
  readonly f: FunctionBuilder;
  readonly lanes: Lanes;

  constructor(f: FunctionBuilder, lanes: Lanes) {
    this.f = f;
    this.lanes = lanes;
  }

  /** WebAssembly type of a value of `type`. */
  valueType(type: "f32" | "i32"): ValueType {
    return this.lanes === 4 ? "v128" : type;
  }

  local(type: "f32" | "i32"): Local {
    return this.f.local(this.valueType(type));
  }

  float(op: FloatOp | Compare): this {
    this.f.op(this.lanes === 4 ? `f32x4.${op}` : `f32.${op}`);
    return this;
  }

  int(op: IntOp): this {
    this.f.op(this.lanes === 4 ? `i32x4.${op}` : `i32.${op}`);
    return this;
  }

  /** The larger or smaller of two i32. */
  intBound(op: "max" | "min"): this {
    if (this.lanes === 4) {
      this.f.op(`i32x4.${op}_s`);
      return this;
    }
    const [b, a] = [this.keep("i32"), this.keep("i32")];
    return this.get(a)
      .get(b)
      .get(a)
      .get(b)
      .compareInt(op === "max" ? "gt" : "lt")
      .select();
  }

  compareInt(op: Compare): this {
    const name = op === "eq" || op === "ne" ? op : (`${op}_s` as const);
    this.f.op(this.lanes === 4 ? `i32x4.${name}` : `i32.${name}`);
    return this;
  }

  /** Arithmetic right, logical right or left shift by a constant. */
  shift(op: "shl" | "shr_s" | "shr_u", by: number): this {
    this.f.i32(by).op(this.lanes === 4 ? `i32x4.${op}` : `i32.${op}`);
    return this;
  }

  constant(x: number): this {
    if (this.lanes === 4) this.f.f32x4(x);
    else this.f.f32(x);
    return this;
  }

  intConstant(n: number): this {
    if (this.lanes === 4) this.f.i32x4(n, n, n, n);
    else this.f.i32(n);
    return this;
  }

  /** The f32 on the stack as its bits. */
  bits(): this {
    if (this.lanes === 1) this.f.op("i32.reinterpret_f32");
    return this;
  }

  /** The bits on the stack as an f32. */
  fromBits(): this {
    if (this.lanes === 1) this.f.op("f32.reinterpret_i32");
    return this;
  }

  /** The i32 on the stack as an f32, rounded to nearest. */
  toFloat(): this {
    this.f.op(this.lanes === 4 ? "f32x4.convert_i32x4_s" : "f32.convert_i32_s");
    return this;
  }

  /** Takes a value, another and a mask: the first where the mask is set. */
  select(): this {
    this.f.op(this.lanes === 4 ? "v128.bitselect" : "select");
    return this;
  }

  /** Both masks, either, or the first without the second. */
  mask(op: "and" | "or" | "andnot"): this {
    if (this.lanes === 4) this.f.op(`v128.${op}`);
    else if (op === "andnot") this.f.op("i32.gt_u");
    else this.f.op(`i32.${op}`);
    return this;
  }

  /** Takes an i32 and a mask: the number where the mask is not set, else zero. */
  unless(): this {
    if (this.lanes === 4) this.f.op("v128.andnot");
    else this.f.op("i32.eqz").op("i32.mul");
    return this;
  }

  get(l: Local): this {
    this.f.get(l);
    return this;
  }

  set(l: Local): this {
    this.f.set(l);
    return this;
  }

  tee(l: Local): this {
    this.f.tee(l);
    return this;
  }

  /** The value on the stack, in a new local. */
  keep(type: "f32" | "i32"): Local {
    const l = this.local(type);
    this.f.set(l);
    return l;
  }

  /** An i32 on the stack in all lanes. */
  splat(): this {
    if (this.lanes === 4) this.f.op("i32x4.splat");
    return this;
  }
}
