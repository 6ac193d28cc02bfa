/** fovea/nn: layers and what networks are made of. */
export { fanInInit, uniformInit } from "./init.ts";
export { Layer } from "./layer.ts";
export { Elementwise, Identity, ReLU, Sigmoid, Tanh } from "./layers/activation.ts";
export { Conv1d, Conv2d } from "./layers/conv.ts";
export { Flatten } from "./layers/flatten.ts";
export { Linear } from "./layers/linear.ts";
export { AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "./layers/pool.ts";
export { type Child, Sequential } from "./layers/sequential.ts";
export { LogSoftmax, Softmax } from "./layers/softmax.ts";
export { Module } from "./module.ts";
export type { BadClassifier, InputOf, Network } from "./network.ts";
export type { Unless } from "./shapes/message.ts";
export { Misfit } from "./shapes/message.ts";
export type { PartialShape, Same, Shape, ShapeFn } from "./shapes/shape.ts";
