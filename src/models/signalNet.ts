import { ReLU } from "../nn/layers/activation.ts";
import { GlobalAvgPool } from "../nn/layers/adaptivePool.ts";
import { BatchNorm1d } from "../nn/layers/batchNorm.ts";
import { Conv1d } from "../nn/layers/conv.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";

/** Which signals, in how many classes. */
export interface SignalNetOptions<C extends number = number, K extends number = number> {
  /** Channels of the signals. Default 1. */
  readonly channels?: C;
  /** Classes to tell apart. Default 2. */
  readonly classes?: K;
}

/**
 * A network for signals of any length: three convolutions and a mean over time, so that it shows where in the signal each class is
 * seen. 264,962 weights for one channel and two classes.
 *
 * Wang, Yan, Oates, "Time series classification from scratch with deep neural networks: a strong baseline", 2017: the network it calls
 * FCN.
 */
export function signalNet<C extends number = 1, K extends number = 2>(options: SignalNetOptions<C, K> = {}): Network<[C, number], [K]> {
  const { classes = 2 as K } = options;
  // Any number of channels first: of a generic one the compiler cannot follow the shapes.
  const channels: number = options.channels ?? 1;
  const network: Network<[number, number], [K]> = new Sequential(
    ["conv1", block(channels, 128, 8)],
    ["conv2", block(128, 256, 5)],
    ["conv3", block(256, 128, 3)],
    ["avgpool", new GlobalAvgPool()],
    ["fc", new Linear(128, classes)],
  );
  return network;
}

/** Convolution that keeps the length, normalisation, ReLU. */
function block<I extends number, O extends number>(from: I, to: O, kernelSize: number) {
  return new Sequential(["conv", new Conv1d(from, to, kernelSize, { padding: "same" })], ["bn", new BatchNorm1d(to)], ["relu", new ReLU()]);
}
