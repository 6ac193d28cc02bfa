/** expm1, log1p and erf: exp and log with the digits that a plain - 1 and 1 + lose. As exact instructions only, like those. */
import type { LaneCode } from "./lanes.ts";
import { emitExp, emitLog, emitReduce, emitReducedExpm1, LARGEST_EXPONENT, polynomial } from "./transcendental.ts";

/** e^x - 1 of the f32 on the stack. */
export function emitExpm1(c: LaneCode): void {
  const given = c.keep("f32");
  // Below, the result is -1 to the last digit, and 2^n must stay a normal number.
  const x = c.constant(FLAT).get(given).get(given).constant(FLAT).float("lt").select().keep("f32");
  const { rounded, r } = emitReduce(c, x);
  emitReducedExpm1(c, r);
  const q = c.keep("f32");
  // 2^n (q + 1) - 1 as 2 (s q + (s - 1/2)) with s = 2^(n - 1): exact for n = 0, and finite for the largest n, 128.
  const s = c
    .get(rounded)
    .bits()
    .shift("shl", 23)
    .intConstant(126 << 23)
    .int("add")
    .fromBits()
    .keep("f32");
  c.get(s).get(q).float("mul").get(s).constant(0.5).float("sub").float("add");
  const half = c.keep("f32");
  const y = c.get(half).get(half).float("add").keep("f32");
  c.constant(Infinity).get(y).get(given).constant(LARGEST_EXPONENT).float("gt").select();
}
const FLAT = -20;

/** log(1 + x) of the f32 on the stack: NaN below -1, -Infinity there. */
export function emitLog1p(c: LaneCode): void {
  const x = c.keep("f32");
  const u = c.constant(1).get(x).float("add").keep("f32");
  // What 1 + x rounded off, to first order. It is NaN where u is 0 or infinite.
  c.get(x).get(u).constant(1).float("sub").float("sub");
  const lost = c.get(u).float("div").keep("f32");
  c.get(u);
  emitLog(c);
  c.get(lost).constant(0).get(lost).get(lost).float("eq").select().float("add");
}

/** The error function of the f32 on the stack: within 1.3 units of its last place, 8e-8 at most. */
export function emitErf(c: LaneCode): void {
  const x = c.keep("f32");
  const size = c.get(x).float("abs").keep("f32");
  const square = c.get(x).get(x).float("mul").keep("f32");
  polynomial(c, square, NEAR);
  const near = c.get(x).float("mul").get(x).float("add").keep("f32");
  // 1 - e^p(|x|); from LAST on that is 1
  const t = c.constant(LAST).get(size).get(size).constant(LAST).float("gt").select().keep("f32");
  c.constant(1);
  polynomial(c, t, FAR);
  c.get(t).float("mul").get(t).float("sub");
  emitExp(c);
  const far = c.float("sub").keep("f32");
  const signed = c.get(far).float("neg").get(far).get(x).constant(0).float("lt").select().keep("f32");
  c.get(near).get(signed).get(size).constant(BORDER).float("lt").select();
}
const BORDER = 0.9277;
const LAST = 4;
// Minimax fits: erf(x) / x - 1 in x^2 below the border, relative error 2e-8; log(1 - erf(t)) / t + 1 in t up to LAST, such
// that erf has an error below 1e-9.
const NEAR = [-5.96426863e-4, 4.98800713e-3, -2.67631262e-2, 1.12817211e-1, -3.76124848e-1, 1.28379148e-1];
const FAR = [-1.18029024e-5, 3.28476675e-4, -3.66531197e-3, 2.38099166e-2, -1.06291846e-1, -6.35118449e-1, -1.2865649e-1];
