import type { Tensor } from "../../../src/index.ts";
import type { Module } from "../../../src/nn/index.ts";

/** A network of the golden vectors. What an auxiliary head gives is told to `withAuxiliaries`. */
export interface GoldenNet extends Module {
  forward(x: Tensor): Tensor;
}

/** What a golden network is built from. */
export interface NetConfig {
  /** Its name: "resnet20". */
  readonly net: string;
  readonly config: Readonly<Record<string, number>>;
  /** [batch, channels, height, width]. */
  readonly input_shape: readonly [number, number, number, number];
  readonly classes: number;
  readonly bn: { readonly eps: number; readonly momentum: number };
}
