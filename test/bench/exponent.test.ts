/** The exponent of growth. */
import { expect, test } from "vitest";
import { exponent } from "../../bench/exponent.ts";

const points = (f: (x: number) => number) => [1, 2, 4, 8, 16].map((x) => ({ x, y: f(x) }));

test("of a power it is the power, whatever the factor", () => {
  expect(exponent(points((x) => 3 * x ** 2))).toBeCloseTo(2, 12);
  expect(exponent(points((x) => 0.1 * Math.sqrt(x)))).toBeCloseTo(0.5, 12);
});

test("a constant part makes it smaller", () => {
  const whole = exponent(points((x) => 1 + x));
  expect(whole).toBeGreaterThan(0.5);
  expect(whole).toBeLessThan(1);
});
