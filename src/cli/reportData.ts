/** What the report of a run shows beside its figures: mistakes, filters, what each layer makes of an image. */

import { basename, resolve } from "node:path";
import { summary } from "../analysis/summary.ts";
import { tracedLayers } from "../analysis/tracedLayers.ts";
import type { Backend } from "../backend/backend.ts";
import { NdArray } from "../base/ndarray.ts";
import { gather } from "../data/batches.ts";
import { type Dataset, slice } from "../data/dataset.ts";
import type { NamedNetwork } from "../models/registry.ts";
import type { Module } from "../nn/module.ts";
import { compile } from "../runtime/compile.ts";
import { pixelsOf } from "../train/batchwise.ts";
import { normalize } from "../train/classify.ts";
import type { Evaluation } from "../train/evaluate.ts";
import { metricsOf } from "../train/node.ts";
import { predict } from "../train/predict.ts";
import type { ReportData } from "../train/report/index.ts";
import { layersOf, leavesOf, watchedOf } from "./explain/watched.ts";
import type { Trained } from "./trainOutcome.ts";

/** Everything the report of a run shows. The network has the weights of the last epoch. */
export async function reportData(trained: Trained, model: NamedNetwork, backend: Backend): Promise<ReportData> {
  const { config, history, test } = trained;
  const evaluation = history.epochs.at(-1)!.validation!;
  const filters = firstFilters(model);
  const { layers, total } = summary(model as Module, test.imageShape);
  return {
    title: `${config.model} on ${basename(resolve(config.data.source))}`,
    model: config.model,
    dataset: config.data.source,
    date: config.started,
    seed: config.training.seed,
    threads: history.threads,
    wallSeconds: history.seconds,
    command: config.command,
    environment: config.environment,
    weightsSha256: trained.weightsSha256,
    bitExact: config.backend === "wasm",
    parameters: total.weights,
    memory: history.memory,
    epochs: history.epochs.map((e) => ({ ...metricsOf(e), testLoss: e.validation!.loss, testAccuracy: e.validation!.accuracy })),
    stepsPerEpoch: history.steps / history.epochs.length,
    steps: trained.stepLosses.map((loss, i) => ({ step: i + 1, loss })),
    classes: test.classes,
    confusion: rowsOf(evaluation.confusion),
    mistakes: await mistakes(model, test, evaluation, backend),
    ...(filters && { filters }),
    example: await example(model, test, backend),
    layers: layers.flatMap(({ name, type, outputShape, weights, multiplyAdds }) =>
      outputShape ? [{ path: name, type, outputShape, parameters: weights, multiplyAdds }] : [],
    ),
  };
}

/** A matrix as its rows. */
export const rowsOf = ({ shape: [rows = 0, columns = 0], data }: NdArray): readonly (readonly number[])[] =>
  Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);

/** Every image of `test` that is taken for another class. */
async function mistakes(
  model: NamedNetwork,
  test: Dataset,
  { predictions }: Evaluation,
  backend: Backend,
): Promise<ReportData["mistakes"]> {
  const labels = test.labels.data;
  const wrong = [...predictions.keys()].filter((i) => predictions[i] !== labels[i]);
  if (wrong.length === 0) return [];
  const images = new NdArray("u8", [wrong.length, ...test.imageShape]);
  gather(test, Int32Array.from(wrong), images.data, new Int32Array(wrong.length));
  const { probabilities } = await predict(model, images, { ...test, backend });
  const k = test.classes.length;
  return wrong.map((index, at) => ({
    index,
    image: { shape: test.imageShape, data: pixelsOf(images, at, at + 1) },
    trueClass: labels[index]!,
    predictedClass: predictions[index]!,
    probabilities: probabilities.data.subarray(at * k, (at + 1) * k),
  }));
}

/** The weights of the convolution that comes first. */
function firstFilters(model: Module): ReportData["filters"] {
  // A convolution is what has weights with kernel axes, whatever its class.
  for (const [name, state] of model.namedStates()) {
    if (state.shape.length === 4) return { path: name.replace(/\.weight$/, ""), weight: state.read() };
  }
  return undefined;
}

/** The first test image on its way through the layers: some of them, evenly from first to last, where they are many. */
async function example(model: NamedNetwork, test: Dataset, backend: Backend): Promise<NonNullable<ReportData["example"]>> {
  const image = slice(test, 0, 1);
  const layers = layersOf(model, test.imageShape);
  const shown = watchedOf(layers, undefined);
  const program = await compile(backend, { images: { shape: image.images.shape, dtype: "u8" } }, ({ images }) => {
    const { layers: all } = tracedLayers(model, normalize(images, test));
    const outputs = new Map(all.map(({ path, output }) => [path, output]));
    // The prefix keeps names that look like numbers in their order.
    return Object.fromEntries(shown.map((path) => [`at ${path}`, outputs.get(path)!]));
  });
  const values: ReadonlyMap<string, NdArray> = new Map(Object.entries(await program.run({ images: image.images.data })));
  await program.close();
  const { probabilities } = await predict(model, image.images, { ...test, backend });
  return {
    index: 0,
    image: { shape: test.imageShape, data: image.images.data },
    trueClass: image.labels.data[0]!,
    probabilities: probabilities.data,
    layers: leavesOf(layers).length,
    maps: [...values].map(([key, { shape, data }]) => {
      const path = key.slice("at ".length);
      return { path, type: layers.get(path)!.type, values: { shape: shape.slice(1), data } };
    }),
  };
}
