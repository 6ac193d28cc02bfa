import type { FeatureMaps, Filters, Numbers } from "../data.ts";

/** Everything that the page about one network and one image shows. Plain data, as for the report of a training. */
export interface Explanation {
  /** The page's heading. */
  readonly title: string;
  /** `lenet5` */
  readonly model: string;
  /** File of the weights. */
  readonly weights: string;
  /** `image 3 of strokes test`, or a file. */
  readonly imageName: string;
  /** u8 [c, h, w]. */
  readonly image: Numbers;
  readonly classes: readonly string[];
  /** One per class, summing to 1. */
  readonly probabilities: ArrayLike<number>;
  /** Index of the class that is explained, and of the image's own if it is known. */
  readonly target: number;
  readonly trueClass?: number;
  /** The network's output for the target, before any softmax. */
  readonly score: number;
  readonly pixels: readonly PixelMap[];
  /** What could not be shown, and why. */
  readonly omitted: readonly Omitted[];
  /** In order of their run. */
  readonly maps: readonly FeatureMaps[];
  /** Layers that would be among `maps` if they were not so many. */
  readonly leftOut: number;
  readonly filters: readonly Filters[];
  readonly wanted: readonly WantedImages[];
  readonly checks: readonly Check[];
  /** What to type to make the page again. */
  readonly command: string;
}

/** What a method says of each pixel. */
export interface PixelMap {
  /** Its name for --method. */
  readonly method: string;
  readonly title: string;
  /** What its numbers say. */
  readonly what: string;
  readonly source: string;
  /** Whether numbers may be below zero. */
  readonly signed: boolean;
  /** [h, w]. */
  readonly map: Numbers;
  readonly note?: string;
}

export interface Omitted {
  readonly method: string;
  readonly why: string;
}

/** Images that channels of a layer answer to most. */
export interface WantedImages {
  /** Empty for the network itself, whose channels are the classes. */
  readonly path: string;
  readonly type: string;
  /** u8 [n, c, h, w]. */
  readonly images: Numbers;
  /** Of each image: its channel, its name, and how strongly the channel answered at each step. */
  readonly channels: readonly WantedChannel[];
  /** Channels of the layer. */
  readonly of: number;
}

export interface WantedChannel {
  readonly channel: number;
  readonly name: string;
  readonly activations: readonly number[];
}

/** How much of a method's explanation is left when layers lose what they have learnt, from the last to the first. */
export interface Check {
  readonly method: string;
  readonly title: string;
  readonly layers: readonly { readonly path: string; readonly ofSizes: number; readonly ofValues: number }[];
}
