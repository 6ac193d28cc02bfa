import fc from "fast-check";
import { input } from "../../src/index.ts";
import { linear, matmul as matmulFn } from "../../src/ops/matmul.ts";
import { int } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type Attrs = { readonly transposeA: boolean; readonly transposeB: boolean };

const product = (m: number, k: number, n: number, transposeA: boolean, transposeB: boolean): OpCase<Attrs> => ({
  inputs: [f32Input(transposeA ? [k, m] : [m, k]), f32Input(transposeB ? [n, k] : [k, n])],
  attrs: { transposeA, transposeB },
});

export const matmul: OpCases<Attrs> = {
  fixed: [
    product(1, 1, 1, false, false),
    product(3, 5, 7, false, false),
    product(3, 5, 7, true, false),
    product(3, 5, 7, false, true),
    product(3, 5, 7, true, true),
    product(5, 33, 10, false, true),
    product(1, 16, 24, false, true),
    // Register tiles filled, with a rest.
    product(13, 37, 45, false, false),
    product(64, 84, 10, false, true),
  ],
  random: fc.tuple(int(1, 14), int(1, 19), int(1, 35), fc.boolean(), fc.boolean()).map((all) => product(...all)),
  wrong: {
    "inner sizes that differ": () => matmulFn(input("a", [2, 3]), input("b", [4, 5])),
    "three axes": () => matmulFn(input("a", [2, 3, 4]), input("b", [4, 5])),
    "linear: features that differ": () => linear(input("x", [2, 256]), input("w", [10, 400])),
    "linear: a bias of another size": () => linear(input("x", [2, 3]), input("w", [4, 3]), input("b", [3])),
    "linear: a bias that would be repeated": () => linear(input("x", [2, 3]), input("w", [4, 3]), input("b", [1])),
    "linear: a bias that would widen the result": () => linear(input("x", [2, 3]), input("w", [1, 3]), input("b", [5])),
    integers: () => matmulFn(input("a", [2, 3], "i32"), input("b", [3, 2], "i32")),
  },
};
