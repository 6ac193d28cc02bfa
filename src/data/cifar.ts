/**
 * CIFAR-10's binary version: records of one label byte and 3072 pixels, 1024 red, then green, then blue, 32x32 row by row.
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009).
 */
import { FormatError } from "../base/formatError.ts";
import { NdArray } from "../base/ndarray.ts";
import { checkDataset, checkLabels, type Dataset } from "./dataset.ts";
import type { NamedBytes } from "./idx.ts";

const PIXELS = 3 * 32 * 32;
const RECORD = 1 + PIXELS;

/** "truncated": not a whole number of records. "empty": none. */
export type CifarFault = "truncated" | "empty";

const CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"] as const;
const MEAN: readonly number[] = [0.49139968, 0.48215841, 0.44653091];
const STD: readonly number[] = [0.24703223, 0.24348513, 0.26158784];

/** One or more batch files (unpacked) as one data set of images [n, 3, 32, 32]. Throws FormatError, and DataError for a bad label. */
export function parseCifar10(batches: readonly NamedBytes[], name: string): Dataset<readonly [3, 32, 32], 10> {
  for (const { bytes, file } of batches) {
    const rest = bytes.length % RECORD;
    if (bytes.length === 0)
      throw new FormatError<CifarFault>(file, "empty", `a batch needs at least one record, got 0 bytes. Fetch the file again.`);
    if (rest === 0) continue;
    const message = `length must be a multiple of ${RECORD} bytes (label, 3x32x32 pixels), got ${bytes.length}, ${rest} too many. `;
    throw new FormatError<CifarFault>(file, "truncated", `${message}Give a batch of the binary version, or fetch the file again.`);
  }
  const n = batches.reduce((sum, { bytes }) => sum + bytes.length / RECORD, 0);
  const images = new NdArray("u8", [n, 3, 32, 32]);
  const labels = new NdArray("i32", [n]);
  let image = 0;
  for (const { bytes, file } of batches) {
    const first = image;
    for (let at = 0; at < bytes.length; at += RECORD, image++) {
      labels.data[image] = bytes[at]!;
      images.data.set(bytes.subarray(at + 1, at + RECORD), image * PIXELS);
    }
    checkLabels(labels.data.subarray(first, image), CLASSES.length, file);
  }
  return checkDataset({ name, images, labels, classes: CLASSES, imageShape: [3, 32, 32] as const, mean: MEAN, std: STD });
}
