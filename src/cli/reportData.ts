/** What the report of a run shows beside its figures: mistakes, filters, what each layer makes of an image. */

import { summary } from "../analysis/summary.ts";
import type { Backend } from "../backend/backend.ts";
import { NdArray } from "../base/ndarray.ts";
import { gather } from "../data/batches.ts";
import { type Dataset, slice } from "../data/dataset.ts";
import type { Tensor } from "../ir/tensor.ts";
import { withTrace } from "../ir/trace.ts";
import type { Module } from "../nn/module.ts";
import { compile } from "../runtime/compile.ts";
import { pixelsOf } from "../train/batchwise.ts";
import { normalize } from "../train/classify.ts";
import type { Evaluation } from "../train/evaluate.ts";
import { predict } from "../train/predict.ts";
import type { ReportData } from "../train/report/index.ts";
import type { AnyNetwork } from "./network.ts";

/** The part of the report that has to be computed. */
type Computed = Pick<ReportData, "classes" | "confusion" | "mistakes" | "filters" | "example" | "layers">;

/** `evaluation` is the network's on `test`. */
export async function reportData(model: AnyNetwork, test: Dataset, evaluation: Evaluation, backend: Backend): Promise<Computed> {
  const { classes, imageShape } = test;
  const confusion = classes.map((_, k) => [...evaluation.confusion.data.subarray(k * classes.length, (k + 1) * classes.length)]);
  const layers = summary(model as Module, imageShape).rows.flatMap(({ output, ...row }) =>
    output ? [{ ...row, outputShape: output }] : [],
  );
  const filters = firstFilters(model);
  return {
    classes,
    confusion,
    mistakes: await mistakes(model, test, evaluation, backend),
    ...(filters && { filters }),
    example: await example(model, test, backend),
    layers,
  };
}

/** Every image of `test` that is taken for another class. */
async function mistakes(model: AnyNetwork, test: Dataset, { predictions }: Evaluation, backend: Backend): Promise<ReportData["mistakes"]> {
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

/** The first test image on its way through the layers. */
async function example(model: AnyNetwork, test: Dataset, backend: Backend): Promise<NonNullable<ReportData["example"]>> {
  const image = slice(test, 0, 1);
  const program = await compile(backend, { images: { shape: image.images.shape, dtype: "u8" } }, ({ images }) => {
    const outputs = new Map<string, Tensor>();
    const onModule = (path: string, module: object, output: Tensor): void => {
      const isLeaf = ![...(module as Module).namedChildren()].some(([, child]) => "forward" in child);
      // The prefix keeps names that look like numbers in their order.
      if (isLeaf) outputs.set(`at ${path}`, output);
    };
    withTrace({ mode: "eval", updates: new Map(), onModule }, () => model.forward(normalize(images, test) as never));
    return Object.fromEntries(outputs);
  });
  const values: ReadonlyMap<string, NdArray> = new Map(Object.entries(await program.run({ images: image.images.data })));
  await program.close();
  const { probabilities } = await predict(model, image.images, { ...test, backend });
  const types = new Map(summary(model as Module, test.imageShape).rows.map(({ path, type }) => [path, type]));
  return {
    index: 0,
    image: { shape: test.imageShape, data: image.images.data },
    trueClass: image.labels.data[0]!,
    probabilities: probabilities.data,
    maps: [...values].map(([key, { shape, data }]) => {
      const path = key.slice("at ".length);
      return { path, type: types.get(path) ?? "", values: { shape: shape.slice(1), data } };
    }),
  };
}
