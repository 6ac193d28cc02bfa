import { zerosInit } from "../ir/state.ts";
import { type Fan, kaimingNormalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { Conv1d, Conv2d, Conv3d } from "../nn/layers/conv.ts";
import type { Module } from "../nn/module.ts";

/**
 * Lets every convolution begin as torchvision's do that ReLUs follow: normal weights by their fan, no bias. Gives the network back.
 */
export function initConvs<M extends Module>(network: M, fan: Fan = "fanOut"): M {
  return initWeights(network, (layer) => {
    if (!(layer instanceof Conv1d || layer instanceof Conv2d || layer instanceof Conv3d)) return;
    layer.weight.init = kaimingNormalInit(fan);
    if (layer.bias) layer.bias.init = zerosInit;
  });
}
