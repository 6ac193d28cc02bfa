/**
 * The idx format of MNIST and its relatives: a big-endian header (two zero bytes, element type, rank, one u32 per axis), then
 * the elements, last axis fastest. Source: http://yann.lecun.com/exdb/mnist/, "The IDX file format".
 */
import { FormatError } from "../base/formatError.ts";
import { NdArray } from "../base/ndarray.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { checkDataset, checkLabels, type Dataset, type ImageShape } from "./dataset.ts";

/** "magic": not idx, or not of bytes. "dimensions": a rank or size that makes no images. The rest: its length is wrong. */
export type IdxFault = "magic" | "truncated" | "trailing" | "dimensions";

/** Only unsigned bytes (0x08) occur in the data sets this library reads. */
const UNSIGNED_BYTE = 0x08;

/** Any idx file of unsigned bytes. The array shares memory with `bytes`; `file` names the file in messages. Throws FormatError. */
export function parseIdx(bytes: Uint8Array<ArrayBuffer>, file: string): NdArray<"u8"> {
  const fail = (fault: IdxFault, message: string) => new FormatError<IdxFault>(file, fault, message);
  if (bytes.length < 4) throw fail("truncated", `an idx header needs at least 4 bytes, got ${bytes.length}. Fetch the file again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  const rank = magic & 0xff;
  if (magic >>> 8 !== UNSIGNED_BYTE || rank === 0) {
    const shown = `0x${magic.toString(16).padStart(8, "0")}`;
    throw fail(
      "magic",
      `magic number must be 0x0000080n (idx, unsigned bytes, rank n), got ${shown}. Give an idx file, packed (.gz) or not.`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw fail("truncated", `an idx header of rank ${rank} needs ${start} bytes, got ${bytes.length}. Fetch the file again.`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const end = start + sizeOf(shape);
  if (bytes.length < end) {
    throw fail("truncated", `shape ${showShape(shape)} needs ${end} bytes, got ${bytes.length}. Fetch the file again.`);
  }
  if (bytes.length > end) {
    throw fail(
      "trailing",
      `shape ${showShape(shape)} ends at byte ${end}, got ${bytes.length} bytes. The file is not what its header says; fetch it again.`,
    );
  }
  return new NdArray("u8", shape, bytes.subarray(start));
}

function ofRank(array: NdArray<"u8">, rank: number, what: string, file: string): NdArray<"u8"> {
  if (array.shape.length === rank && array.shape.every((extent) => extent > 0)) return array;
  const message = `${what} need ${rank} dimensions above zero, got ${showShape(array.shape)}. Give the file of ${what}, not another one of the set.`;
  throw new FormatError<IdxFault>(file, "dimensions", message);
}

/** Grey images, [n, 1, h, w]. Throws FormatError. */
export function parseIdxImages(bytes: Uint8Array<ArrayBuffer>, file: string): NdArray<"u8"> {
  const { shape, data } = ofRank(parseIdx(bytes, file), 3, "images", file);
  const [n = 0, height = 0, width = 0] = shape;
  return new NdArray("u8", [n, 1, height, width] satisfies Shape, data);
}

/** Labels, [n]. Throws FormatError, and DataError for a label of `classes` or more. */
export function parseIdxLabels(bytes: Uint8Array<ArrayBuffer>, file: string, classes: number): NdArray<"i32"> {
  const { shape, data } = ofRank(parseIdx(bytes, file), 1, "labels", file);
  checkLabels(data, classes, file);
  return new NdArray("i32", shape, Int32Array.from(data));
}

/** One idx file: its unpacked bytes, and how to name it in messages. */
export interface NamedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: string;
}

/** What a data set has beside images and labels. */
export type Description<S extends ImageShape, K extends number> = Omit<Dataset<S, K>, "images" | "labels">;

/** A pair of idx files as a data set. Throws FormatError and DataError, which name the file. */
export function idxDataset<S extends ImageShape, K extends number>(
  images: NamedBytes,
  labels: NamedBytes,
  description: Description<S, K>,
): Dataset<S, K> {
  const pixels = parseIdxImages(images.bytes, images.file);
  const numbers = parseIdxLabels(labels.bytes, labels.file, description.classes.length);
  return checkDataset({ ...description, images: pixels, labels: numbers }, { images: images.file, labels: labels.file });
}
