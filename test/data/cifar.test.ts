import { expect, test } from "vitest";
import { FormatError } from "../../src/base/formatError.ts";
import { DataError, parseCifar10 } from "../../src/data/index.ts";

/** Records of a label and pixels that count up from it. */
function batch(...labels: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(labels.length * 3073);
  labels.forEach((label, k) => {
    for (let i = 0; i < 3073; i++) bytes[k * 3073 + i] = label + i;
  });
  return bytes;
}

test("batches are joined in order", () => {
  const dataset = parseCifar10(
    [
      { bytes: batch(3, 9), file: "a" },
      { bytes: batch(0), file: "b" },
    ],
    "cifar-10 train",
  );
  expect(dataset.images.shape).toEqual([3, 3, 32, 32]);
  expect([...dataset.labels.data]).toEqual([3, 9, 0]);
  expect(dataset.images.data[0]).toBe(4);
  expect(dataset.images.data[3072 * 2]).toBe(1);
  expect(dataset.classes[9]).toBe("truck");
});

test("a damaged batch is named", () => {
  const cut = () => parseCifar10([{ bytes: batch(1, 2).subarray(0, 5000), file: "data_batch_1.bin" }], "x");
  expect(cut).toThrow(FormatError);
  expect(cut).toThrow(
    "data_batch_1.bin: length must be a multiple of 3073 bytes (label, 3x32x32 pixels), got 5000, 1927 too many. Give a batch of the binary version, or fetch the file again.",
  );
  expect(() => parseCifar10([{ bytes: batch(), file: "b" }], "x")).toThrow(
    "b: a batch needs at least one record, got 0 bytes. Fetch the file again.",
  );
  const label = () =>
    parseCifar10(
      [
        { bytes: batch(1), file: "a" },
        { bytes: batch(10), file: "b" },
      ],
      "x",
    );
  expect(label).toThrow(DataError);
  expect(label).toThrow("b: the label of image 0 must be 0 to 9, got 10.");
});
