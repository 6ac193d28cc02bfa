import fc from "fast-check";
import { expect, test } from "vitest";
import { power } from "../../src/base/power.ts";

test("powers are within a few ulps of the engine's", () => {
  const ulps = (x: number, y: number): number => Math.abs(power(x, y) - x ** y) / (2 ** -52 * x ** y);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 10, noNaN: true }), fc.double({ min: 0, max: 8, noNaN: true }), (x, y) => {
      expect(ulps(x, y)).toBeLessThan(4 + 2 * Math.abs(y * Math.log(x)));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 1.5, noNaN: true }), fc.integer({ min: 0, max: 400 }), (x, n) => {
      expect(ulps(x, n)).toBeLessThan(1 + n);
    }),
  );
});

test("zero, one, and a few bits that are the same on every engine", () => {
  expect([power(0, 0.5), power(0, 0), power(0.3, 0), power(0.1, 1)]).toEqual([0, 1, 1, 0.1]);
  expect([power(0.9, 23), power(0.7, 0.9), power(2, 0.3)]).toEqual([0.08862938119652511, 0.7254178469372199, 1.2311444133449163]);
});
