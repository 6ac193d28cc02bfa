import { KEY_STEP, MULTIPLIER, ROUNDS } from "../../kernel/philox.ts";
import type { Local } from "./function.ts";
import type { LaneCode } from "./lanes.ts";

/** Takes a counter and a key, both i32, and pushes Philox2x32-10's first word of (counter, 0). See kernel/philox.ts. */
export function emitRandomBits(c: LaneCode): void {
  let key = c.keep("i32");
  let left = c.keep("i32");
  let right: Local | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const { high, low } = emitProduct(c, left);
    high();
    c.get(key);
    xor(c);
    if (right) {
      c.get(right);
      xor(c);
    }
    if (round === ROUNDS - 1) return;
    left = c.keep("i32");
    low();
    right = c.keep("i32");
    key = c.get(key).intConstant(KEY_STEP).int("add").keep("i32");
  }
}

const xor = (c: LaneCode): void => void c.f.op(c.lanes === 4 ? "v128.xor" : "i32.xor");

/** The 64-bit product of an unsigned i32 with the multiplier: what pushes its high and its low word. */
function emitProduct(c: LaneCode, x: Local): { readonly high: () => void; readonly low: () => void } {
  const { f } = c;
  if (c.lanes === 1) {
    const product = f.local("i64");
    f.get(x).op("i64.extend_i32_u").i64(BigInt(MULTIPLIER)).op("i64.mul").set(product);
    return {
      high: () => f.get(product).i64(32n).op("i64.shr_u").op("i32.wrap_i64"),
      low: () => f.get(product).op("i32.wrap_i64"),
    };
  }
  const [even, odd] = [f.local("v128"), f.local("v128")];
  c.get(x).intConstant(MULTIPLIER).f.op("i64x2.extmul_low_i32x4_u").set(even);
  c.get(x).intConstant(MULTIPLIER).f.op("i64x2.extmul_high_i32x4_u").set(odd);
  const words = (first: number) => (): void => {
    const bytes = [0, 8, 16, 24].flatMap((at) => [0, 1, 2, 3].map((b) => at + first + b));
    f.get(even).get(odd).shuffle(bytes);
  };
  return { high: words(4), low: words(0) };
}
