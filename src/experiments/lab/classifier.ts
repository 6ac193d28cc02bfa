import { present } from "../../base/assert.ts";
import { sizeOf } from "../../base/shape.ts";
import type { ImageShape } from "../../data/dataset.ts";
import { input, type Tensor } from "../../ir/tensor.ts";
import { withTrace } from "../../ir/trace.ts";
import { Sequential } from "../../nn/layers/sequential.ts";
import type { Module } from "../../nn/module.ts";
import type { Network } from "../../nn/network.ts";
import type { NetRow } from "../report/report.ts";
import { workOf } from "./workOf.ts";

/** Images to scores. */
export type Classifier = Network<[number, number, number], [number]>;

/** These layers one after the other. Experiments build networks from data, so shapes are checked while tracing. */
export const sequence = (...layers: readonly Module[]): Classifier => new Sequential(...([...layers] as Module[])) as unknown as Classifier;

/** How many numbers these layers make of one image. */
export function featuresOf(layers: readonly Module[], imageShape: ImageShape): number {
  const shape = (sequence(...layers) as unknown as Sequential<Module[]>).outputShape([1, ...imageShape]);
  return present(shape, "a shape")
    .slice(1)
    .reduce((product: number, n) => product * present(n, "a known size"), 1);
}

/** What a network is called, what it consists of and what it costs. */
export function netRow(name: string, layers: string, model: Module, imageShape: ImageShape): NetRow {
  const parameters = model.parameters().reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const scores = withTrace({ mode: "eval", updates: new Map() }, () => model.forward(input("x", [1, ...imageShape]) as never));
  return { name, layers, parameters, multiplyAdds: workOf([scores as Tensor]) };
}
