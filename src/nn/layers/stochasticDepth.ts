import { f32 } from "../../base/ndarray.ts";
import { OpError } from "../../ir/op.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import { currentMode } from "../../ir/trace.ts";
import { mul } from "../../ops/arithmetic.ts";
import { dropout } from "../../ops/dropout.ts";
import { expand } from "../../ops/expand.ts";
import type { PartialShape, Same } from "../shapes/shape.ts";
import { RandomLayer } from "./dropout.ts";

/** What is dropped together: all elements of one example ("row"), or of the whole batch. */
export type StochasticDepthMode = "row" | "batch";

/**
 * While training, drops all of an example's elements with probability `p`, and scales those of the others by 1 / (1 - p): the body
 * of a Residual that ends with it is skipped now and then, and the network is shallower on average while it learns. torchvision's
 * StochasticDepth.
 *
 * Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", 2016.
 */
export class StochasticDepth extends RandomLayer<Same> {
  readonly type = "StochasticDepth";
  readonly p: number;
  readonly mode: StochasticDepthMode;

  constructor(p: number, mode: StochasticDepthMode = "row") {
    super();
    if (!(p >= 0 && p <= 1)) throw new OpError("StochasticDepth", `p must be in [0, 1], got ${p}`);
    if (mode !== "row" && mode !== "batch") throw new OpError("StochasticDepth", `mode must be "row" or "batch", got ${mode}`);
    this.p = p;
    this.mode = mode;
  }

  override outputShape(x: PartialShape): PartialShape {
    return x;
  }

  protected override apply(x: Tensor): Tensor {
    if (currentMode() !== "train" || this.p === 0) return x;
    const one = constant(f32([], [1]));
    const together = x.shape.map((n, d) => (d === 0 && this.mode === "row" ? n : 1));
    return mul(x, dropout(expand(one, together), this.p, this.key()));
  }
}
