/** Experiments take whatever labelled images there are: in colour, not square, with other classes. */
import { expect, test } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { RandomStream } from "../../src/base/random.ts";
import { channelStatistics, type Dataset } from "../../src/data/dataset.ts";
import { experiments } from "../../src/experiments/index.ts";
import { Lab } from "../../src/experiments/lab/lab.ts";
import { renderExperiment } from "../../src/experiments/page/page.ts";
import { runExperiment } from "../../src/experiments/record.ts";
import { wasm } from "../../src/runtime/wasm.ts";

function noise(count: number): Dataset {
  const imageShape = [3, 15, 18] as const;
  const stream = new RandomStream(1, `noise ${count}`);
  const images = new NdArray("u8", [count, ...imageShape]);
  images.data.forEach((_, i) => void (images.data[i] = stream.below(256, i)));
  const labels = new NdArray(
    "i32",
    [count],
    Int32Array.from({ length: count }, (_, i) => i % 3),
  );
  return { name: "noise", images, labels, classes: ["a", "b", "<c>"], imageShape, ...channelStatistics(images) };
}

const data = { train: noise(90), test: noise(45) };

test.each(experiments.filter(({ needsData }) => needsData).map((e) => [e.name, e] as const))("%s", async (name, experiment) => {
  const lab = new Lab({ data, seed: 2, quick: true, backend: wasm({ threads: 1 }) });
  const protocol = { experiment: name, seed: 2, quick: true, data: "noise", command: "npx fovea experiment" };
  const record = await runExperiment(experiment, lab, protocol, { threads: 1, environment: {} });
  expect(renderExperiment(record)).toContain("noise");
});
