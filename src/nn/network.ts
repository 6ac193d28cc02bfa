import type { Tensor } from "../ir/tensor.ts";
import type { Module } from "./module.ts";
import type { BadShape, Show, Unless } from "./shapes/message.ts";
import type { Run } from "./shapes/run.ts";
import type { Fits, Shape } from "./shapes/shape.ts";

/**
 * A network as its users see it: what goes in and what comes out, without the batch. The type of exported networks:
 *
 *     export function tiny<C extends number>(classes: C): Network<[3, number, number], [C]> { ... }
 */
export interface Network<In extends Shape, Out extends Shape> extends Module {
  forward(x: Tensor<readonly [number, ...In]>): Tensor<readonly [number, ...Out]>;
}

/** S, the shape of one input without the batch, or the message that says why network M cannot take it. */
export type InputOf<M, S extends Shape> = Unless<BadShape<Run<M, [number, ...S]>>, S>;

/** {}, or the message that says why network M cannot sort inputs of shape S into K classes. For `Unless`. */
export type BadClassifier<M, S extends Shape, K extends number> = BadScores<Run<M, [number, ...S]>, K>;
type BadScores<Y, K> = [Y] extends [readonly [unknown, infer O]]
  ? Fits<O, K> extends true
    ? {}
    : { message: `the network has ${O & number} outputs, but the data has ${K & number} classes` }
  : [Y] extends [Shape]
    ? number extends Y["length"]
      ? {}
      : { message: `the network gives ${Show<Y>}, not one score for each of ${K & number} classes` }
    : BadShape<Y>;
