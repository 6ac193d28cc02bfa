import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { NormOptions } from "./batchNorm.ts";
import { moments, standardize } from "./standardize.ts";

/**
 * x normalised over its last axes, which must be `normalizedShape`, then scaled by `weight` and moved by `bias`, which have that
 * shape. PyTorch's layer_norm.
 */
export function layerNorm(x: Tensor, normalizedShape: Shape, options: NormOptions = {}): Tensor {
  const first = x.shape.length - normalizedShape.length;
  if (normalizedShape.length === 0 || first < 0 || !sameShape(x.shape.slice(first), normalizedShape)) {
    throw new OpError("layerNorm", `the last axes must be ${showShape(normalizedShape)}, got input ${showShape(x.shape)}`);
  }
  for (const [what, t] of Object.entries({ weight: options.weight, bias: options.bias })) {
    if (t && !sameShape(t.shape, normalizedShape))
      throw new OpError("layerNorm", `${what} must be ${showShape(normalizedShape)}, got ${showShape(t.shape)}`);
  }
  const statistics = moments(
    x,
    normalizedShape.map((_, d) => first + d),
  );
  return standardize(x, statistics, { weight: options.weight, bias: options.bias, eps: options.eps ?? 1e-5 });
}
