/**
 * Random numbers in a graph. They are counter-based: each is a function of a counter and a key alone, so that any number of
 * threads draws the same, and a gradient can draw again what the forward pass drew instead of keeping it. What changes from run
 * to run (a seed, a count of steps) is an input or a state of the program.
 */
import { i32 } from "../base/ndarray.ts";
import { hashName } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import { defineOp, type Op } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { binary, constant as c, index, add as plus, mul as times, toFloat } from "../kernel/expr.ts";
import { Int } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";
import { randomBits as draw } from "../kernel/philox.ts";
import { bitsAt, checkKey } from "./drawing.ts";
import { definePointwise } from "./pointwise.ts";

/** 32 random bits of a counter and a key, all i32. */
export const randomBitsOp: Op = definePointwise({
  name: "randomBits",
  takes: ["i32", "i32"],
  gives: "i32",
  value: ([counter, key]) => draw(counter!, key!),
  expr: ([counter, key]) => binary("random", counter!, key!),
});

type UniformAttrs = { readonly shape: Shape; readonly low: number; readonly high: number };

/** Numbers between low and high: a key. */
export const uniformOp: Op<UniformAttrs> = defineOp<UniformAttrs>({
  name: "uniform",
  facts: {},
  infer([key], { shape }) {
    checkKey("uniform", key!);
    return { shape, dtype: "f32" };
  },
  grad: () => [undefined],
  reference([key], out, { low, high }) {
    for (let i = 0; i < out.data.length; i++) {
      const bits = draw(i, key!.data[0]!);
      out.data[i] = low + (Math.max(bits, -1 - bits) / 2 ** 31) * (high - low);
    }
  },
  kernel: ([key], out, { low, high }) =>
    compute("uniform", out, {}, (axes) => {
      // 31 bits, never negative, so that the smallest have all their digits as f32.
      const bits = bitsAt(axes, out.shape, key!);
      const magnitude = binary("max", bits, binary("sub", index(Int.of(-1)), bits));
      return plus(times(toFloat(magnitude), c((high - low) * 2 ** -31)), c(low));
    }),
});

/**
 * A key (a single i32) for what draws random numbers: a function of `counter`, a single i32 that is another in every run (a
 * state to be incremented, or an input), and of `purpose`, a name or a key. Different purposes give independent numbers.
 */
export const randomKey = (counter: Tensor, purpose: string | Tensor): Tensor =>
  apply(randomBitsOp, [counter, typeof purpose === "string" ? constant(i32([], [hashName(purpose)])) : purpose], {});

/** Numbers evenly spread between `low` (default 0) and `high` (default 1), another set for every key. PyTorch's rand. */
export const uniform = (shape: Shape, key: Tensor, low = 0, high = 1): Tensor => apply(uniformOp, [key], { shape, low, high });
