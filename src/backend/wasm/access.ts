/** Reading and writing one lane or four of a buffer of any element type. u8 widens to i32 and i32 narrows to its low byte. */
import { BYTES, type DType } from "../../base/dtype.ts";
import type { FunctionBuilder } from "./function.ts";
import type { LaneCode } from "./lanes.ts";

/** Pushes the element at `address` + `displacement` bytes, and its neighbours at distance `step` elements. */
export function emitLoad(c: LaneCode, dtype: DType, step: number, address: () => void, displacement: number): void {
  const f = c.f;
  if (c.lanes === 1) {
    address();
    f.memory(dtype === "u8" ? "i32.load8_u" : `${dtype}.load`, displacement);
  } else if (step === 0) {
    address();
    if (dtype === "u8") f.memory("i32.load8_u", displacement).op("i32x4.splat");
    else f.memory("v128.load32_splat", displacement);
  } else if (step === 1) {
    address();
    if (dtype !== "u8") f.memory("v128.load", displacement, 4);
    else f.memory("v128.load32_zero", displacement, 1).op("i16x8.extend_low_i8x16_u").op("i32x4.extend_low_i16x8_u");
  } else gather(f, dtype, step, address, displacement);
}

function gather(f: FunctionBuilder, dtype: DType, step: number, address: () => void, displacement: number): void {
  const stride = step * BYTES[dtype];
  address();
  if (dtype === "u8") f.memory("i32.load8_u", displacement).op("i32x4.splat");
  else f.memory("v128.load32_zero", displacement);
  for (let lane = 1; lane < 4; lane++) {
    if (dtype === "u8") {
      address();
      f.memory("i32.load8_u", displacement + lane * stride).lane("i32x4.replace_lane", lane);
    } else {
      const gathered = f.local("v128");
      f.set(gathered);
      address();
      f.get(gathered).memoryLane("v128.load32_lane", displacement + lane * stride, lane);
    }
  }
}

/** Stores what `value` pushes at `address` + `displacement` bytes; in vector form only the first `count` lanes, `step` elements apart. */
export function emitStore(
  c: LaneCode,
  dtype: DType,
  step: number,
  address: () => void,
  displacement: number,
  value: () => void,
  count: number = c.lanes,
): void {
  const f = c.f;
  if (c.lanes === 1) {
    address();
    value();
    f.memory(dtype === "u8" ? "i32.store8" : `${dtype}.store`, displacement);
    return;
  }
  if (dtype !== "u8" && step === 1 && count === 4) {
    address();
    value();
    f.memory("v128.store", displacement, 4);
    return;
  }
  value();
  if (dtype === "u8") lowBytes(f);
  const v = f.local("v128");
  f.set(v);
  const unit = dtype === "u8" ? 1 : 4;
  const put = (bytes: 1 | 4 | 8, first: number): void => {
    const name = bytes === 1 ? "v128.store8_lane" : bytes === 4 ? "v128.store32_lane" : "v128.store64_lane";
    address();
    f.get(v).memoryLane(name, displacement + first * step * unit, (first * unit) / bytes);
  };
  let lane = 0;
  while (lane < count) {
    // runs of lanes that are neighbours in memory go together: two f32, or four bytes
    const run = step === 1 ? (unit === 1 ? 4 : 2) : 1;
    if (lane % run === 0 && lane + run <= count && run > 1) {
      put(unit === 1 ? 4 : 8, lane);
      lane += run;
    } else put(unit, lane++);
  }
}

/** The low bytes of four i32, as the first four bytes. */
function lowBytes(f: FunctionBuilder): void {
  const v = f.local("v128");
  f.i32x4(255, 255, 255, 255).op("v128.and").tee(v).get(v).op("i16x8.narrow_i32x4_u").tee(v).get(v).op("i8x16.narrow_i16x8_u");
}
