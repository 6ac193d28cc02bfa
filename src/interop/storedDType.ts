/** Element types of stored tensors, and how each becomes one of the library's own: f32, i32, u8. All little-endian. */
import type { DType } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import type { Shape } from "../base/shape.ts";

export interface StoredDType {
  /** Of one element. */
  readonly bytes: number;
  /** The array at byte `at`, copied. `outOfRange` makes the error for an integer that does not fit. */
  read(view: DataView, at: number, shape: Shape, outOfRange: (value: bigint) => Error): NdArray;
}

type Load = (view: DataView, at: number, outOfRange: (value: bigint) => Error) => number;

function stored(bytes: number, dtype: DType, load: Load): StoredDType {
  return {
    bytes,
    read: (view, at, shape, outOfRange) => {
      const array = new NdArray(dtype, shape);
      for (let i = 0; i < array.data.length; i++) array.data[i] = load(view, at + i * bytes, outOfRange);
      return array;
    },
  };
}

const scratch = new DataView(new ArrayBuffer(4));

/** The f32 of these bits. */
function fromBits(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** The value of an IEEE 754 half, exact: fields moved to their places in an f32, the exponent's bias changed from 15 to 127. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  const magnitude =
    exponent === 0
      ? fraction / 16777216 // subnormal: a multiple of 2^-24
      : fromBits(((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13));
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** The value of a bfloat16, exact: it is the upper half of an f32. */
const bfloatToNumber = (bits: number): number => fromBits(bits << 16);

/** By the names of safetensors. */
export const STORED: ReadonlyMap<string, StoredDType> = new Map([
  ["F32", stored(4, "f32", (view, at) => view.getFloat32(at, true))],
  ["F64", stored(8, "f32", (view, at) => view.getFloat64(at, true))],
  ["F16", stored(2, "f32", (view, at) => halfToNumber(view.getUint16(at, true)))],
  ["BF16", stored(2, "f32", (view, at) => bfloatToNumber(view.getUint16(at, true)))],
  ["I32", stored(4, "i32", (view, at) => view.getInt32(at, true))],
  [
    "I64",
    stored(8, "i32", (view, at, outOfRange) => {
      const value = view.getBigInt64(at, true);
      if (BigInt.asIntN(32, value) !== value) throw outOfRange(value);
      return Number(value);
    }),
  ],
  ["U8", stored(1, "u8", (view, at) => view.getUint8(at))],
  ["BOOL", stored(1, "u8", (view, at) => (view.getUint8(at) === 0 ? 0 : 1))],
]);
