import { nearest } from "../base/nearest.ts";
import type { Shape } from "../base/shape.ts";
import { DATA_NAMES } from "../data/loadData.ts";
import { models } from "../models/registry.ts";
import { MAX_THREADS } from "../runtime/threads.ts";
import { counted } from "../train/report/format.ts";
import { UsageError } from "./failure.ts";

/** Reads the text of an option, or throws a UsageError. */
export type Parse<T> = (text: string) => T;

/** A whole number within these limits. */
export const wholeNumber =
  (name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): Parse<number> =>
  (text) => {
    const n = Number(text);
    if (/^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(n) && n >= least && n <= most) return n;
    const limits = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new UsageError(`${name} must be a whole number ${limits}, got ${shown(text)}`);
  };

/** A number with `least < n`, or `least <= n` if `inclusive`. */
export const number =
  (name: string, least: number, inclusive: boolean): Parse<number> =>
  (text) => {
    const n = Number(text);
    if (text.trim() !== "" && Number.isFinite(n) && (inclusive ? n >= least : n > least)) return n;
    throw new UsageError(`${name} must be a number ${inclusive ? "of at least" : "above"} ${least}, got ${shown(text)}`);
  };

/** One of these words. */
export const oneOf =
  <W extends string>(name: string, words: readonly W[]): Parse<W> =>
  (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const close = nearest(text, words);
    throw new UsageError(`${name} must be ${inWords(words)}, got ${shown(text)}${close ? `. Did you mean ${close}?` : ""}`);
  };

export const MODEL_NAMES: readonly string[] = Object.keys(models);

/** How --model is described. */
export const MODEL_HELP = "a model of the zoo, such as lenet5, resnet20 or vgg16_bn; `fovea models` lists them all";

/** The name of a model in the zoo: too many to list where one is misspelt. */
export const modelName =
  (name: string): Parse<string> =>
  (text) => {
    if (MODEL_NAMES.includes(text)) return text;
    const close = nearest(text, MODEL_NAMES);
    throw new UsageError(
      `${name} must be one of the models that \`fovea models\` lists, got ${shown(text)}${close ? `. Did you mean ${close}?` : ""}`,
    );
  };

/** Sizes as in 3x224x224. */
export const inputSizes: Parse<Shape> = (text) => {
  const found = text.split(/[x×,]/i).map(Number);
  if (found.every((n) => Number.isSafeInteger(n) && n > 0)) return found;
  throw new UsageError(`--input must be sizes such as 3x224x224, got ${shown(text)}`);
};

/** Throws a UsageError unless these are as many sizes as the model takes. */
export function checkSizes(model: string, sizes: Shape): void {
  const published = models[model]!.input;
  if (sizes.length === published.length) return;
  const wanted = `${counted(published.length, "size")} such as ${published.join("x")}`;
  throw new UsageError(`--input must be ${wanted}, got ${sizes.join("x")}`);
}

/** How --data is described. */
export const DATA_HELP: string = `${DATA_NAMES.join(", ")}, or a folder of idx files or CIFAR batches`;

/** Threads that an engine can have. */
export const threadCount: Parse<number> = wholeNumber("--threads", 1, MAX_THREADS);

const shown = (text: string): string => (text.trim() === "" ? '""' : text);

/** `a, b or c` */
const inWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
