/**
 * exp, log and tanh from exact instructions only, because engines differ in Math.exp and a training run must not.
 *
 * Polynomials and the split of ln 2 are those of Cephes (Moshier, 1984-1992; single precision expf, logf, tanhf).
 */
import type { Local } from "./function.ts";
import type { LaneCode } from "./lanes.ts";

/** 1.5 * 2^23: adding it to a float rounds it to a whole number, which then lies in the low bits. */
const ROUND = 12582912;
/** ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444e-4;

const EXP = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1];
const LOG = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1,
];
const TANH = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];

/** Horner's rule, highest power first. */
export function polynomial(c: LaneCode, x: Local, coefficients: readonly number[]): void {
  coefficients.forEach((k, i) => {
    if (i === 0) c.constant(k);
    else c.get(x).float("mul").constant(k).float("add");
  });
}

/** An exponent taken apart: x = n ln 2 + r, where n is whole and stands in the low bits of `rounded`, and |r| <= ln 2 / 2. */
interface Reduced {
  readonly rounded: Local;
  readonly r: Local;
}

export function emitReduce(c: LaneCode, x: Local): Reduced {
  const rounded = c.get(x).constant(Math.LOG2E).float("mul").constant(ROUND).float("add").keep("f32");
  const n = c.get(rounded).constant(ROUND).float("sub").keep("f32");
  c.get(x).get(n).constant(LN2_HIGH).float("mul").float("sub");
  const r = c.get(n).constant(LN2_LOW).float("mul").float("sub").keep("f32");
  return { rounded, r };
}

/** Pushes e^r - 1. */
export function emitReducedExpm1(c: LaneCode, r: Local): void {
  polynomial(c, r, EXP);
  c.get(r).get(r).float("mul").float("mul").get(r).float("add");
}

/** exp of the f32 on the stack. Results below the smallest normal number are zero. */
export function emitExp(c: LaneCode): void {
  const x = c.keep("f32");
  const { rounded, r } = emitReduce(c, x);
  emitReducedExpm1(c, r);
  c.constant(1).float("add");
  // times 2^n, by adding n to the exponent: its low 9 bits are the low bits of `rounded`
  const scaled = c.bits().get(rounded).bits().shift("shl", 23).int("add").fromBits().keep("f32");

  c.constant(Infinity).get(scaled).get(x).constant(LARGEST_EXPONENT).float("gt").select();
  const capped = c.keep("f32");
  c.constant(0).get(capped).get(x).constant(SMALLEST_EXPONENT).float("lt").select();
  const flushed = c.keep("f32");
  c.get(flushed).get(x).get(x).get(x).float("eq").select();
}
/** The last f32 whose exp is finite, and the first whose exp is a normal number. */
export const LARGEST_EXPONENT = 88.72283172607422;
const SMALLEST_EXPONENT = -87.33654022216797;

/** Natural logarithm of the f32 on the stack: NaN below zero, -Infinity at zero. */
export function emitLog(c: LaneCode): void {
  const x = c.keep("f32");
  const normal = c
    .get(x)
    .get(x)
    .constant(2 ** 23)
    .float("mul")
    .get(x)
    .constant(2 ** -126)
    .float("ge")
    .select()
    .keep("f32");
  const bits = c.get(normal).bits().keep("i32");
  // exponent such that the mantissa lies in [sqrt(1/2), sqrt(2))
  const exponent = c.get(bits).intConstant(SQRT_HALF_BITS).int("sub").shift("shr_s", 23).keep("i32");
  const m = c.get(bits).get(exponent).shift("shl", 23).int("sub").fromBits().constant(1).float("sub").keep("f32");
  const e = c.get(exponent).toFloat().keep("f32");
  const shifted = c
    .get(e)
    .get(e)
    .constant(23)
    .float("sub")
    .get(x)
    .constant(2 ** -126)
    .float("ge")
    .select()
    .keep("f32");
  const square = c.get(m).get(m).float("mul").keep("f32");
  polynomial(c, m, LOG);
  c.get(m).float("mul").get(square).float("mul");
  c.get(shifted).constant(LN2_LOW).float("mul").float("add");
  c.get(square).constant(0.5).float("mul").float("sub");
  c.get(m).float("add").get(shifted).constant(LN2_HIGH).float("mul").float("add");
  const y = c.keep("f32");
  c.get(y).get(x).get(x).constant(Infinity).float("lt").select(); // Infinity and NaN as they are
  c.constant(-Infinity).constant(NaN).get(x).constant(0).float("eq").select();
  c.get(x).constant(0).float("gt").select();
}
const SQRT_HALF_BITS = 0x3f3504f3;

/** Hyperbolic tangent of the f32 on the stack. */
export function emitTanh(c: LaneCode): void {
  const x = c.keep("f32");
  const size = c.get(x).float("abs").keep("f32");
  const square = c.get(x).get(x).float("mul").keep("f32");
  polynomial(c, square, TANH);
  const small = c.get(square).float("mul").get(x).float("mul").get(x).float("add").keep("f32");
  c.constant(1).constant(2).get(size).get(size).float("add");
  emitExp(c);
  const large = c.constant(1).float("add").float("div").float("sub").keep("f32");
  const signed = c.get(large).float("neg").get(large).get(x).constant(0).float("lt").select().keep("f32");
  c.get(small).get(signed).get(size).constant(0.625).float("lt").select();
}
