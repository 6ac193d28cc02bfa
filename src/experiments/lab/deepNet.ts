import { NdArray } from "../../base/ndarray.ts";
import { RandomStream } from "../../base/random.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Dataset } from "../../data/dataset.ts";
import { normalInit } from "../../nn/init.ts";
import { ReLU } from "../../nn/layers/activation.ts";
import { GlobalAvgPool } from "../../nn/layers/adaptivePool.ts";
import { Auxiliary } from "../../nn/layers/auxiliary.ts";
import { BatchNorm2d } from "../../nn/layers/batchNorm.ts";
import { Conv2d } from "../../nn/layers/conv.ts";
import { Linear } from "../../nn/layers/linear.ts";
import { MaxPool2d } from "../../nn/layers/pool.ts";
import { Residual } from "../../nn/layers/residual.ts";
import type { Module } from "../../nn/module.ts";
import { type Classifier, sequence } from "./classifier.ts";

export interface DeepNetOptions {
  /** Convolutions after the first one, an even number. */
  readonly depth: number;
  /** Whether every two convolutions have a way around them. */
  readonly residual: boolean;
  readonly batchNorm: boolean;
  /** Weights of convolutions: PyTorch's default, or normal with variance 2 / fan-in, which keeps the size of signals through ReLUs. */
  readonly init: "default" | "he";
  /** After which of the pairs there is an auxiliary head. Default: none. */
  readonly heads?: readonly number[];
  readonly seed: number;
}

/** A deep network and its convolutions after the first one, in order, by the names of their weights. */
export interface DeepNet {
  readonly model: Classifier;
  readonly weights: readonly string[];
}

const WIDTH = 12;

/**
 * A convolution with stride 2 and max-pooling by 2, then `depth` convolutions 3 x 3 of 12 maps in pairs, then a global mean and a classifier. It has its start
 * values: those of nets that differ in nothing but their ways around are equal.
 */
export function deepNet({ imageShape, classes }: Dataset, options: DeepNetOptions): DeepNet {
  const { depth, residual, batchNorm, init, heads = [], seed } = options;
  const convs: Conv2d<number, number, 3, 1, 1>[] = [];
  const conv = (): Module[] => {
    const made = new Conv2d(WIDTH, WIDTH, 3, { padding: 1, bias: !batchNorm });
    convs.push(made);
    return batchNorm ? [made, new BatchNorm2d(WIDTH)] : [made];
  };
  const head = (): Module => sequence(new GlobalAvgPool(), new Linear(WIDTH, classes.length));
  const pair = (i: number): Module[] => {
    const body = sequence(...conv(), new ReLU(), ...conv());
    return [residual ? new Residual(body as Module) : body, new ReLU(), ...(heads.includes(i) ? [new Auxiliary(head())] : [])];
  };
  const pairs = Array.from({ length: depth / 2 }, (_, i) => pair(i)).flat();
  const stem = new Conv2d(imageShape[0], WIDTH, 3, { stride: 2, padding: 1 });
  const model = sequence(stem, new ReLU(), new MaxPool2d(2), ...pairs, head());
  const nameOf = new Map([...model.namedStates()].map(([name, state]) => [state, name]));
  convs.forEach(({ weight }, i) => {
    // Streams by place, not by name: names depend on what lies around a layer.
    const value = new NdArray("f32", weight.shape);
    if (init === "he") normalInit(0, Math.sqrt(2 / sizeOf(weight.shape.slice(1))))(value, new RandomStream(seed, `he ${i}`));
    else weight.initialize(seed, `conv ${i}`);
    if (init === "he") weight.write(value);
  });
  model.initialize(seed);
  return { model, weights: convs.map(({ weight }) => nameOf.get(weight)!) };
}
