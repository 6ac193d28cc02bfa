import fc from "fast-check";
import { input } from "../../src/index.ts";
import { pow as powFn } from "../../src/ops/pow.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { f32Input, type OpCases } from "./opCase.ts";

// Whole numbers, halves and quarters, and what needs a logarithm.
const EXPONENTS = [0, 1, 2, 3, -1, -2, 5, 0.5, -0.5, 0.75, -0.75, 0.25, 2.25, -1.75, 0.3125, -2.6875, 3.0625];

export const pow: OpCases<{ readonly exponent: number }> = {
  fixed: EXPONENTS.map((exponent) => ({ inputs: [f32Input([9], "positive")], attrs: { exponent } })),
  random: fc
    .tuple(fc.constantFrom(...EXPONENTS), pointwiseCases("positive"))
    .map(([exponent, { inputs }]) => ({ inputs, attrs: { exponent } })),
  // e^(p log x): the logarithm's roundings times p log x, up to 2.9 here.
  roundings: 24,
  wrong: { "an exponent that is no number": () => powFn(input("x", [2]), Number.NaN) },
};
