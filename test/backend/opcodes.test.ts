/**
 * Every row of the instruction table is executed and compared with a definition written here in plain JavaScript. All rows
 * of one signature run on the same operands and must give different results, so no row can pass with a neighbour's code.
 */
import { describe, expect, test } from "vitest";
import { FunctionBuilder, type Global } from "../../src/backend/wasm/function.ts";
import { assembleModule } from "../../src/backend/wasm/module.ts";
import {
  INSTRUCTIONS,
  type Instruction,
  LANE,
  MEMORY,
  MEMORY_LANE,
  PLAIN,
  SPECIAL,
  type ValueType,
} from "../../src/backend/wasm/opcodes.ts";
import { enableRelaxedSimd } from "./enableRelaxedSimd.ts";

enableRelaxedSimd();

type Value = number | bigint | Uint8Array;
type Result = Value | "trap" | undefined;
const MEMORY_BYTES = 96;
const RESULT = 1024;

// ---------------------------------------------------------------- operands

const vec = (a: ArrayBufferView): Uint8Array => new Uint8Array(a.buffer.slice(0) as ArrayBuffer);
const floats = (...x: number[]): Uint8Array => vec(Float32Array.from(x));
const ints = (...x: number[]): Uint8Array => vec(Int32Array.from(x));
const bytes16 = (f: (i: number) => number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => f(i));

const I32 = [0, 1, -1, 7, -13, 0x7fffffff, -0x80000000, 0x12348765, 33];
const F32 = [0, -0, 1.5, -1.5, 2.5, -2.5, 0.3, -3e9, 3e9, 5e9, Number.NaN, Infinity, 1e-40].map(Math.fround);
const V128 = [
  floats(1.5, -2.5, 0.3, 4),
  floats(-0, 0, Number.NaN, 3e9),
  floats(0, -0, 7, -5e9),
  ints(1, -2, 0x7fffffff, -0x80000000),
  ints(2, -2, -3, 0x00010001),
  ints(-1, -1, -1, -1),
  ints(0, 0, 0, 0),
  bytes16((i) => (i * 37 + 200) & 255),
  bytes16((i) => (i * 91 + 5) & 255),
  bytes16((i) => (i % 3 === 0 ? 255 : i * 17)),
  ints(0x01800101, 0x7fff8000, 0x0100ff00, 0x40000000),
];
const POOL: { readonly [T in ValueType]: readonly Value[] } = {
  i32: I32,
  i64: [0n, 1n, -1n, 7n, -13n, 2n ** 63n - 1n, -(2n ** 63n), 0x1234567890abcdefn, 35n],
  f32: F32,
  f64: [0, -0, 1.5, -2.25, 1e300, 0.1, Number.NaN, Infinity],
  v128: V128,
};

function product(types: readonly ValueType[]): Value[][] {
  if (types.length === 0) return [[]];
  const rest = product(types.slice(0, -1));
  return rest.flatMap((head) => POOL[types.at(-1)!].map((x) => [...head, x]));
}

function push(f: FunctionBuilder, type: ValueType, x: Value): void {
  if (type === "i32") f.i32(x as number);
  else if (type === "i64") f.i64(x as bigint);
  else if (type === "f32") f.f32(x as number);
  else if (type === "f64") f.f64(x as number);
  else {
    const words = new Int32Array((x as Uint8Array).buffer);
    f.i32x4(words[0]!, words[1]!, words[2]!, words[3]!);
  }
}

// ---------------------------------------------------------------- execution

const patterned = (): Uint8Array => Uint8Array.from({ length: MEMORY_BYTES }, (_, i) => (i * 73 + 129) & 255);

interface Outcome {
  readonly result: Result;
  readonly memory: Uint8Array;
}

/** Runs `emit` on each list of operands, memory patterned before each. */
function execute(row: Instruction, operands: readonly Value[][], emit: (f: FunctionBuilder, i: number) => void): Outcome[] {
  const type = row.results[0];
  const returned: ValueType[] = type && type !== "v128" ? [type] : [];
  const functions = operands.map((values, i) => {
    const f = new FunctionBuilder(`case${i}`, [], returned);
    if (type === "v128") f.i32(RESULT);
    row.operands.forEach((t, k) => {
      push(f, t, values[k]!);
    });
    emit(f, i);
    if (type === "v128") f.memory("v128.store");
    return f;
  });
  const exports = Object.fromEntries(functions.map((f) => [f.name, f]));
  const memory = { initial: 1, maximum: 2, shared: true, export: "memory" };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(assembleModule({ exports, memory }))).exports;
  const bytes = new Uint8Array((instance.memory as WebAssembly.Memory).buffer);
  return functions.map((f) => {
    bytes.set(patterned());
    let result: Result;
    try {
      result = (instance[f.name] as () => Result)();
      if (type === "v128") result = bytes.slice(RESULT, RESULT + 16);
    } catch (e) {
      expect(e).toBeInstanceOf(WebAssembly.RuntimeError);
      result = "trap";
    }
    return { result, memory: bytes.slice(0, MEMORY_BYTES) };
  });
}

/** Text that is equal for equal values; all NaNs are one, for their bits are not specified. */
function show(x: Result, float: boolean): string {
  if (x === "trap" || x === undefined) return `${x}`;
  if (typeof x === "bigint") return `${x}n`;
  if (typeof x === "number") return Object.is(x, -0) ? "-0" : `${x}`;
  if (!float) return [...new Int32Array(x.slice().buffer)].map((n) => (n >>> 0).toString(16)).join(" ");
  return [...new Float32Array(x.slice().buffer)].map((n) => show(n, true)).join(" ");
}

const isFloat = (name: string): boolean => name.startsWith("f32x4.");

/** All rows of one signature must behave differently somewhere on the operands they share. */
function expectDistinct(outcomes: ReadonlyMap<string, string>): void {
  const byOutcome = new Map<string, string>();
  for (const [name, outcome] of outcomes) {
    expect(byOutcome.get(outcome), `${name} behaves like another row`).toBeUndefined();
    byOutcome.set(outcome, name);
  }
}

// ---------------------------------------------------------------- definitions

type Lanes = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array;
type LaneArray<T extends Lanes> = new (buffer: ArrayBufferLike) => T;
const as = <T extends Lanes>(A: LaneArray<T>, x: Value): T => new A((x as Uint8Array).slice().buffer);

/** Lane by lane, in the lane type's own wrapping arithmetic. */
const lanes =
  <T extends Lanes>(A: LaneArray<T>, f: (...x: number[]) => number) =>
  (...operands: Value[]): Value => {
    const out = as(A, operands[0]!);
    const inputs = operands.map((o) => (typeof o === "number" ? o : as(A, o)));
    for (let i = 0; i < out.length; i++) out[i] = f(...inputs.map((x) => (typeof x === "number" ? x : x[i]!)));
    return vec(out);
  };
/** Whether this processor rounds a multiply-add once: (1 + e)^2 - (1 + 2 e) is e^2 then, else 0. */
function fuses(): boolean {
  const f = new FunctionBuilder("fuses", [], ["f32"]);
  const e = 2 ** -12;
  for (const x of [1 + e, 1 + e, -(1 + 2 * e)]) f.f32x4(x);
  f.op("f32x4.relaxed_madd").lane("f32x4.extract_lane", 0);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleModule({ exports: { fuses: f } })));
  return (exports.fuses as () => number)() !== 0;
}

/** Lane by lane: all ones where the test holds. */
const mask =
  <T extends Lanes>(A: LaneArray<T>, f: (a: number, b: number) => boolean) =>
  (a: Value, b: Value): Value => {
    const [x, y] = [as(A, a), as(A, b)];
    const width = 16 / x.length;
    return bytes16((i) => (f(x[Math.floor(i / width)]!, y[Math.floor(i / width)]!) ? 255 : 0));
  };
/** The low or high half of the lanes, each twice as wide. */
const extend =
  <S extends Lanes, D extends Lanes>(S: LaneArray<S>, D: LaneArray<D>, high: boolean) =>
  (a: Value): Value => {
    const source = as(S, a);
    const out = as(D, a);
    for (let i = 0; i < out.length; i++) out[i] = source[i + (high ? out.length : 0)]!;
    return vec(out);
  };
const narrow =
  <S extends Lanes, D extends Lanes>(S: LaneArray<S>, D: LaneArray<D>, low: number, high: number) =>
  (a: Value, b: Value): Value => {
    const both = [...as(S, a), ...as(S, b)];
    const out = as(D, a);
    for (let i = 0; i < out.length; i++) out[i] = Math.min(high, Math.max(low, both[i]!));
    return vec(out);
  };
const splat =
  <T extends Lanes>(A: LaneArray<T>) =>
  (x: Value): Value =>
    vec(as(A, ints(0, 0, 0, 0)).fill(x as number));
const words64 = (...x: bigint[]): Value => vec(BigUint64Array.from(x.map((n) => BigInt.asUintN(64, n))));
const on64 = (v: Value): bigint[] => [...new BigUint64Array((v as Uint8Array).slice().buffer)];

const i = (f: (a: number, b: number) => number) => (a: Value, b: Value) => f(a as number, b as number) | 0;
const bool = (f: (a: number, b: number) => boolean) => (a: Value, b: Value) => Number(f(a as number, b as number));
const u = (f: (a: number, b: number) => number) => (a: Value, b: Value) => f((a as number) >>> 0, (b as number) >>> 0) | 0;
const ubool = (f: (a: number, b: number) => boolean) => (a: Value, b: Value) => Number(f((a as number) >>> 0, (b as number) >>> 0));
const l = (f: (a: bigint, b: bigint) => bigint) => (a: Value, b: Value) => BigInt.asIntN(64, f(a as bigint, b as bigint));
const lu = (f: (a: bigint, b: bigint) => bigint) => (a: Value, b: Value) =>
  BigInt.asIntN(64, f(BigInt.asUintN(64, a as bigint), BigInt.asUintN(64, b as bigint)));
const f32 = (f: (a: number, b: number) => number) => (a: Value, b?: Value) => Math.fround(f(a as number, b as number));
const f64 = (f: (a: number, b: number) => number) => (a: Value, b?: Value) => f(a as number, b as number);
const even = (x: number): number => {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 23) return x;
  const down = Math.floor(x);
  const r = x - down < 0.5 || (x - down === 0.5 && down % 2 === 0) ? down : down + 1;
  return r === 0 && (x < 0 || Object.is(x, -0)) ? -0 : r;
};
const clamp = (x: number, low: number, high: number): number => (Number.isNaN(x) ? 0 : Math.min(high, Math.max(low, Math.trunc(x))) + 0);
const popcount = (x: number): number => [...(x >>> 0).toString(2)].filter((c) => c === "1").length;
const [I8, U8, I16, U16, I32x4, U32, F32x4] = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array];
const add = (a: number, b: number): number => a + b;
const sub = (a: number, b: number): number => a - b;
const mul = (a: number, b: number): number => a * b;
const div = (a: number, b: number): number => a / b;
const eq = (a: number, b: number): boolean => a === b;
const ne = (a: number, b: number): boolean => a !== b;
const lt = (a: number, b: number): boolean => a < b;
const le = (a: number, b: number): boolean => a <= b;
const gt = (a: number, b: number): boolean => a > b;
const ge = (a: number, b: number): boolean => a >= b;

const FUSES = fuses();

/** a b + c for f32, rounded once when it is stored: the sum in f64, rounded to odd, so that rounding it again does no harm. */
function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const part = sum - product;
  const error = product - (sum - part) + (c - part);
  if (error === 0 || !Number.isFinite(sum)) return sum;
  const bits = new BigInt64Array(Float64Array.of(sum).buffer);
  if (bits[0]! % 2n === 0n) bits[0]! += error > 0 === sum > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0]!;
}

/** Values only: rows of PLAIN without memory or control. */
const VALUES: { readonly [name: string]: (a: never, b: never, c: never) => Result } = {
  "i32.eqz": (a: number) => Number(a === 0),
  "i32.eq": bool(eq),
  "i32.ne": bool(ne),
  "i32.lt_s": bool(lt),
  "i32.lt_u": ubool(lt),
  "i32.gt_s": bool(gt),
  "i32.gt_u": ubool(gt),
  "i32.le_s": bool(le),
  "i32.le_u": ubool(le),
  "i32.ge_s": bool(ge),
  "i32.ge_u": ubool(ge),
  "i64.eqz": (a: bigint) => Number(a === 0n),
  "i64.eq": (a: bigint, b: bigint) => Number(a === b),
  "i64.ne": (a: bigint, b: bigint) => Number(a !== b),
  "i64.lt_s": (a: bigint, b: bigint) => Number(a < b),
  "i64.lt_u": (a: bigint, b: bigint) => Number(BigInt.asUintN(64, a) < BigInt.asUintN(64, b)),
  "f32.eq": bool(eq),
  "f32.ne": bool(ne),
  "f32.lt": bool(lt),
  "f32.gt": bool(gt),
  "f32.le": bool(le),
  "f32.ge": bool(ge),
  "f64.lt": bool(lt),
  "i32.clz": i((a) => Math.clz32(a)),
  "i32.ctz": i((a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a))),
  "i32.popcnt": i((a) => popcount(a)),
  "i32.add": i(add),
  "i32.sub": i(sub),
  "i32.mul": i(Math.imul),
  "i32.div_s": (a: number, b: number) => (b === 0 || (b === -1 && a === -0x80000000) ? "trap" : (a / b) | 0),
  "i32.div_u": (a: number, b: number) => (b === 0 ? "trap" : u((x, y) => Math.floor(x / y))(a, b)),
  "i32.rem_s": (a: number, b: number) => (b === 0 ? "trap" : (a % b) | 0),
  "i32.rem_u": (a: number, b: number) => (b === 0 ? "trap" : u((x, y) => x % y)(a, b)),
  "i32.and": i((a, b) => a & b),
  "i32.or": i((a, b) => a | b),
  "i32.xor": i((a, b) => a ^ b),
  "i32.shl": i((a, b) => a << b),
  "i32.shr_s": i((a, b) => a >> b),
  "i32.shr_u": i((a, b) => a >>> b),
  "i32.rotl": i((a, b) => (a << (b & 31)) | (b & 31 ? a >>> (32 - (b & 31)) : 0)),
  "i32.rotr": i((a, b) => (a >>> (b & 31)) | (b & 31 ? a << (32 - (b & 31)) : 0)),
  "i64.add": l((a, b) => a + b),
  "i64.sub": l((a, b) => a - b),
  "i64.mul": l((a, b) => a * b),
  "i64.div_u": (a: bigint, b: bigint) => (b === 0n ? "trap" : lu((x, y) => x / y)(a, b)),
  "i64.rem_u": (a: bigint, b: bigint) => (b === 0n ? "trap" : lu((x, y) => x % y)(a, b)),
  "i64.and": l((a, b) => a & b),
  "i64.or": l((a, b) => a | b),
  "i64.xor": l((a, b) => a ^ b),
  "i64.shl": l((a, b) => a << (b & 63n)),
  "i64.shr_s": l((a, b) => a >> (b & 63n)),
  "i64.shr_u": lu((a, b) => a >> (b & 63n)),
  "f32.abs": f32(Math.abs),
  "f32.neg": f32((a) => -a),
  "f32.ceil": f32(Math.ceil),
  "f32.floor": f32(Math.floor),
  "f32.trunc": f32(Math.trunc),
  "f32.nearest": f32(even),
  "f32.sqrt": f32(Math.sqrt),
  "f32.add": f32(add),
  "f32.sub": f32(sub),
  "f32.mul": f32(mul),
  "f32.div": f32(div),
  "f32.min": f32(Math.min),
  "f32.max": f32(Math.max),
  "f32.copysign": f32((a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a))),
  "f64.abs": f64(Math.abs),
  "f64.sqrt": f64(Math.sqrt),
  "f64.add": f64(add),
  "f64.sub": f64(sub),
  "f64.mul": f64(mul),
  "f64.div": f64(div),
  "i32.wrap_i64": (a: bigint) => Number(BigInt.asIntN(32, a)),
  "i32.trunc_f32_s": (a: number) => (a >= -(2 ** 31) && a < 2 ** 31 ? Math.trunc(a) + 0 : "trap"),
  "i64.extend_i32_s": (a: number) => BigInt(a),
  "i64.extend_i32_u": (a: number) => BigInt(a >>> 0),
  "f32.convert_i32_s": f32((a) => a),
  "f32.convert_i32_u": f32((a) => a >>> 0),
  "f32.demote_f64": f32((a) => a),
  "f64.convert_i32_s": f64((a) => a),
  "f64.promote_f32": f64((a) => a),
  "i32.reinterpret_f32": (a: number) => new Int32Array(Float32Array.of(a).buffer)[0],
  "f32.reinterpret_i32": (a: number) => new Float32Array(Int32Array.of(a).buffer)[0],
  "i32.extend8_s": i((a) => (a << 24) >> 24),
  "i32.extend16_s": i((a) => (a << 16) >> 16),
  "i32.trunc_sat_f32_s": i((a) => clamp(a, -(2 ** 31), 2 ** 31 - 1)),
  "i32.trunc_sat_f32_u": i((a) => clamp(a, 0, 2 ** 32 - 1)),

  "i8x16.swizzle": (a: Uint8Array, b: Uint8Array) => bytes16((k) => a[b[k]!] ?? 0),
  "i8x16.splat": splat(U8),
  "i16x8.splat": splat(U16),
  "i32x4.splat": splat(I32x4),
  "i64x2.splat": (a: bigint) => words64(a, a),
  "f32x4.splat": splat(F32x4),
  "i8x16.eq": mask(U8, eq),
  "i8x16.ne": mask(U8, ne),
  "i8x16.lt_u": mask(U8, lt),
  "i8x16.gt_u": mask(U8, gt),
  "i16x8.eq": mask(U16, eq),
  "i16x8.gt_s": mask(I16, gt),
  "i32x4.eq": mask(I32x4, eq),
  "i32x4.ne": mask(I32x4, ne),
  "i32x4.lt_s": mask(I32x4, lt),
  "i32x4.lt_u": mask(U32, lt),
  "i32x4.gt_s": mask(I32x4, gt),
  "i32x4.gt_u": mask(U32, gt),
  "i32x4.le_s": mask(I32x4, le),
  "i32x4.le_u": mask(U32, le),
  "i32x4.ge_s": mask(I32x4, ge),
  "i32x4.ge_u": mask(U32, ge),
  "f32x4.eq": mask(F32x4, eq),
  "f32x4.ne": mask(F32x4, ne),
  "f32x4.lt": mask(F32x4, lt),
  "f32x4.gt": mask(F32x4, gt),
  "f32x4.le": mask(F32x4, le),
  "f32x4.ge": mask(F32x4, ge),
  "v128.not": lanes(U8, (a) => ~a!),
  "v128.and": lanes(U8, (a, b) => a! & b!),
  "v128.andnot": lanes(U8, (a, b) => a! & ~b!),
  "v128.or": lanes(U8, (a, b) => a! | b!),
  "v128.xor": lanes(U8, (a, b) => a! ^ b!),
  "v128.bitselect": lanes(U8, (a, b, c) => (a! & c!) | (b! & ~c!)),
  "v128.any_true": (a: Uint8Array) => Number(a.some((x) => x !== 0)),
  "i8x16.all_true": (a: Uint8Array) => Number(a.every((x) => x !== 0)),
  "i8x16.bitmask": (a: Uint8Array) => a.reduce((m, x, k) => m | ((x >>> 7) << k), 0),
  "i8x16.narrow_i16x8_s": narrow(I16, I8, -128, 127),
  "i8x16.narrow_i16x8_u": narrow(I16, U8, 0, 255),
  "f32x4.ceil": lanes(F32x4, Math.ceil),
  "f32x4.floor": lanes(F32x4, Math.floor),
  "f32x4.trunc": lanes(F32x4, Math.trunc),
  "f32x4.nearest": lanes(F32x4, even),
  "i8x16.add": lanes(U8, add as never),
  "i8x16.sub": lanes(U8, sub as never),
  "i8x16.min_u": lanes(U8, Math.min),
  "i8x16.max_u": lanes(U8, Math.max),
  "i16x8.narrow_i32x4_s": narrow(I32x4, I16, -32768, 32767),
  "i16x8.narrow_i32x4_u": narrow(I32x4, U16, 0, 65535),
  "i16x8.extend_low_i8x16_s": extend(I8, I16, false),
  "i16x8.extend_high_i8x16_s": extend(I8, I16, true),
  "i16x8.extend_low_i8x16_u": extend(U8, I16, false),
  "i16x8.extend_high_i8x16_u": extend(U8, I16, true),
  "i16x8.shl": lanes(I16, (a, n) => a! << (n! & 15)),
  "i16x8.shr_s": lanes(I16, (a, n) => a! >> (n! & 15)),
  "i16x8.shr_u": lanes(U16, (a, n) => a! >>> (n! & 15)),
  "i16x8.add": lanes(I16, add as never),
  "i16x8.sub": lanes(I16, sub as never),
  "i16x8.mul": lanes(I16, mul as never),
  "i32x4.abs": lanes(I32x4, Math.abs),
  "i32x4.neg": lanes(I32x4, (a) => -a!),
  "i32x4.all_true": (a: Uint8Array) => Number(as(I32x4, a).every((x) => x !== 0)),
  "i32x4.bitmask": (a: Uint8Array) => as(I32x4, a).reduce((m, x, k) => m | (Number(x < 0) << k), 0),
  "i32x4.extend_low_i16x8_s": extend(I16, I32x4, false),
  "i32x4.extend_high_i16x8_s": extend(I16, I32x4, true),
  "i32x4.extend_low_i16x8_u": extend(U16, I32x4, false),
  "i32x4.extend_high_i16x8_u": extend(U16, I32x4, true),
  "i32x4.shl": lanes(I32x4, (a, n) => a! << n!),
  "i32x4.shr_s": lanes(I32x4, (a, n) => a! >> n!),
  "i32x4.shr_u": lanes(U32, (a, n) => a! >>> n!),
  "i32x4.add": lanes(I32x4, add as never),
  "i32x4.sub": lanes(I32x4, sub as never),
  "i32x4.mul": lanes(I32x4, Math.imul as never),
  "i32x4.min_s": lanes(I32x4, Math.min),
  "i32x4.min_u": lanes(U32, Math.min),
  "i32x4.max_s": lanes(I32x4, Math.max),
  "i32x4.max_u": lanes(U32, Math.max),
  "i32x4.dot_i16x8_s": (a: Uint8Array, b: Uint8Array) => {
    const [x, y] = [as(I16, a), as(I16, b)];
    return ints(...[0, 2, 4, 6].map((k) => x[k]! * y[k]! + x[k + 1]! * y[k + 1]!));
  },
  "i64x2.shl": (a: Uint8Array, n: number) => words64(...on64(a).map((x) => x << BigInt(n & 63))),
  "i64x2.shr_u": (a: Uint8Array, n: number) => words64(...on64(a).map((x) => x >> BigInt(n & 63))),
  "i64x2.add": (a: Uint8Array, b: Uint8Array) => words64(...on64(a).map((x, k) => x + on64(b)[k]!)),
  "i64x2.extmul_low_i32x4_u": (a: Uint8Array, b: Uint8Array) => {
    const [x, y] = [as(U32, a), as(U32, b)];
    return words64(...[0, 1].map((k) => BigInt(x[k]!) * BigInt(y[k]!)));
  },
  "i64x2.extmul_high_i32x4_u": (a: Uint8Array, b: Uint8Array) => {
    const [x, y] = [as(U32, a), as(U32, b)];
    return words64(...[2, 3].map((k) => BigInt(x[k]!) * BigInt(y[k]!)));
  },
  "f32x4.abs": lanes(F32x4, Math.abs),
  "f32x4.neg": lanes(F32x4, (a) => -a!),
  "f32x4.sqrt": lanes(F32x4, Math.sqrt),
  "f32x4.add": lanes(F32x4, add as never),
  "f32x4.sub": lanes(F32x4, sub as never),
  "f32x4.mul": lanes(F32x4, mul as never),
  "f32x4.div": lanes(F32x4, div as never),
  "f32x4.min": lanes(F32x4, Math.min),
  "f32x4.max": lanes(F32x4, Math.max),
  "f32x4.pmin": lanes(F32x4, (a, b) => [a!, b!][Number(b! < a!)]!),
  "f32x4.pmax": lanes(F32x4, (a, b) => [a!, b!][Number(a! < b!)]!),
  "f32x4.relaxed_madd": lanes(F32x4, (a, b, c) => (FUSES ? fusedMultiplyAdd(a!, b!, c!) : Math.fround(a! * b!) + c!)),
  "i32x4.trunc_sat_f32x4_s": (a: Uint8Array) => ints(...[...as(F32x4, a)].map((x) => clamp(x, -(2 ** 31), 2 ** 31 - 1))),
  "i32x4.trunc_sat_f32x4_u": (a: Uint8Array) => ints(...[...as(F32x4, a)].map((x) => clamp(x, 0, 2 ** 32 - 1))),
  "f32x4.convert_i32x4_s": (a: Uint8Array) => floats(...as(I32x4, a)),
  "f32x4.convert_i32x4_u": (a: Uint8Array) => floats(...as(U32, a)),
};

const CONTROL = ["unreachable", "return", "drop", "select", "memory.size", "memory.grow", "memory.copy", "memory.fill", "atomic.fence"];

describe("plain instructions", () => {
  const names = Object.keys(PLAIN).filter((name) => !CONTROL.includes(name));
  const outcomes = new Map<string, Map<string, string>>();

  test.each(names)("%s", (name) => {
    const row = INSTRUCTIONS.get(name)!;
    const definition = VALUES[name];
    expect(definition, `${name} has no case`).toBeDefined();
    const operands = product(row.operands);
    const results = execute(row, operands, (f) => f.op(name as keyof typeof PLAIN)).map((o) => show(o.result, isFloat(name)));
    const comparison = row.results[0] === "v128" && /\.(eq|ne|lt|gt|le|ge)$/.test(name);
    if (comparison) {
      const raw = execute(row, operands, (f) => f.op(name as keyof typeof PLAIN));
      raw.forEach((o, k) => {
        expect(show(o.result, false)).toBe(show(definition!(...(operands[k] as [never, never, never])), false));
      });
    } else {
      operands.forEach((values, k) => {
        expect(results[k], values.map((x) => show(x, isFloat(name))).join(", ")).toBe(
          show(definition!(...(values as [never, never, never])), isFloat(name)),
        );
      });
    }
    const signature = `${row.operands}:${row.results}`;
    if (!outcomes.has(signature)) outcomes.set(signature, new Map());
    outcomes.get(signature)!.set(name, results.join("|"));
  });

  test("no two of one signature behave alike", () => {
    for (const same of outcomes.values()) expectDistinct(same);
  });

  test("there is no case without a row", () => {
    expect(Object.keys(VALUES).filter((name) => !(name in PLAIN))).toEqual([]);
  });
});

// ---------------------------------------------------------------- memory

type OnMemory = (m: DataView, at: number, ...operands: never[]) => unknown;
const vector = (f: (k: number) => number): Value => bytes16(f);
const words = (f: (k: number) => number): Value => ints(f(0), f(1), f(2), f(3));
/** Atomics trap on addresses that are not multiples of four. */
const aligned =
  (f: OnMemory): OnMemory =>
  (m, at, ...operands) =>
    at % 4 === 0 ? f(m, at, ...operands) : "trap";
const rmw = (f: (old: number, x: number) => number): OnMemory =>
  aligned((m, at, x: number) => {
    const old = m.getInt32(at, true);
    m.setInt32(at, f(old, x), true);
    return old;
  });

const ON_MEMORY: { readonly [name in keyof typeof MEMORY]: OnMemory } = {
  "i32.load": (m, at) => m.getInt32(at, true),
  "i64.load": (m, at) => m.getBigInt64(at, true),
  "f32.load": (m, at) => m.getFloat32(at, true),
  "f64.load": (m, at) => m.getFloat64(at, true),
  "i32.load8_s": (m, at) => m.getInt8(at),
  "i32.load8_u": (m, at) => m.getUint8(at),
  "i32.load16_s": (m, at) => m.getInt16(at, true),
  "i32.load16_u": (m, at) => m.getUint16(at, true),
  "i32.store": (m, at, x: number) => m.setInt32(at, x, true),
  "i64.store": (m, at, x: bigint) => m.setBigInt64(at, x, true),
  "f32.store": (m, at, x: number) => m.setFloat32(at, x, true),
  "f64.store": (m, at, x: number) => m.setFloat64(at, x, true),
  "i32.store8": (m, at, x: number) => m.setInt8(at, x),
  "i32.store16": (m, at, x: number) => m.setInt16(at, x, true),
  "v128.load": (m, at) => vector((k) => m.getUint8(at + k)),
  "v128.load8x8_s": (m, at) => vec(Int16Array.from({ length: 8 }, (_, k) => m.getInt8(at + k))),
  "v128.load8x8_u": (m, at) => vec(Int16Array.from({ length: 8 }, (_, k) => m.getUint8(at + k))),
  "v128.load16x4_s": (m, at) => words((k) => m.getInt16(at + 2 * k, true)),
  "v128.load16x4_u": (m, at) => words((k) => m.getUint16(at + 2 * k, true)),
  "v128.load8_splat": (m, at) => vector(() => m.getUint8(at)),
  "v128.load16_splat": (m, at) => vector((k) => m.getUint8(at + (k % 2))),
  "v128.load32_splat": (m, at) => words(() => m.getInt32(at, true)),
  "v128.load64_splat": (m, at) => vector((k) => m.getUint8(at + (k % 8))),
  "v128.store": (m, at, x: Uint8Array) => new Uint8Array(m.buffer).set(x, at),
  "v128.load32_zero": (m, at) => words((k) => (k === 0 ? m.getInt32(at, true) : 0)),
  "v128.load64_zero": (m, at) => vector((k) => (k < 8 ? m.getUint8(at + k) : 0)),
  "memory.atomic.notify": aligned(() => 0),
  "memory.atomic.wait32": aligned((m, at, expected: number) => (m.getInt32(at, true) === expected ? 2 : 1)),
  "i32.atomic.load": aligned((m, at) => m.getInt32(at, true)),
  "i32.atomic.store": aligned((m, at, x: number) => m.setInt32(at, x, true)),
  "i32.atomic.rmw.add": rmw((old, x) => old + x),
  "i32.atomic.rmw.sub": rmw((old, x) => old - x),
  "i32.atomic.rmw.and": rmw((old, x) => old & x),
  "i32.atomic.rmw.or": rmw((old, x) => old | x),
  "i32.atomic.rmw.xchg": rmw((_, x) => x),
  "i32.atomic.rmw.cmpxchg": aligned((m, at, expected: number, x: number) => {
    const old = m.getInt32(at, true);
    if (old === expected) m.setInt32(at, x, true);
    return old;
  }),
};

/** Words that the patterned memory holds, so that cmpxchg and wait32 meet the value they expect. */
const held = new Int32Array(patterned().buffer);

function memoryOperands(row: Instruction): Value[][] {
  const values: { readonly [T in ValueType]: readonly Value[] } = {
    ...POOL,
    i32: row.name.includes("cmpxchg") || row.name.includes("wait") ? [held[2]!, held[3]!, 5] : I32,
    i64: row.name.includes("wait") ? [0n, 1000n] : POOL.i64,
  };
  const rest = row.operands.slice(1).reduce<Value[][]>((lists, t) => lists.flatMap((x) => values[t].map((v) => [...x, v])), [[]]);
  return [8, 5, 10, 12, 65536].flatMap((address) => rest.map((x) => [address, ...x]));
}

const OFFSET = 4;
const comparable = (o: Outcome, name: string): string => `${show(o.result, isFloat(name))} ${o.memory.join(",")}`;

describe("memory instructions", () => {
  const outcomes = new Map<string, Map<string, string>>();
  test.each(Object.keys(MEMORY) as (keyof typeof MEMORY)[])("%s", (name) => {
    const row = INSTRUCTIONS.get(name)!;
    const operands = memoryOperands(row);
    const got = execute(row, operands, (f) => f.memory(name, OFFSET));
    operands.forEach((values, k) => {
      const memory = patterned();
      const at = (values[0] as number) + OFFSET;
      const result: unknown =
        at > MEMORY_BYTES ? "trap" : ON_MEMORY[name](new DataView(memory.buffer), at, ...(values.slice(1) as never[]));
      expect(comparable(got[k]!, name), `operands ${values}`).toBe(comparable({ result: result as Result, memory }, name));
    });
    const signature = `${row.operands}:${row.results}`;
    if (!outcomes.has(signature)) outcomes.set(signature, new Map());
    outcomes.get(signature)!.set(name, got.map((o) => comparable(o, name)).join("|"));
  });
  test("no two of one signature behave alike", () => {
    for (const same of outcomes.values()) expectDistinct(same);
  });
});

describe("lanes in memory", () => {
  test.each(Object.keys(MEMORY_LANE) as (keyof typeof MEMORY_LANE)[])("%s", (name) => {
    const row = INSTRUCTIONS.get(name)!;
    const width = row.size;
    for (let lane = 0; lane < 16 / width; lane++) {
      const operands = [8, 5].flatMap((a) => V128.map((v): Value[] => [a, v]));
      const got = execute(row, operands, (f) => f.memoryLane(name, OFFSET, lane));
      operands.forEach(([address, v], k) => {
        const at = (address as number) + OFFSET;
        const memory = patterned();
        const expected = (v as Uint8Array).slice();
        const [from, to] = [lane * width, lane * width + width];
        if (name.includes("load")) expected.set(memory.subarray(at, at + width), from);
        else memory.set(expected.subarray(from, to), at);
        const result = name.includes("load") ? expected : undefined;
        expect(comparable(got[k]!, name)).toBe(comparable({ result, memory }, name));
      });
    }
  });
});

describe("lanes", () => {
  const reading: { readonly [name: string]: (v: Uint8Array, lane: number) => Value } = {
    "i8x16.extract_lane_s": (v, k) => as(I8, v)[k]!,
    "i8x16.extract_lane_u": (v, k) => v[k]!,
    "i16x8.extract_lane_s": (v, k) => as(I16, v)[k]!,
    "i16x8.extract_lane_u": (v, k) => as(U16, v)[k]!,
    "i32x4.extract_lane": (v, k) => as(I32x4, v)[k]!,
    "i64x2.extract_lane": (v, k) => BigInt.asIntN(64, on64(v)[k]!),
    "f32x4.extract_lane": (v, k) => as(F32x4, v)[k]!,
  };
  const writing: { readonly [name: string]: (v: Uint8Array, lane: number, x: Value) => Value } = {
    "i8x16.replace_lane": (v, k, x) => vec(as(I8, v).with(k, x as number)),
    "i16x8.replace_lane": (v, k, x) => vec(as(I16, v).with(k, x as number)),
    "i32x4.replace_lane": (v, k, x) => vec(as(I32x4, v).with(k, x as number)),
    "i64x2.replace_lane": (v, k, x) => words64(...on64(v).with(k, x as bigint)),
    "f32x4.replace_lane": (v, k, x) => vec(as(F32x4, v).with(k, x as number)),
  };
  test.each(Object.keys(LANE) as (keyof typeof LANE)[])("%s", (name) => {
    const row = INSTRUCTIONS.get(name)!;
    const operands = product(row.operands);
    for (let lane = 0; lane < row.size; lane++) {
      const got = execute(row, operands, (f) => f.lane(name, lane));
      operands.forEach(([v, x], k) => {
        const vector = v as Uint8Array;
        const expected = reading[name]?.(vector, lane) ?? writing[name]!(vector, lane, x!);
        expect(show(got[k]!.result, isFloat(name))).toBe(show(expected, isFloat(name)));
      });
    }
  });
});

// ---------------------------------------------------------------- control, variables, constants

/** Result of an exported function without parameters; memory is unshared and patterned. */
function run(f: FunctionBuilder, memoryOut?: (m: Uint8Array) => void): unknown {
  const module = assembleModule({ exports: { f }, memory: { initial: 1, maximum: 3, export: "memory" } });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  const bytes = new Uint8Array((instance.memory as WebAssembly.Memory).buffer);
  bytes.set(patterned());
  const result = (instance.f as () => unknown)();
  memoryOut?.(bytes);
  return result;
}
const giving = (type: ValueType | undefined, emit: (f: FunctionBuilder) => void): FunctionBuilder => {
  const f = new FunctionBuilder("f", [], type ? [type] : []);
  emit(f);
  return f;
};
const counter: Global = { name: "counter", type: "i32", initial: 40 };

const OTHERS: { readonly [name: string]: () => void } = {
  unreachable: () => expect(() => run(giving(undefined, (f) => f.unreachable()))).toThrow(WebAssembly.RuntimeError),
  return: () => expect(run(giving("i32", (f) => f.i32(3).ret().i32(4)))).toBe(3),
  drop: () => expect(run(giving("i32", (f) => f.i32(3).f32(4).drop()))).toBe(3),
  select: () => {
    expect(run(giving("f32", (f) => f.f32(1).f32(2).i32(7).select()))).toBe(1);
    expect(run(giving("f32", (f) => f.f32(1).f32(2).i32(0).select()))).toBe(2);
    expect(run(giving("i32", (f) => f.f32x4(1).f32x4(2).i32(0).select().lane("i32x4.extract_lane", 3)))).toBe(0x40000000);
  },
  "memory.size": () => expect(run(giving("i32", (f) => f.op("memory.size")))).toBe(1),
  "memory.grow": () =>
    expect(run(giving("i32", (f) => f.i32(2).op("memory.grow").i32(10).op("i32.mul").op("memory.size").op("i32.add")))).toBe(13),
  "memory.copy": () =>
    run(
      giving(undefined, (f) => f.i32(3).i32(5).i32(20).op("memory.copy")),
      (m) => expect([...m.subarray(0, MEMORY_BYTES)]).toEqual([...patterned().copyWithin(3, 5, 25)]),
    ),
  "memory.fill": () =>
    run(
      giving(undefined, (f) => f.i32(3).i32(255).i32(20).op("memory.fill")),
      (m) => expect([...m.subarray(0, MEMORY_BYTES)]).toEqual([...patterned().fill(255, 3, 23)]),
    ),
  // A fence shows no result; that it decodes at all, alone under its prefix, is the evidence.
  "atomic.fence": () => expect(run(giving("i32", (f) => f.op("atomic.fence").i32(9)))).toBe(9),
  block: () => expect(run(giving("i32", (f) => f.block(() => f.i32(1).br(0).i32(2).drop(), "i32")))).toBe(1),
  end: () => expect(run(giving("i32", (f) => f.block(() => f.br(0)).i32(5)))).toBe(5),
  loop: () => {
    const f = new FunctionBuilder("f", [], ["i32"]);
    const [i, sum] = [f.local("i32"), f.local("i32")];
    f.loop(() => f.bump(i, 1).get(i).get(sum).op("i32.add").set(sum).get(i).i32(10).op("i32.lt_s").brIf(0)).get(sum);
    expect(run(f)).toBe(55);
  },
  if: () =>
    expect(
      run(
        giving("i32", (f) =>
          f
            .i32(2)
            .if(() => f.i32(5).ret())
            .i32(6),
        ),
      ),
    ).toBe(5),
  else: () => {
    const choose = (c: number) =>
      giving("i32", (f) =>
        f.i32(c).if(
          () => f.i32(5),
          () => f.i32(6),
          "i32",
        ),
      );
    expect([run(choose(1)), run(choose(0))]).toEqual([5, 6]);
  },
  br: () =>
    expect(
      run(
        giving("i32", (f) =>
          f
            .block(() =>
              f
                .block(() => f.br(1))
                .i32(7)
                .ret(),
            )
            .i32(8),
        ),
      ),
    ).toBe(8),
  br_if: () => {
    const leave = (c: number) => giving("i32", (f) => f.block(() => f.i32(c).brIf(0).i32(7).ret()).i32(8));
    expect([run(leave(1)), run(leave(0))]).toEqual([8, 7]);
  },
  call: () => {
    const less = new FunctionBuilder("less", ["i32", "f32"], ["f32"]);
    less.get(less.param(1)).get(less.param(0)).op("f32.convert_i32_s").op("f32.sub");
    expect(run(giving("f32", (f) => f.i32(2).f32(8).call(less)))).toBe(6);
  },
  "local.get": () => expect(run(withLocal((f, x) => f.i32(4).set(x).get(x)))).toBe(4),
  "local.set": () => expect(run(withLocal((f, x) => f.i32(4).set(x).i32(5).set(x).get(x)))).toBe(5),
  "local.tee": () => expect(run(withLocal((f, x) => f.i32(4).tee(x).get(x).op("i32.add")))).toBe(8),
  "global.get": () => expect(run(giving("i32", (f) => f.globalGet(counter)))).toBe(40),
  "global.set": () => expect(run(giving("i32", (f) => f.i32(7).globalSet(counter).globalGet(counter)))).toBe(7),
  "i32.const": () => {
    for (const n of [0, 63, 64, -64, -65, 8191, 8192, -1, 0x7fffffff, -0x80000000]) {
      expect(run(giving("i32", (f) => f.i32(n)))).toBe(n);
    }
    expect(run(giving("i32", (f) => f.i32(0xffffffff)))).toBe(-1);
  },
  "i64.const": () => {
    for (const n of POOL.i64 as bigint[]) expect(run(giving("i64", (f) => f.i64(n)))).toBe(n);
  },
  "f32.const": () => {
    for (const x of F32) expect(run(giving("f32", (f) => f.f32(x)))).toBe(x);
  },
  "f64.const": () => expect(run(giving("f64", (f) => f.f64(0.1)))).toBe(0.1),
  "v128.const": () => {
    const stored = (emit: (f: FunctionBuilder) => void): Uint8Array => {
      let out = new Uint8Array();
      const f = new FunctionBuilder("f", []);
      f.i32(32);
      emit(f);
      run(f.memory("v128.store"), (m) => {
        out = m.slice(32, 48);
      });
      return out;
    };
    expect(stored((f) => f.i32x4(1, -2, 3, -4))).toEqual(ints(1, -2, 3, -4));
    expect(stored((f) => f.f32x4(0.3))).toEqual(floats(0.3, 0.3, 0.3, 0.3));
  },
  "i8x16.shuffle": () => {
    const order = [0, 17, 2, 19, 31, 30, 29, 28, 8, 8, 8, 8, 1, 3, 5, 16];
    const f = new FunctionBuilder("f", []);
    f.i32(64).i32(0).memory("v128.load").i32(16).memory("v128.load").shuffle(order).memory("v128.store");
    run(f, (m) => expect([...m.subarray(64, 80)]).toEqual(order.map((k) => patterned()[k])));
  },
};
function withLocal(emit: (f: FunctionBuilder, x: ReturnType<FunctionBuilder["local"]>) => void): FunctionBuilder {
  const f = new FunctionBuilder("f", [], ["i32"]);
  emit(f, f.local("i32"));
  return f;
}

describe("control, variables, constants", () => {
  test.each([...CONTROL, ...Object.keys(SPECIAL)])("%s", (name) => {
    expect(OTHERS[name], `${name} has no case`).toBeDefined();
    OTHERS[name]!();
  });
});

test("every code stands once", () => {
  const codes = [...INSTRUCTIONS.values()].map((row) => row.code);
  expect(new Set(codes).size).toBe(codes.length);
});
