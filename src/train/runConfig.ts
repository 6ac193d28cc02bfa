import { FormatError } from "../base/formatError.ts";
import type { FlipAndCrop } from "../data/augment/flipAndCrop.ts";
import type { ImageShape } from "../data/dataset.ts";

/** How a run was made: config.json. Enough to make the network again and to repeat the training. */
export interface RunConfig {
  /** Version of the library. */
  readonly fovea: string;
  /** When the run started, in ISO 8601. */
  readonly started: string;
  /** What to type to repeat it. */
  readonly command: string;
  /** Name in the zoo. */
  readonly model: string;
  readonly data: RunData;
  readonly training: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly optimizer: string;
    readonly lr: number;
    readonly momentum: number;
    readonly weightDecay: number;
    readonly schedule: string;
    /** Epochs in which the learning rate grows, before the schedule. */
    readonly warmup: number;
    readonly augment: Required<FlipAndCrop>;
    readonly seed: number;
  };
  readonly backend: string;
  readonly threads: number;
  /** Name and value of whatever describes the machine. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What the network was trained on, and needs to know of any image. */
export interface RunData {
  /** A known name, or the path of a folder. */
  readonly source: string;
  readonly trainImages: number;
  readonly testImages: number;
  /** Name of the test set: `cifar-10 test (data_batch_5.bin, held out)`. */
  readonly testedOn: string;
  readonly classes: readonly string[];
  readonly imageShape: ImageShape;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** "json": not JSON. "field": something needed is missing or of a wrong kind. */
export type RunConfigFault = "json" | "field";

/** Reads config.json, of which only what is needed to make the network again is checked. Throws FormatError. */
export function parseConfig(text: string, file: string): RunConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError<RunConfigFault>(file, "json", `a run's config must be JSON, got ${String(cause)}. Train again.`, { cause });
  }
  const config = value as { readonly [K in keyof RunConfig]?: unknown } | null;
  const data = config?.data as { readonly [K in keyof RunData]?: unknown } | null | undefined;
  const need = (field: string, found: unknown, fits: boolean): void => {
    if (fits) return;
    const shown = JSON.stringify(found)?.slice(0, 60);
    throw new FormatError<RunConfigFault>(file, "field", `a run's config needs ${field}, got ${shown}. Train again.`);
  };
  const list = (x: unknown, type: "number" | "string"): x is unknown[] => Array.isArray(x) && x.every((v) => typeof v === type);
  need("model, a name", config?.model, typeof config?.model === "string");
  need("data.source, a name or folder", data?.source, typeof data?.source === "string");
  need("data.classes, a list of names", data?.classes, list(data?.classes, "string"));
  const shape = data?.imageShape;
  need("data.imageShape, three sizes", shape, list(shape, "number") && shape.length === 3);
  const [channels] = shape as ImageShape;
  for (const field of ["mean", "std"] as const) {
    const numbers = data?.[field];
    need(`data.${field}, one number for each of ${channels} channels`, numbers, list(numbers, "number") && numbers.length === channels);
  }
  return value as RunConfig;
}
