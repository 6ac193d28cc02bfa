import type { Shape } from "../../base/shape.ts";
import type { ReceptiveField } from "../receptiveField/receptiveFields.ts";

/** One layer. Numbers are for one input; a weight that is used in two places counts at the first. */
export interface SummaryLayer {
  /** Path from the root, which is "": "layer1.0.conv1". */
  readonly name: string;
  /** The class. */
  readonly type: string;
  /** Shape of the output, without the batch; null for a layer that is not used. */
  readonly outputShape: Shape | null;
  /** Numbers that are learnt. */
  readonly weights: number;
  /**
   * Outputs that are sums of others: of convolutions, products and pools. What changes each number by itself (ReLU, batch norm) or only
   * puts numbers elsewhere (Flatten) makes no new ones.
   */
  readonly units: number;
  /** One for each multiply-add and each pooled element. */
  readonly connections: number;
  /** As LeCun counts them: one more for each unit that a bias is added to. */
  readonly connectionsWithBias: number;
  /** Of convolutions and matrix products alone, forward. */
  readonly multiplyAdds: number;
  /**
   * What a unit sees of the network's input, along each axis of space; see `receptiveFields`. A dense layer sees all of it, with stride 0.
   * Null where units have no place in space: after a Flatten alone, and where nothing depends on the input.
   */
  readonly receptiveField: ReceptiveField | null;
}

/** What adds up over the layers. */
export const SUMS = ["weights", "units", "connections", "connectionsWithBias", "multiplyAdds"] as const;

/** Sums over the layers. */
export type SummarySums = { readonly [K in (typeof SUMS)[number]]: number };

/** Bytes that compiled programs allocate, exactly. */
export interface SummaryBytes {
  /** One step of training; null where the network cannot be trained with this batch. */
  readonly training: number | null;
  /** The forward pass alone. */
  readonly inference: number;
}

/** The whole network. */
export type SummaryTotal = SummarySums & { readonly bytes: SummaryBytes };

/** What the work in the backward pass is. */
export interface SummaryBackward {
  /** Multiply-adds of each layer, in the order of `layers`; null where the network cannot be trained with this batch. */
  readonly layers: readonly number[] | null;
  readonly total: number | null;
}
