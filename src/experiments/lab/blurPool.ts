import { f32 } from "../../base/ndarray.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import { Module } from "../../nn/module.ts";
import { conv } from "../../ops/conv.ts";

/**
 * Every second pixel after a blur by 1 2 1 along both axes, which takes away what would otherwise alias; no weights. Zhang, "Making
 * convolutional networks shift-invariant again", 2019.
 */
export class BlurPool extends Module {
  override forward(x: Tensor): Tensor {
    const channels = x.shape[1]!;
    const taps = [1, 2, 1].flatMap((a) => [1, 2, 1].map((b) => (a * b) / 16));
    const weight = f32([channels, 1, 3, 3], Array.from({ length: channels }, () => taps).flat());
    return conv(x, constant(weight), undefined, { stride: 2, padding: 1, groups: channels });
  }
}
