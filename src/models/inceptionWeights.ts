import { truncatedNormalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { Linear } from "../nn/layers/linear.ts";
import type { Module } from "../nn/module.ts";

/** torchvision's start values for the Inception networks: weights normal around 0, `deviation` by their module's path. */
export const inceptionWeights = <M extends Module>(network: M, deviation: (path: string) => number): M =>
  initWeights(network, (layer, path) => {
    if (layer instanceof Conv2d || layer instanceof Linear) layer.weight.init = truncatedNormalInit(0, deviation(path));
  });
