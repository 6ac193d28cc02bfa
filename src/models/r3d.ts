import { zerosInit } from "../ir/state.ts";
import { normalInit } from "../nn/init.ts";
import { initWeights } from "../nn/initWeights.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { AdaptiveAvgPool3d } from "../nn/layers/adaptivePool.ts";
import { BatchNorm3d } from "../nn/layers/batchNorm.ts";
import { Conv3d } from "../nn/layers/conv.ts";
import { Flatten } from "../nn/layers/flatten.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Residual } from "../nn/layers/residual.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";
import { initConvs } from "./initConvs.ts";
import { type ImageModelOptions, sizesOf } from "./options.ts";
import { stage } from "./stage.ts";

/**
 * R3D-18: ResNet-18 for videos, [n, channels, frames, height, width], whose convolutions see three frames at a time. 33,371,472 weights.
 * The defaults are for the 400 classes of Kinetics.
 *
 * Tran et al., "A closer look at spatiotemporal convolutions for action recognition", 2018, with torchvision's names.
 */
export function r3d18<C extends number = 3, K extends number = 400>(
  options: ImageModelOptions<C, K> = {},
): Network<[C, number, number, number], [K]> {
  const { channels, classes } = sizesOf(options, 400);
  const network: Network<[number, number, number, number], [K]> = new Sequential(
    [
      "stem",
      new Sequential(
        new Conv3d(channels, 64, [3, 7, 7], { stride: [1, 2, 2], padding: [1, 3, 3], bias: false }),
        new BatchNorm3d(64),
        new ReLU(),
      ),
    ],
    ["layer1", stage(block(64), 2, () => block(64))],
    ["layer2", stage(reduction(64, 128), 2, () => block(128))],
    ["layer3", stage(reduction(128, 256), 2, () => block(256))],
    ["layer4", stage(reduction(256, 512), 2, () => block(512))],
    ["avgpool", new AdaptiveAvgPool3d(1)],
    ["flatten", new Flatten()],
    ["fc", new Linear(512, classes)],
  );
  return initWeights(initConvs(network), (layer) => {
    if (!(layer instanceof Linear)) return;
    layer.weight.init = normalInit(0, 0.01);
    layer.bias!.init = zerosInit;
  });
}

/** Two convolutions, and the identity around them. */
function block<C extends number>(channels: C) {
  return new Sequential(["", new Residual(["", body(channels, channels, 1)])], ["relu", new ReLU()]);
}

/** A block that halves frames, height and width, with a projection around it. */
function reduction<I extends number, O extends number>(from: I, to: O) {
  const projection = new Sequential(new Conv3d(from, to, 1, { stride: 2, bias: false }), new BatchNorm3d(to));
  return new Sequential(["", new Residual(["", body(from, to, 2)], ["downsample", projection])], ["relu", new ReLU()]);
}

function body<I extends number, O extends number, S extends number>(from: I, to: O, stride: S) {
  return new Sequential(
    ["conv1", new Sequential(new Conv3d(from, to, 3, { stride, padding: 1, bias: false }), new BatchNorm3d(to), new ReLU())],
    ["conv2", new Sequential(new Conv3d(to, to, 3, { padding: 1, bias: false }), new BatchNorm3d(to))],
  );
}
