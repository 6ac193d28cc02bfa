import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { FormatError } from "../../src/base/formatError.ts";
import { DataError, gunzip, idxDataset, parseIdx, parseIdxImages, parseIdxLabels } from "../../src/data/index.ts";

/** An idx file of this magic number, header and content. */
function idx(magic: number, header: readonly number[], content: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * header.length + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  header.forEach((extent, k) => {
    view.setUint32(4 + 4 * k, extent);
  });
  bytes.set(content, 4 + 4 * header.length);
  return bytes;
}

const IMAGES = idx(0x803, [2, 1, 3], [1, 2, 3, 4, 5, 6]);
const LABELS = idx(0x801, [2], [7, 0]);

function thrown(run: () => unknown): FormatError | DataError {
  try {
    run();
  } catch (error) {
    if (error instanceof FormatError || error instanceof DataError) return error;
    throw error;
  }
  return expect.unreachable("should have failed");
}

test("images and labels", () => {
  expect(parseIdxImages(IMAGES, "a")).toMatchObject({ dtype: "u8", shape: [2, 1, 1, 3], data: new Uint8Array([1, 2, 3, 4, 5, 6]) });
  expect(parseIdxLabels(LABELS, "b", 10)).toMatchObject({ dtype: "i32", shape: [2], data: new Int32Array([7, 0]) });
});

test("a view into a larger buffer is read from where it begins", () => {
  const padded = new Uint8Array(LABELS.length + 3);
  padded.set(LABELS, 3);
  expect([...parseIdxLabels(padded.subarray(3), "b", 10).data]).toEqual([7, 0]);
});

test("each way to be wrong has a fault and a message with file, value and remedy", () => {
  const cases: [string, () => unknown, string, string][] = [
    [
      "no header",
      () => parseIdx(new Uint8Array(3), "f"),
      "truncated",
      "f: an idx header needs at least 4 bytes, got 3. Fetch the file again.",
    ],
    [
      "magic",
      () => parseIdx(idx(0x1f8b0800, [], []), "f"),
      "magic",
      "f: magic number must be 0x0000080n (idx, unsigned bytes, rank n), got 0x1f8b0800. Give an idx file, packed (.gz) or not.",
    ],
    [
      "floats",
      () => parseIdx(idx(0xd01, [1], [0, 0, 0, 0]), "f"),
      "magic",
      "f: magic number must be 0x0000080n (idx, unsigned bytes, rank n), got 0x00000d01. Give an idx file, packed (.gz) or not.",
    ],
    [
      "rank 0",
      () => parseIdx(idx(0x800, [], [1]), "f"),
      "magic",
      "f: magic number must be 0x0000080n (idx, unsigned bytes, rank n), got 0x00000800. Give an idx file, packed (.gz) or not.",
    ],
    [
      "half a header",
      () => parseIdx(idx(0x803, [2, 1], []), "f"),
      "truncated",
      "f: an idx header of rank 3 needs 16 bytes, got 12. Fetch the file again.",
    ],
    [
      "data missing",
      () => parseIdx(IMAGES.subarray(0, 21), "f"),
      "truncated",
      "f: shape [2, 1, 3] needs 22 bytes, got 21. Fetch the file again.",
    ],
    [
      "impossible size",
      () => parseIdx(idx(0x803, [4294967295, 4294967295, 4294967295], []), "f"),
      "truncated",
      "f: shape [4294967295, 4294967295, 4294967295] needs 7.9228162458924105e+28 bytes, got 16. Fetch the file again.",
    ],
    [
      "trailing bytes",
      () => parseIdx(idx(0x801, [2], [7, 0, 9]), "f"),
      "trailing",
      "f: shape [2] ends at byte 10, got 11 bytes. The file is not what its header says; fetch it again.",
    ],
    [
      "labels as images",
      () => parseIdxImages(LABELS, "f"),
      "dimensions",
      "f: images need 3 dimensions above zero, got [2]. Give the file of images, not another one of the set.",
    ],
    [
      "images as labels",
      () => parseIdxLabels(IMAGES, "f", 10),
      "dimensions",
      "f: labels need 1 dimensions above zero, got [2, 1, 3]. Give the file of labels, not another one of the set.",
    ],
    [
      "no images",
      () => parseIdxImages(idx(0x803, [0, 28, 28], []), "f"),
      "dimensions",
      "f: images need 3 dimensions above zero, got [0, 28, 28]. Give the file of images, not another one of the set.",
    ],
    [
      "label out of range",
      () => parseIdxLabels(LABELS, "f", 7),
      "label",
      "f: the label of image 0 must be 0 to 6, got 7. The file is damaged or belongs to another data set.",
    ],
  ];
  for (const [name, run, fault, message] of cases) {
    const error = thrown(run);
    expect([error.fault, error.message], name).toEqual([fault, message]);
  }
});

test("images and labels of different number", () => {
  const description = { name: "toy", classes: ["a", "b"] as const, imageShape: [1, 1, 3] as const, mean: [0], std: [1] };
  const labels = idx(0x801, [3], [0, 1, 0]);
  const error = thrown(() => idxDataset({ bytes: IMAGES, file: "i" }, { bytes: labels, file: "l" }, description));
  expect(error.fault).toBe("count");
  expect(error.message).toBe("l: 2 images in i need 2 labels, got [3]. Take both from the same part of the data set.");
  expect(idxDataset({ bytes: IMAGES, file: "i" }, { bytes: idx(0x801, [2], [0, 1]), file: "l" }, description).labels.shape).toEqual([2]);
});

test("gzip: unpacked, passed through, or refused", async () => {
  const packed = new Uint8Array(gzipSync(LABELS));
  expect(await gunzip(packed, "f")).toEqual(LABELS);
  expect(await gunzip(LABELS, "f")).toBe(LABELS);
  const damaged = packed.slice();
  damaged[packed.length - 6]! ^= 1; // in the checksum
  for (const bytes of [packed.subarray(0, packed.length - 9), damaged]) {
    const error = await gunzip(bytes, "f").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toMatch(
      /^f: gzip stream is damaged or cut short, got \d+ bytes \(.*\)\. Fetch the file again\.$/,
    );
  }
});
