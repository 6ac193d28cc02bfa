import fc from "fast-check";
import { input } from "../../src/index.ts";
import { bmm as bmmFn } from "../../src/ops/bmm.ts";
import { int } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type Attrs = { readonly transposeA: boolean; readonly transposeB: boolean };

const products = (b: number, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): OpCase<Attrs> => ({
  inputs: [f32Input(transposeA ? [b, k, m] : [b, m, k]), f32Input(transposeB ? [b, n, k] : [b, k, n])],
  attrs: { transposeA, transposeB },
});

export const bmm: OpCases<Attrs> = {
  fixed: [
    products(1, 1, 1, 1, false, false),
    products(3, 4, 5, 6, false, false),
    products(3, 4, 5, 6, true, false),
    products(3, 4, 5, 6, false, true),
    products(3, 4, 5, 6, true, true),
    // Register tiles filled, with a rest.
    products(2, 13, 37, 21, false, false),
  ],
  random: fc.tuple(int(1, 4), int(1, 10), int(1, 12), int(1, 18), fc.boolean(), fc.boolean()).map((all) => products(...all)),
  wrong: {
    "inner sizes that differ": () => bmmFn(input("a", [2, 3, 4]), input("b", [2, 5, 6])),
    "other numbers of matrices": () => bmmFn(input("a", [2, 3, 4]), input("b", [3, 4, 6])),
    "single matrices": () => bmmFn(input("a", [3, 4]), input("b", [4, 5])),
    integers: () => bmmFn(input("a", [1, 2, 3], "i32"), input("b", [1, 3, 2], "i32")),
  },
};
