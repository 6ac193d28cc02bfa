import { NdArray } from "../../base/ndarray.ts";
import { permutation, RandomStream } from "../../base/random.ts";
import { gather } from "../../data/batches.ts";
import { countOf, type Dataset, slice } from "../../data/dataset.ts";

/** `count` images drawn without repetition; another seed draws others. All of them, in order, where there are no more. */
export function someImages(dataset: Dataset, count: number, seed: number): Dataset {
  const all = countOf(dataset);
  if (count >= all) return dataset;
  const order = permutation(all, new RandomStream(seed, `some images of ${all}`)).subarray(0, count);
  const images = new NdArray("u8", [count, ...dataset.imageShape]);
  const labels = new NdArray("i32", [count]);
  gather(dataset, order, images.data, labels.data);
  return { ...dataset, images, labels };
}

/** The first `count` images, or all where there are no more. */
export const firstImages = (dataset: Dataset, count: number): Dataset => slice(dataset, 0, Math.min(count, countOf(dataset)));
