/** Rectifiers that saturate on the negative side: exponential linear units. */
import { type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { constant as c, select as choose, type Expr, mul as times, unary } from "../kernel/expr.ts";
import { mul } from "./arithmetic.ts";
import { exp } from "./elementary.ts";
import { definePointwise } from "./pointwise.ts";
import { select } from "./select.ts";

type EluAttrs = {
  /** Where the negative side ends, times scale. */
  readonly alpha: number;
  readonly scale: number;
  /** What the input is multiplied by on the negative side. */
  readonly inputScale: number;
};

/** scale * x where x is positive, else scale * alpha * (e^(inputScale * x) - 1). */
export const eluOp: Op<EluAttrs> = definePointwise<EluAttrs>({
  name: "elu",
  value: ([x], { alpha, scale, inputScale }) => (x! > 0 ? scale * x! : scale * alpha * Math.expm1(inputScale * x!)),
  expr: ([x], { alpha, scale, inputScale }) =>
    choose("gt", x!, c(0), scaled(x!, scale), scaled(unary("expm1", scaled(x!, inputScale)), scale * alpha)),
  grad(dy, { inputs: [x], attrs: { alpha, scale, inputScale } }) {
    // The positive side is kept out of exp: what overflows there would be NaN in the gradient's gradient.
    const slope = mul(exp(mul(select("gt", x!, 0, 0, x!), inputScale)), scale * alpha * inputScale);
    // PyTorch: zero belongs to the negative side.
    return [mul(dy, select("gt", x!, 0, scale, slope))];
  },
});

const scaled = (e: Expr, by: number): Expr => (by === 1 ? e : times(e, c(by)));

// The fixed point of mean 0 and variance 1. Klambauer et al., "Self-normalizing neural networks", 2017.
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** x where it is positive, else alpha * (e^x - 1). PyTorch's elu. */
export const elu = (x: Tensor, alpha = 1): Tensor => apply(eluOp, [x], { alpha, scale: 1, inputScale: 1 });

/** elu with the alpha and the scale that keep mean 0 and variance 1. PyTorch's selu. */
export const selu = (x: Tensor): Tensor => apply(eluOp, [x], { alpha: SELU_ALPHA, scale: SELU_SCALE, inputScale: 1 });

/** x where it is positive, else alpha * (e^(x / alpha) - 1): smooth at zero for every alpha. PyTorch's celu. */
export function celu(x: Tensor, alpha = 1): Tensor {
  if (alpha === 0) throw new OpError("celu", "alpha must not be 0");
  return apply(eluOp, [x], { alpha, scale: 1, inputScale: 1 / alpha });
}
