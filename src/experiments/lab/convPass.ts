import type { ConvPass, ConvWorkload } from "../../analysis/algorithms.ts";
import { input, opOf, type Tensor } from "../../ir/tensor.ts";
import { type ConvAttrs, type ConvOptions, conv, convInputGrad, convWeightGrad } from "../../ops/conv.ts";

/** Result of one pass of a layer on one image, as the graph of the ops that the algorithm replaces the convolution by. */
export function convPass(layer: ConvWorkload, pass: ConvPass, choice: Pick<ConvOptions, "algorithm" | "tile">): Tensor {
  const { inChannels, outChannels, kernel, space, ...geometry } = layer;
  const x = input("x", [1, inChannels, ...space]);
  const w = input("w", [outChannels, inChannels / (geometry.groups ?? 1), ...kernel]);
  const y = conv(x, w, undefined, { ...geometry, ...choice });
  const attrs = opOf(y)!.attrs as unknown as ConvAttrs;
  const dy = input("dy", y.shape);
  const result = pass === "forward" ? y : pass === "inputGrad" ? convInputGrad(dy, w, x.shape, attrs) : convWeightGrad(dy, x, attrs);
  const node = opOf(result)!;
  const replaced = attrs.algorithm === undefined ? undefined : node.op.algorithm?.(attrs.algorithm, node);
  return replaced ?? result;
}
