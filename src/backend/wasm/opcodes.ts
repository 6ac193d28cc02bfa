/**
 * Every WebAssembly instruction that is emitted, each written once: the builder, the type check and the WAT printer read
 * these rows, and `test/backend/opcodes.test.ts` executes each of them.
 *
 * A code above 0xff is a prefix byte and three hex digits: 0xfd0e4 is 0xfd, then LEB128 of 0xe4. Operands and results are
 * one letter per value: i i32, l i64, f f32, d f64, v v128; the last operand is the top of the stack.
 *
 * https://webassembly.github.io/spec/core/binary/instructions.html and, for 0xfe, the threads proposal.
 */

/** Instructions without immediates: code, operands, results, and how many zero bytes (memory indices) follow the code. */
export const PLAIN = {
  unreachable: [0x00, "", ""],
  return: [0x0f, "", ""],
  drop: [0x1a, "", ""],
  select: [0x1b, "", ""],
  "memory.size": [0x3f, "", "i", 1],
  "memory.grow": [0x40, "i", "i", 1],
  "memory.copy": [0xfc00a, "iii", "", 2],
  "memory.fill": [0xfc00b, "iii", "", 1],
  "atomic.fence": [0xfe003, "", "", 1],

  "i32.eqz": [0x45, "i", "i"],
  "i32.eq": [0x46, "ii", "i"],
  "i32.ne": [0x47, "ii", "i"],
  "i32.lt_s": [0x48, "ii", "i"],
  "i32.lt_u": [0x49, "ii", "i"],
  "i32.gt_s": [0x4a, "ii", "i"],
  "i32.gt_u": [0x4b, "ii", "i"],
  "i32.le_s": [0x4c, "ii", "i"],
  "i32.le_u": [0x4d, "ii", "i"],
  "i32.ge_s": [0x4e, "ii", "i"],
  "i32.ge_u": [0x4f, "ii", "i"],
  "i64.eqz": [0x50, "l", "i"],
  "i64.eq": [0x51, "ll", "i"],
  "i64.ne": [0x52, "ll", "i"],
  "i64.lt_s": [0x53, "ll", "i"],
  "i64.lt_u": [0x54, "ll", "i"],
  "f32.eq": [0x5b, "ff", "i"],
  "f32.ne": [0x5c, "ff", "i"],
  "f32.lt": [0x5d, "ff", "i"],
  "f32.gt": [0x5e, "ff", "i"],
  "f32.le": [0x5f, "ff", "i"],
  "f32.ge": [0x60, "ff", "i"],
  "f64.lt": [0x63, "dd", "i"],

  "i32.clz": [0x67, "i", "i"],
  "i32.ctz": [0x68, "i", "i"],
  "i32.popcnt": [0x69, "i", "i"],
  "i32.add": [0x6a, "ii", "i"],
  "i32.sub": [0x6b, "ii", "i"],
  "i32.mul": [0x6c, "ii", "i"],
  "i32.div_s": [0x6d, "ii", "i"],
  "i32.div_u": [0x6e, "ii", "i"],
  "i32.rem_s": [0x6f, "ii", "i"],
  "i32.rem_u": [0x70, "ii", "i"],
  "i32.and": [0x71, "ii", "i"],
  "i32.or": [0x72, "ii", "i"],
  "i32.xor": [0x73, "ii", "i"],
  "i32.shl": [0x74, "ii", "i"],
  "i32.shr_s": [0x75, "ii", "i"],
  "i32.shr_u": [0x76, "ii", "i"],
  "i32.rotl": [0x77, "ii", "i"],
  "i32.rotr": [0x78, "ii", "i"],
  "i64.add": [0x7c, "ll", "l"],
  "i64.sub": [0x7d, "ll", "l"],
  "i64.mul": [0x7e, "ll", "l"],
  "i64.div_u": [0x80, "ll", "l"],
  "i64.rem_u": [0x82, "ll", "l"],
  "i64.and": [0x83, "ll", "l"],
  "i64.or": [0x84, "ll", "l"],
  "i64.xor": [0x85, "ll", "l"],
  "i64.shl": [0x86, "ll", "l"],
  "i64.shr_s": [0x87, "ll", "l"],
  "i64.shr_u": [0x88, "ll", "l"],
  "f32.abs": [0x8b, "f", "f"],
  "f32.neg": [0x8c, "f", "f"],
  "f32.ceil": [0x8d, "f", "f"],
  "f32.floor": [0x8e, "f", "f"],
  "f32.trunc": [0x8f, "f", "f"],
  "f32.nearest": [0x90, "f", "f"],
  "f32.sqrt": [0x91, "f", "f"],
  "f32.add": [0x92, "ff", "f"],
  "f32.sub": [0x93, "ff", "f"],
  "f32.mul": [0x94, "ff", "f"],
  "f32.div": [0x95, "ff", "f"],
  "f32.min": [0x96, "ff", "f"],
  "f32.max": [0x97, "ff", "f"],
  "f32.copysign": [0x98, "ff", "f"],
  "f64.abs": [0x99, "d", "d"],
  "f64.sqrt": [0x9f, "d", "d"],
  "f64.add": [0xa0, "dd", "d"],
  "f64.sub": [0xa1, "dd", "d"],
  "f64.mul": [0xa2, "dd", "d"],
  "f64.div": [0xa3, "dd", "d"],
  "i32.wrap_i64": [0xa7, "l", "i"],
  "i32.trunc_f32_s": [0xa8, "f", "i"],
  "i64.extend_i32_s": [0xac, "i", "l"],
  "i64.extend_i32_u": [0xad, "i", "l"],
  "f32.convert_i32_s": [0xb2, "i", "f"],
  "f32.convert_i32_u": [0xb3, "i", "f"],
  "f32.demote_f64": [0xb6, "d", "f"],
  "f64.convert_i32_s": [0xb7, "i", "d"],
  "f64.promote_f32": [0xbb, "f", "d"],
  "i32.reinterpret_f32": [0xbc, "f", "i"],
  "f32.reinterpret_i32": [0xbe, "i", "f"],
  "i32.extend8_s": [0xc0, "i", "i"],
  "i32.extend16_s": [0xc1, "i", "i"],
  "i32.trunc_sat_f32_s": [0xfc000, "f", "i"],
  "i32.trunc_sat_f32_u": [0xfc001, "f", "i"],

  "i8x16.swizzle": [0xfd00e, "vv", "v"],
  "i8x16.splat": [0xfd00f, "i", "v"],
  "i16x8.splat": [0xfd010, "i", "v"],
  "i32x4.splat": [0xfd011, "i", "v"],
  "i64x2.splat": [0xfd012, "l", "v"],
  "f32x4.splat": [0xfd013, "f", "v"],
  "i8x16.eq": [0xfd023, "vv", "v"],
  "i8x16.ne": [0xfd024, "vv", "v"],
  "i8x16.lt_u": [0xfd026, "vv", "v"],
  "i8x16.gt_u": [0xfd028, "vv", "v"],
  "i16x8.eq": [0xfd02d, "vv", "v"],
  "i16x8.gt_s": [0xfd031, "vv", "v"],
  "i32x4.eq": [0xfd037, "vv", "v"],
  "i32x4.ne": [0xfd038, "vv", "v"],
  "i32x4.lt_s": [0xfd039, "vv", "v"],
  "i32x4.lt_u": [0xfd03a, "vv", "v"],
  "i32x4.gt_s": [0xfd03b, "vv", "v"],
  "i32x4.gt_u": [0xfd03c, "vv", "v"],
  "i32x4.le_s": [0xfd03d, "vv", "v"],
  "i32x4.le_u": [0xfd03e, "vv", "v"],
  "i32x4.ge_s": [0xfd03f, "vv", "v"],
  "i32x4.ge_u": [0xfd040, "vv", "v"],
  "f32x4.eq": [0xfd041, "vv", "v"],
  "f32x4.ne": [0xfd042, "vv", "v"],
  "f32x4.lt": [0xfd043, "vv", "v"],
  "f32x4.gt": [0xfd044, "vv", "v"],
  "f32x4.le": [0xfd045, "vv", "v"],
  "f32x4.ge": [0xfd046, "vv", "v"],
  "v128.not": [0xfd04d, "v", "v"],
  "v128.and": [0xfd04e, "vv", "v"],
  "v128.andnot": [0xfd04f, "vv", "v"],
  "v128.or": [0xfd050, "vv", "v"],
  "v128.xor": [0xfd051, "vv", "v"],
  "v128.bitselect": [0xfd052, "vvv", "v"],
  "v128.any_true": [0xfd053, "v", "i"],
  "i8x16.all_true": [0xfd063, "v", "i"],
  "i8x16.bitmask": [0xfd064, "v", "i"],
  "i8x16.narrow_i16x8_s": [0xfd065, "vv", "v"],
  "i8x16.narrow_i16x8_u": [0xfd066, "vv", "v"],
  "f32x4.ceil": [0xfd067, "v", "v"],
  "f32x4.floor": [0xfd068, "v", "v"],
  "f32x4.trunc": [0xfd069, "v", "v"],
  "f32x4.nearest": [0xfd06a, "v", "v"],
  "i8x16.add": [0xfd06e, "vv", "v"],
  "i8x16.sub": [0xfd071, "vv", "v"],
  "i8x16.min_u": [0xfd077, "vv", "v"],
  "i8x16.max_u": [0xfd079, "vv", "v"],
  "i16x8.narrow_i32x4_s": [0xfd085, "vv", "v"],
  "i16x8.narrow_i32x4_u": [0xfd086, "vv", "v"],
  "i16x8.extend_low_i8x16_s": [0xfd087, "v", "v"],
  "i16x8.extend_high_i8x16_s": [0xfd088, "v", "v"],
  "i16x8.extend_low_i8x16_u": [0xfd089, "v", "v"],
  "i16x8.extend_high_i8x16_u": [0xfd08a, "v", "v"],
  "i16x8.shl": [0xfd08b, "vi", "v"],
  "i16x8.shr_s": [0xfd08c, "vi", "v"],
  "i16x8.shr_u": [0xfd08d, "vi", "v"],
  "i16x8.add": [0xfd08e, "vv", "v"],
  "i16x8.sub": [0xfd091, "vv", "v"],
  "i16x8.mul": [0xfd095, "vv", "v"],
  "i32x4.abs": [0xfd0a0, "v", "v"],
  "i32x4.neg": [0xfd0a1, "v", "v"],
  "i32x4.all_true": [0xfd0a3, "v", "i"],
  "i32x4.bitmask": [0xfd0a4, "v", "i"],
  "i32x4.extend_low_i16x8_s": [0xfd0a7, "v", "v"],
  "i32x4.extend_high_i16x8_s": [0xfd0a8, "v", "v"],
  "i32x4.extend_low_i16x8_u": [0xfd0a9, "v", "v"],
  "i32x4.extend_high_i16x8_u": [0xfd0aa, "v", "v"],
  "i32x4.shl": [0xfd0ab, "vi", "v"],
  "i32x4.shr_s": [0xfd0ac, "vi", "v"],
  "i32x4.shr_u": [0xfd0ad, "vi", "v"],
  "i32x4.add": [0xfd0ae, "vv", "v"],
  "i32x4.sub": [0xfd0b1, "vv", "v"],
  "i32x4.mul": [0xfd0b5, "vv", "v"],
  "i32x4.min_s": [0xfd0b6, "vv", "v"],
  "i32x4.min_u": [0xfd0b7, "vv", "v"],
  "i32x4.max_s": [0xfd0b8, "vv", "v"],
  "i32x4.max_u": [0xfd0b9, "vv", "v"],
  "i32x4.dot_i16x8_s": [0xfd0ba, "vv", "v"],
  "i64x2.shl": [0xfd0cb, "vi", "v"],
  "i64x2.shr_u": [0xfd0cd, "vi", "v"],
  "i64x2.add": [0xfd0ce, "vv", "v"],
  "i64x2.extmul_low_i32x4_u": [0xfd0de, "vv", "v"],
  "i64x2.extmul_high_i32x4_u": [0xfd0df, "vv", "v"],
  "f32x4.abs": [0xfd0e0, "v", "v"],
  "f32x4.neg": [0xfd0e1, "v", "v"],
  "f32x4.sqrt": [0xfd0e3, "v", "v"],
  "f32x4.add": [0xfd0e4, "vv", "v"],
  "f32x4.sub": [0xfd0e5, "vv", "v"],
  "f32x4.mul": [0xfd0e6, "vv", "v"],
  "f32x4.div": [0xfd0e7, "vv", "v"],
  "f32x4.min": [0xfd0e8, "vv", "v"],
  "f32x4.max": [0xfd0e9, "vv", "v"],
  "f32x4.pmin": [0xfd0ea, "vv", "v"],
  "f32x4.pmax": [0xfd0eb, "vv", "v"],
  /** Relaxed SIMD: a b + c, rounded once or twice as the processor likes. */
  "f32x4.relaxed_madd": [0xfd105, "vvv", "v"],
  "i32x4.trunc_sat_f32x4_s": [0xfd0f8, "v", "v"],
  "i32x4.trunc_sat_f32x4_u": [0xfd0f9, "v", "v"],
  "f32x4.convert_i32x4_s": [0xfd0fa, "v", "v"],
  "f32x4.convert_i32x4_u": [0xfd0fb, "v", "v"],
} as const;

/** Loads, stores and atomics: code, operands, results, bytes accessed. */
export const MEMORY = {
  "i32.load": [0x28, "i", "i", 4],
  "i64.load": [0x29, "i", "l", 8],
  "f32.load": [0x2a, "i", "f", 4],
  "f64.load": [0x2b, "i", "d", 8],
  "i32.load8_s": [0x2c, "i", "i", 1],
  "i32.load8_u": [0x2d, "i", "i", 1],
  "i32.load16_s": [0x2e, "i", "i", 2],
  "i32.load16_u": [0x2f, "i", "i", 2],
  "i32.store": [0x36, "ii", "", 4],
  "i64.store": [0x37, "il", "", 8],
  "f32.store": [0x38, "if", "", 4],
  "f64.store": [0x39, "id", "", 8],
  "i32.store8": [0x3a, "ii", "", 1],
  "i32.store16": [0x3b, "ii", "", 2],

  "v128.load": [0xfd000, "i", "v", 16],
  "v128.load8x8_s": [0xfd001, "i", "v", 8],
  "v128.load8x8_u": [0xfd002, "i", "v", 8],
  "v128.load16x4_s": [0xfd003, "i", "v", 8],
  "v128.load16x4_u": [0xfd004, "i", "v", 8],
  "v128.load8_splat": [0xfd007, "i", "v", 1],
  "v128.load16_splat": [0xfd008, "i", "v", 2],
  "v128.load32_splat": [0xfd009, "i", "v", 4],
  "v128.load64_splat": [0xfd00a, "i", "v", 8],
  "v128.store": [0xfd00b, "iv", "", 16],
  "v128.load32_zero": [0xfd05c, "i", "v", 4],
  "v128.load64_zero": [0xfd05d, "i", "v", 8],

  "memory.atomic.notify": [0xfe000, "ii", "i", 4],
  "memory.atomic.wait32": [0xfe001, "iil", "i", 4],
  "i32.atomic.load": [0xfe010, "i", "i", 4],
  "i32.atomic.store": [0xfe017, "ii", "", 4],
  "i32.atomic.rmw.add": [0xfe01e, "ii", "i", 4],
  "i32.atomic.rmw.sub": [0xfe025, "ii", "i", 4],
  "i32.atomic.rmw.and": [0xfe02c, "ii", "i", 4],
  "i32.atomic.rmw.or": [0xfe033, "ii", "i", 4],
  "i32.atomic.rmw.xchg": [0xfe041, "ii", "i", 4],
  "i32.atomic.rmw.cmpxchg": [0xfe048, "iii", "i", 4],
} as const;

/** Loads and stores of one lane: code, operands, results, bytes accessed. */
export const MEMORY_LANE = {
  "v128.load8_lane": [0xfd054, "iv", "v", 1],
  "v128.load16_lane": [0xfd055, "iv", "v", 2],
  "v128.load32_lane": [0xfd056, "iv", "v", 4],
  "v128.load64_lane": [0xfd057, "iv", "v", 8],
  "v128.store8_lane": [0xfd058, "iv", "", 1],
  "v128.store16_lane": [0xfd059, "iv", "", 2],
  "v128.store32_lane": [0xfd05a, "iv", "", 4],
  "v128.store64_lane": [0xfd05b, "iv", "", 8],
} as const;

/** One lane in or out of a vector: code, operands, results, number of lanes. */
export const LANE = {
  "i8x16.extract_lane_s": [0xfd015, "v", "i", 16],
  "i8x16.extract_lane_u": [0xfd016, "v", "i", 16],
  "i8x16.replace_lane": [0xfd017, "vi", "v", 16],
  "i16x8.extract_lane_s": [0xfd018, "v", "i", 8],
  "i16x8.extract_lane_u": [0xfd019, "v", "i", 8],
  "i16x8.replace_lane": [0xfd01a, "vi", "v", 8],
  "i32x4.extract_lane": [0xfd01b, "v", "i", 4],
  "i32x4.replace_lane": [0xfd01c, "vi", "v", 4],
  "i64x2.extract_lane": [0xfd01d, "v", "l", 2],
  "i64x2.replace_lane": [0xfd01e, "vl", "v", 2],
  "f32x4.extract_lane": [0xfd01f, "v", "f", 4],
  "f32x4.replace_lane": [0xfd020, "vf", "v", 4],
} as const;

/** Instructions with an immediate of their own, each with its own method: code, operands, results, immediate. Control and variables check their types by context. */
export const SPECIAL = {
  block: [0x02, "", "", "block"],
  loop: [0x03, "", "", "block"],
  if: [0x04, "i", "", "block"],
  else: [0x05, "", "", "none"],
  end: [0x0b, "", "", "none"],
  br: [0x0c, "", "", "label"],
  br_if: [0x0d, "i", "", "label"],
  call: [0x10, "", "", "function"],
  "local.get": [0x20, "", "", "local"],
  "local.set": [0x21, "", "", "local"],
  "local.tee": [0x22, "", "", "local"],
  "global.get": [0x23, "", "", "global"],
  "global.set": [0x24, "", "", "global"],
  "i32.const": [0x41, "", "i", "i32"],
  "i64.const": [0x42, "", "l", "i64"],
  "f32.const": [0x43, "", "f", "f32"],
  "f64.const": [0x44, "", "d", "f64"],
  "v128.const": [0xfd00c, "", "v", "v128"],
  "i8x16.shuffle": [0xfd00d, "vv", "v", "shuffle"],
} as const;

export type PlainOp = keyof typeof PLAIN;
export type MemoryOp = keyof typeof MEMORY;
export type MemoryLaneOp = keyof typeof MEMORY_LANE;
export type LaneOp = keyof typeof LANE;
export type SpecialOp = keyof typeof SPECIAL;
export type OpName = PlainOp | MemoryOp | MemoryLaneOp | LaneOp | SpecialOp;

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";
export type Immediate = "none" | "memory" | "memoryLane" | "lane" | (typeof SPECIAL)[SpecialOp][3];

/** A row of the tables, spelled out. */
export interface Instruction {
  readonly name: OpName;
  readonly code: number;
  readonly operands: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly immediate: Immediate;
  /** Bytes accessed (memory, memoryLane), lanes (lane), or zero bytes after the code (none). */
  readonly size: number;
}

const LETTERS: { readonly [letter: string]: ValueType } = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };
const valueTypes = (letters: string): ValueType[] => [...letters].map((letter) => LETTERS[letter]!);

type Row = readonly [code: number, operands: string, results: string, last?: number | string];

function spelledOut(): Map<string, Instruction> {
  const all = new Map<string, Instruction>();
  const add = (table: { readonly [name: string]: Row }, immediate?: Immediate): void => {
    for (const [name, [code, operands, results, last]] of Object.entries(table)) {
      const [kind, size] = typeof last === "string" ? [last as Immediate, 0] : [immediate ?? "none", last ?? 0];
      all.set(name, {
        name: name as OpName,
        code,
        operands: valueTypes(operands),
        results: valueTypes(results),
        immediate: kind,
        size,
      });
    }
  };
  add(PLAIN);
  add(MEMORY, "memory");
  add(MEMORY_LANE, "memoryLane");
  add(LANE, "lane");
  add(SPECIAL);
  return all;
}

/** All instructions by name. */
export const INSTRUCTIONS: ReadonlyMap<string, Instruction> = spelledOut();

/** Binary code of each value type. */
export const TYPE_CODES: { readonly [T in ValueType]: number } = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
