/** Rectifiers that let some of the negative side through. */
import { sameShape, showShape } from "../base/shape.ts";
import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose, mul as times } from "../kernel/expr.ts";
import { mul } from "./arithmetic.ts";
import { definePointwise } from "./pointwise.ts";
import { uniform } from "./random.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { sumTo } from "./sum.ts";

type Slope = { readonly slope: number };

export const leakyReluOp: Op<Slope> = definePointwise<Slope>({
  name: "leakyRelu",
  value: ([x], { slope }) => (x! > 0 ? x! : slope * x!),
  expr: ([x], { slope }) => choose("gt", x!, c(0), x!, times(x!, c(slope))),
  // PyTorch: zero belongs to the negative side.
  grad: (dy, { inputs: [x], attrs: { slope } }) => [select("gt", x!, 0, dy, mul(dy, slope))],
});

/** leakyRelu whose slope is an input, broadcast. */
export const preluOp: Op = definePointwise({
  name: "prelu",
  value: ([x, slope]) => (x! > 0 ? x! : slope! * x!),
  expr: ([x, slope]) => choose("gt", x!, c(0), x!, times(x!, slope!)),
  grad: (dy, { inputs: [x, slope] }) => [
    sumTo(select("gt", x!, 0, dy, mul(dy, slope!)), x!.shape),
    sumTo(select("gt", x!, 0, 0, mul(dy, x!)), slope!.shape),
  ],
});

/** x where it is positive, else slope * x. PyTorch's leaky_relu. */
export const leakyRelu = (x: Tensor, slope = 0.01): Tensor => apply(leakyReluOp, [x], { slope });

/**
 * x where it is positive, else weight * x, with one weight for all ([1]) or one for each channel of x [n, c, ...] ([c]).
 * PyTorch's prelu.
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  // PyTorch: the channel axis is the second; without one there is a single channel.
  const channels = x.shape[1] ?? 1;
  if (!sameShape(weight.shape, [1]) && !sameShape(weight.shape, [channels])) {
    throw new OpError("prelu", `weight must be [1] or [${channels}] for an input of ${showShape(x.shape)}, got ${showShape(weight.shape)}`);
  }
  const slope = x.shape.length > 1 ? [weight.shape[0]!, ...x.shape.slice(2).map(() => 1)] : [];
  return apply(preluOp, [x, reshape(weight, slope)], {});
}

/** x where it is positive, else x times a random slope between `lower` and `upper`, another for each element. PyTorch's rrelu in training. */
export const randomRelu = (x: Tensor, key: Tensor, lower: number = 1 / 8, upper: number = 1 / 3): Tensor =>
  apply(preluOp, [x, uniform(x.shape, key, lower, upper)], {});

/** leakyRelu with the middle of the slopes that `randomRelu` draws. PyTorch's rrelu in evaluation. */
export const rrelu = (x: Tensor, lower: number = 1 / 8, upper: number = 1 / 3): Tensor => leakyRelu(x, (lower + upper) / 2);
