/** Losses of classifiers: the surprise at the right class. */
import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { add, div, mul, neg } from "./arithmetic.ts";
import { expand } from "./expand.ts";
import { pick } from "./pick.ts";
import type { Reduction } from "./reduceLoss.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { logSoftmax } from "./softmax.ts";
import { sum } from "./sum.ts";
import { toFloat } from "./toFloat.ts";

export interface NllLossOptions {
  /** [classes]: how much each class counts. Default: all 1. */
  readonly weight?: Tensor | undefined;
  /** Targets of this value do not count. Default -100. */
  readonly ignoreIndex?: number;
  /** Default "mean": over the targets that count, each as often as its class weighs. */
  readonly reduction?: Reduction;
}

export interface CrossEntropyOptions extends NllLossOptions {
  /** This share of each target goes evenly to all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of scores x [n, classes, ...space] against the right classes, target [n, ...space] (i32), or against
 * probabilities of all classes, target like x (f32). PyTorch's cross_entropy.
 *
 * A target that is no class, and not `ignoreIndex`, counts with loss 0: a program cannot fail while it runs.
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const smoothing = options.labelSmoothing ?? 0;
  if (!(smoothing >= 0 && smoothing <= 1)) throw new OpError("crossEntropy", `labelSmoothing must be in [0, 1], got ${smoothing}`);
  if (x.shape.length < 2) throw new OpError("crossEntropy", `scores must be [batch, classes, ...space], got ${showShape(x.shape)}`);
  const logp = logSoftmax(x, 1);
  return target.dtype === "f32"
    ? againstProbabilities(logp, target, smoothing, options)
    : againstClasses("crossEntropy", logp, target, smoothing, options);
}

/** Minus the log-probability x [n, classes, ...space] of the right class, target [n, ...space] (i32). PyTorch's nll_loss. */
export function nllLoss(x: Tensor, target: Tensor, options: NllLossOptions = {}): Tensor {
  if (x.shape.length < 2) throw new OpError("nllLoss", `log-probabilities must be [batch, classes, ...space], got ${showShape(x.shape)}`);
  return againstClasses("nllLoss", x, target, 0, options);
}

function againstClasses(op: string, logp: Tensor, target: Tensor, smoothing: number, options: NllLossOptions): Tensor {
  const { ignoreIndex = -100, reduction = "mean" } = options;
  const classes = logp.shape[1]!;
  const expected = [logp.shape[0]!, ...logp.shape.slice(2)];
  if (target.dtype !== "i32" || !sameShape(target.shape, expected)) {
    const probabilities = op === "crossEntropy" ? `, or f32 probabilities ${showShape(logp.shape)}` : "";
    throw new OpError(op, `target must be i32 ${showShape(expected)}${probabilities}, got ${target.dtype} ${showShape(target.shape)}`);
  }
  const weight = classWeights(op, logp, options.weight);
  const valid = select("ne", toFloat(target), ignoreIndex, 1, 0);
  // What is picked where the target is no class is zero already.
  const unlessIgnored = (t: Tensor): Tensor => (ignoreIndex >= 0 && ignoreIndex < classes ? mul(t, valid) : t);
  const counted = weight && unlessIgnored(pick(expand(weight, logp.shape), target, 1));
  const surprise = pick(logp, target, 1);
  let losses = neg(counted ? mul(surprise, counted) : unlessIgnored(surprise));
  if (smoothing > 0) {
    const all = neg(mul(sum(weight ? mul(logp, weight) : logp, [1]), valid));
    losses = add(mul(losses, 1 - smoothing), mul(all, smoothing / classes));
  }
  if (reduction === "none") return losses;
  // PyTorch: the mean is over the weights of the targets, for the smoothed part too.
  return reduction === "sum" ? sum(losses) : div(sum(losses), sum(counted ?? valid));
}

function againstProbabilities(logp: Tensor, target: Tensor, smoothing: number, options: NllLossOptions): Tensor {
  if (!sameShape(target.shape, logp.shape)) {
    throw new OpError("crossEntropy", `probabilities must be ${showShape(logp.shape)} as the scores are, got ${showShape(target.shape)}`);
  }
  const { reduction = "mean" } = options;
  const classes = logp.shape[1]!;
  const smooth = smoothing > 0 ? add(mul(target, 1 - smoothing), smoothing / classes) : target;
  const weight = classWeights("crossEntropy", logp, options.weight);
  const losses = neg(sum(mul(weight ? mul(logp, weight) : logp, smooth), [1]));
  if (reduction === "none") return losses;
  // PyTorch: the mean is over the targets, whatever the classes weigh.
  return reduction === "sum"
    ? sum(losses)
    : div(
        sum(losses),
        losses.shape.reduce((n, extent) => n * extent, 1),
      );
}

/** [classes] as [1, classes, 1, ...]. */
function classWeights(op: string, logp: Tensor, weight: Tensor | undefined): Tensor | undefined {
  if (!weight) return undefined;
  const classes = logp.shape[1]!;
  if (!sameShape(weight.shape, [classes]))
    throw new OpError(op, `weight must be [${classes}] for ${classes} classes, got ${showShape(weight.shape)}`);
  return reshape(weight, [1, classes, ...logp.shape.slice(2).map(() => 1)]);
}
