import fc from "fast-check";
import { expect, test } from "vitest";
import { cosine, sine } from "../../src/base/math.ts";

test("sine and cosine are within an ulp of one of the engine's", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (x) => {
      expect(Math.abs(sine(x) - Math.sin(x))).toBeLessThanOrEqual(2.3e-16);
      expect(Math.abs(cosine(x) - Math.cos(x))).toBeLessThanOrEqual(2.3e-16);
    }),
    { numRuns: 2000 },
  );
});

test("a few bits, the same on every engine", () => {
  expect([sine(0), cosine(0), sine(1), cosine(1), sine(-2.5), cosine(100)]).toEqual([
    0, 1, 0.8414709848078965, 0.5403023058681398, -0.5984721441039564, 0.862318872287684,
  ]);
});
