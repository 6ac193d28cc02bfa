import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { AuxiliaryOutput } from "../ir/trace.ts";
import { show } from "../nn/shapes/message.ts";
import { add, mul } from "../ops/arithmetic.ts";
import type { Loss } from "./evaluate.ts";

/**
 * The loss of the network's own output and, times its weight, that of each auxiliary head: what training makes smaller. Throws an
 * OpError where a head gives something else than scores [n, classes] as `scores` are.
 */
// PyTorch: the reference training of GoogLeNet, loss(main) + 0.3 * loss(aux1) + 0.3 * loss(aux2).
export function lossWithAuxiliaries(scores: Tensor, auxiliaries: readonly AuxiliaryOutput[], labels: Tensor, loss: Loss): Tensor {
  for (const { path, output } of auxiliaries) checkHead(path, output, scores);
  return auxiliaries.reduce((sum, { output, weight }) => add(sum, mul(loss(output, labels), weight)), loss(scores, labels));
}

function checkHead(path: string, { shape }: Tensor, scores: Tensor): void {
  const [n, classes] = scores.shape;
  if (shape.length !== 2 || shape[0] !== n)
    throw new OpError(path, `the auxiliary head gives ${show(shape)}, not one score for each of ${classes} classes`);
  if (shape[1] !== classes) throw new OpError(path, `the auxiliary head has ${shape[1]} outputs, but the data has ${classes} classes`);
}
