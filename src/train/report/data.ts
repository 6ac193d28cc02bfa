import type { MemoryReport } from "../../backend/backend.ts";
import type { Shape } from "../../base/shape.ts";

/**
 * Everything the report of one training run shows. Plain data: with `data` of each array as a list of numbers it survives
 * JSON. A number that is not finite (a loss that diverged) is shown as "not a number".
 */
export interface ReportData {
  /** The page's heading: `LeNet-5 on strokes`. */
  readonly title: string;
  /** `lenet5` */
  readonly model: string;
  /** `strokes` */
  readonly dataset: string;
  /** When the run started, in ISO 8601. */
  readonly date: string;
  readonly seed: number;
  readonly threads: number;
  /** From start to end of the run: training, testing and compiling. */
  readonly wallSeconds: number;
  /** What to type to repeat the run. */
  readonly command: string;
  /** Name and value of whatever describes the machine, in the order to show: `{ Node: "20.20.2", Processor: "..." }`. */
  readonly environment: Readonly<Record<string, string>>;
  /** SHA-256 of the weights file, in hex. */
  readonly weightsSha256: string;
  /** The backend promises the same bits on every machine and for every number of threads. */
  readonly bitExact: boolean;
  /** Numbers that training changes. */
  readonly parameters: number;
  /** Of the program that trains. */
  readonly memory: MemoryReport;
  /** In order; the first is epoch 1. */
  readonly epochs: readonly EpochMetrics[];
  /** Steps in one epoch: tells where on the axis a step lies. */
  readonly stepsPerEpoch: number;
  /** Loss of single steps, all or a sample, in order. */
  readonly steps: readonly StepLoss[];
  readonly classes: readonly string[];
  /** `confusion[true][predicted]`: how many test images. */
  readonly confusion: readonly (readonly number[])[];
  /** The test images whose true class was thought least likely, in any order; the page has room for 24. */
  readonly mistakes: readonly Mistake[];
  /** The first convolution's weights; absent if there is none. */
  readonly filters?: Filters;
  /** What each layer makes of one image; absent if nobody looked. */
  readonly example?: Example;
  /** In order of their run. */
  readonly layers: readonly LayerRow[];
}

/** Numbers with a shape, row-major. An NdArray is one. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Losses are means over images; accuracies lie within 0 to 1. */
export interface EpochMetrics {
  /** Mean over the epoch, while the weights were changing. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** After the epoch. */
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Of training alone. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Learning rate at the epoch's end. */
  readonly lr: number;
}

export interface StepLoss {
  /** From 1. */
  readonly step: number;
  readonly loss: number;
}

/** A test image taken for another class. */
export interface Mistake {
  /** Position in the test set. */
  readonly index: number;
  /** u8 [c, h, w]; 3 channels are red, green, blue. */
  readonly image: Numbers;
  /** Indices into `classes`. */
  readonly trueClass: number;
  readonly predictedClass: number;
  /** One per class, summing to 1. */
  readonly probabilities: ArrayLike<number>;
}

/** Weights of a convolution. */
export interface Filters {
  readonly path: string;
  /** f32 [o, c, kh, kw]. */
  readonly weight: Numbers;
}

/** One test image on its way through the network. */
export interface Example {
  readonly index: number;
  /** u8 [c, h, w]. */
  readonly image: Numbers;
  readonly trueClass: number;
  readonly probabilities: ArrayLike<number>;
  /** In order of their run. */
  readonly maps: readonly FeatureMaps[];
  /** How many layers the network has, if not all of them are among the maps. */
  readonly layers?: number;
}

/** What one layer gave for one image. */
export interface FeatureMaps {
  readonly path: string;
  /** `Conv2d` */
  readonly type: string;
  /** f32 [c, h, w], or [n] where space is gone. */
  readonly values: Numbers;
}

/** One line of the summary. */
export interface LayerRow {
  /** Empty for the network itself. */
  readonly path: string;
  readonly type: string;
  /** Of one image, without the batch axis. */
  readonly outputShape: Shape;
  readonly parameters: number;
  /** For one image, forward. */
  readonly multiplyAdds: number;
}
