import { type Init, zerosInit } from "../ir/state.ts";
import { normalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { Linear } from "../nn/layers/linear.ts";
import type { Module } from "../nn/module.ts";
import { initConvs } from "./initConvs.ts";

/** torchvision's start values for the mobile networks; `dense` gives those of dense layers' weights, by default N(0, 0.01). */
export const mobileWeights = <M extends Module>(
  network: M,
  dense: (layer: Linear<number, number>) => Init = () => normalInit(0, 0.01),
): M =>
  initWeights(initConvs(network), (layer) => {
    if (!(layer instanceof Linear)) return;
    layer.weight.init = dense(layer);
    if (layer.bias) layer.bias.init = zerosInit;
  });
