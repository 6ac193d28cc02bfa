/**
 * Elementary functions from + - * / alone. JavaScript leaves the last bits of Math.sin and its kin to the engine, so
 * whatever must be the same on every machine (generated data, schedules) comes from here.
 */

// pi/2 in two parts: the first has 33 significant bits, so that n * PI_2_HIGH is exact for |n| < 2^20.
const PI_2_HIGH = 1.5707963267341256;
const PI_2_LOW = 6.077100506506192e-11;

/** Taylor series on [-pi/4, pi/4]; the first term left out is below 5e-17. */
function sinCore(x: number): number {
  const z = x * x;
  const tail = -1 / 39916800 + z * (1 / 6227020800 - z / 1307674368000);
  return x + x * z * (-1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z * (1 / 362880 + z * tail))));
}

/** Taylor series on [-pi/4, pi/4]; the first term left out is below 3e-18. */
function cosCore(x: number): number {
  const z = x * x;
  const tail = 1 / 479001600 + z * (-1 / 87178291200 + z / 20922789888000);
  return 1 + z * (-1 / 2 + z * (1 / 24 + z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800 + z * tail)))));
}

/** sin(x + quarter * pi/2). */
function shiftedSine(x: number, quarter: number): number {
  const n = Math.floor(x / (PI_2_HIGH + PI_2_LOW) + 0.5);
  const r = x - n * PI_2_HIGH - n * PI_2_LOW;
  const turn = (((n + quarter) % 4) + 4) % 4;
  const value = turn % 2 === 0 ? sinCore(r) : cosCore(r);
  return turn < 2 ? value : -value;
}

/** Sine of x radians, |x| < 10^6, within 4e-16 of the true value; the same bits on every engine. */
export const sine = (x: number): number => shiftedSine(x, 0);

/** Cosine of x radians, |x| < 10^6, within 4e-16 of the true value; the same bits on every engine. */
export const cosine = (x: number): number => shiftedSine(x, 1);
