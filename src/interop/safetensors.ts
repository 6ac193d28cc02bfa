/**
 * The safetensors format: u64 header length, a JSON header `{name: {dtype, shape, data_offsets}}`, then the raw numbers, all
 * little-endian. Source: https://github.com/huggingface/safetensors#format.
 */
import { FormatError } from "../base/formatError.ts";
import type { NdArray } from "../base/ndarray.ts";
import { type Shape, showShape, sizeOf } from "../base/shape.ts";
import { STORED, type StoredDType } from "./storedDType.ts";

/** Each way in which a file can be wrong. */
export type SafetensorsFault =
  /** The file ends before its header does, or its data before the offsets do. */
  | "truncated"
  /** A header longer than the file or than the format's limit of 100 MB. */
  | "headerLength"
  /** The header is not UTF-8, not JSON, or not an object. */
  | "header"
  /** A name occurs twice. */
  | "duplicate"
  /** An entry lacks a field, or has one of a wrong kind. */
  | "entry"
  | "metadata"
  | "dtype"
  /** Offsets that overlap, leave a gap, or lie outside the data. */
  | "offsets"
  /** Offsets that do not fit the shape. */
  | "size"
  /** An integer that does not fit into 32 bits. */
  | "range";

export interface Safetensors {
  /** In the order of the header. */
  readonly tensors: Map<string, NdArray>;
  readonly metadata: { readonly [key: string]: string };
}

const HEADER_LIMIT = 100_000_000;
const DTYPE_NAMES = { f32: "F32", i32: "I32", u8: "U8" } as const;

/**
 * Writes arrays as F32, I32 and U8. The same input gives the same bytes.
 *
 * The header has the names in the order given. The data has all 4-byte elements before all bytes, so that every array is
 * aligned for readers that map the file. Throws RangeError for the name "__metadata__", which the format keeps for itself.
 */
export function toSafetensors(
  tensors: ReadonlyMap<string, NdArray> | Readonly<Record<string, NdArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const named: [string, NdArray][] = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const wide = named.filter(([, array]) => array.dtype !== "u8");
  const laid = [...wide, ...named.filter(([, array]) => array.dtype === "u8")];
  const offsets = new Map<string, readonly [number, number]>();
  let end = 0;
  for (const [name, array] of laid) {
    if (name === "__metadata__") throw new RangeError('safetensors: a tensor must not be called "__metadata__". Give it another name.');
    offsets.set(name, [end, (end += array.data.byteLength)]);
  }
  // Written piece by piece: a JavaScript object would put names that look like numbers first.
  const entries = named.map(([name, { dtype, shape }]) => {
    const entry = { dtype: DTYPE_NAMES[dtype], shape, data_offsets: offsets.get(name) };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) entries.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  for (const [name, array] of laid) {
    const at = start + offsets.get(name)![0];
    const { data } = array;
    if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) view.setFloat32(at + 4 * i, data[i]!, true);
    else if (data instanceof Int32Array) for (let i = 0; i < data.length; i++) view.setInt32(at + 4 * i, data[i]!, true);
    else bytes.set(data, at);
  }
  return bytes;
}

/**
 * Reads a whole file; the arrays share nothing with `bytes`. `file` names it in messages.
 *
 * F32, I32 and U8 come as they are; F16 and BF16 become f32 exactly; F64 becomes f32 by rounding to nearest; I64 becomes i32
 * and must fit; BOOL becomes u8. Throws FormatError for anything else the format does not allow.
 */
export function fromSafetensors(bytes: Uint8Array, file = "safetensors"): Safetensors {
  const fail = (fault: SafetensorsFault, message: string) => new FormatError<SafetensorsFault>(file, fault, message);
  if (bytes.length < 8) throw fail("truncated", `a file needs at least 8 bytes, got ${bytes.length}. Fetch it again.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = view.getBigUint64(0, true);
  const most = Math.min(HEADER_LIMIT, bytes.length - 8);
  if (long > most)
    throw fail("headerLength", `header length must be at most ${most}, got ${long}. This is no safetensors file, or it is cut short.`);
  const start = 8 + Number(long);
  const { names, header } = readHeader(bytes.subarray(8, start), file);

  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const name of names) {
    const value = header[name];
    if (name === "__metadata__") metadata = readMetadata(value, file);
    else entries.push(readEntry(name, value, file));
  }
  checkOffsets(entries, bytes.length - start, file);
  const tensors = new Map<string, NdArray>();
  for (const { name, stored, shape, begin } of entries) {
    const outOfRange = (value: bigint) => fail("range", `${name}: an I64 must fit into 32 bits, got ${value}. Convert it before.`);
    tensors.set(name, stored.read(view, start + begin, shape, outOfRange));
  }
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly stored: StoredDType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The header, and its names in the order they are written in. */
function readHeader(bytes: Uint8Array, file: string): { names: readonly string[]; header: Json } {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    const message = `header must be JSON in UTF-8, got ${String(cause)}. This is no safetensors file.`;
    throw new FormatError<SafetensorsFault>(file, "header", message, { cause });
  }
  if (!isObject(header) || !text.startsWith("{")) {
    throw new FormatError<SafetensorsFault>(
      file,
      "header",
      `header must be a JSON object, got ${text.slice(0, 40)}. This is no safetensors file.`,
    );
  }
  return { names: distinctKeys(text, file), header };
}

/** Keys of the outermost object in valid JSON, as written; JSON.parse would silently take the last of two equal ones. */
function distinctKeys(text: string, file: string): readonly string[] {
  // The keys of each object that is open; arrays have none.
  const open: Set<string>[] = [];
  let outermost: Set<string> = new Set();
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") open.push(new Set());
    else if (c === "}" || c === "]") outermost = open.pop()!;
    if (c !== '"') continue;
    const from = i;
    for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
    let next = i + 1;
    while (/\s/.test(text[next] ?? "")) next++;
    if (text[next] !== ":") continue;
    const key = JSON.parse(text.slice(from, i + 1)) as string;
    const keys = open[open.length - 1]!;
    if (keys.has(key))
      throw new FormatError<SafetensorsFault>(file, "duplicate", `each name must occur once, got "${key}" twice. Write the file anew.`);
    keys.add(key);
  }
  return [...outermost];
}

function readMetadata(value: unknown, file: string): Record<string, string> {
  if (isObject(value) && Object.values(value).every((v) => typeof v === "string")) return value as Record<string, string>;
  throw new FormatError<SafetensorsFault>(
    file,
    "metadata",
    `__metadata__ must map names to texts, got ${JSON.stringify(value)}. Write it so.`,
  );
}

function readEntry(name: string, value: unknown, file: string): Entry {
  const fail = (fault: SafetensorsFault, message: string) => new FormatError<SafetensorsFault>(file, fault, `${name}: ${message}`);
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  const isWhole = typeof dtype === "string" && Array.isArray(shape) && shape.every(isCount) && Array.isArray(offsets);
  if (!isWhole || offsets.length !== 2 || !offsets.every(isCount)) {
    const shown = JSON.stringify(value)?.slice(0, 100);
    throw fail("entry", `entry must be {dtype, shape, data_offsets: [begin, end]} with sizes of zero or more, got ${shown}.`);
  }
  const stored = STORED.get(dtype);
  if (!stored) throw fail("dtype", `dtype must be one of ${[...STORED.keys()].join(", ")}, got ${dtype}. Convert it before.`);
  const [begin, end] = offsets as [number, number];
  const size = sizeOf(shape as number[]) * stored.bytes;
  if (end - begin !== size) {
    throw fail(
      "size",
      `${dtype} of shape ${showShape(shape as number[])} needs ${size} bytes, got offsets ${begin} to ${end}. Write the file anew.`,
    );
  }
  return { name, stored, shape: shape as number[], begin, end };
}

/** The format asks that the arrays fill the data part without overlap or gap. */
function checkOffsets(entries: readonly Entry[], length: number, file: string): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      const what = begin < at ? "overlaps the array before it" : "leaves a gap before it";
      throw new FormatError<SafetensorsFault>(
        file,
        "offsets",
        `${name}: array ${what}, which ends at ${at}, got begin ${begin}. Write the file anew.`,
      );
    }
    if (end > length) {
      throw new FormatError<SafetensorsFault>(
        file,
        "truncated",
        `${name}: array ends at byte ${end} of the data, got ${length} bytes. Fetch the file again.`,
      );
    }
    at = end;
  }
  if (at !== length) {
    throw new FormatError<SafetensorsFault>(
      file,
      "offsets",
      `arrays must fill the data, which has ${length} bytes, got ${at} bytes. Write the file anew.`,
    );
  }
}
