/** Reads golden vectors: a JSON file that says where each tensor lies in the safetensors file beside it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../../src/base/formatError.ts";
import { NdArray, type Shape } from "../../src/index.ts";
import type { NetInfo } from "./netCases.ts";

export type Tensors = Readonly<Record<string, NdArray>>;

/** One op case: inputs, and what PyTorch made of them in f64. */
export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  /** d(sum(y * dy)) / d(input), by input. */
  readonly grads: Tensors;
  /** Largest error of PyTorch's own f32 run: by output, and by "d" + input for gradients. */
  readonly f32_err: Readonly<Record<string, number>>;
  /** Exact learning rates of a schedule. */
  readonly lr_f64?: readonly number[];
}

interface TensorRef {
  readonly shape: Shape;
  readonly dtype: string;
  /** From the start of the file, in bytes. */
  readonly offset: number;
  readonly nbytes: number;
}

type TensorRefs = Readonly<Record<string, TensorRef>>;

/** The op cases of a folder that holds manifest.json and tensors.safetensors. */
export async function readCases(dir: string): Promise<GoldenCase[]> {
  const file = join(dir, "manifest.json");
  const { cases } = (await readJson(file)) as { readonly cases?: readonly Record<string, unknown>[] };
  if (!Array.isArray(cases)) throw new FormatError(file, "manifest", "has no list of cases");
  const bytes = await readFile(join(dir, "tensors.safetensors"));
  return cases.map((c) => {
    const part = (key: string): Tensors => readTensors(file, bytes, (c[key] ?? {}) as TensorRefs);
    const head = c as unknown as GoldenCase;
    return { ...head, f32_err: head.f32_err ?? {}, inputs: part("inputs"), outputs: part("outputs"), grads: part("grads") };
  });
}

/** One network: the facts in its JSON file and its tensors. */
export async function readNet(dir: string, name: string): Promise<{ readonly info: NetInfo; readonly tensors: Tensors }> {
  const file = join(dir, `${name}.json`);
  const json = (await readJson(file)) as NetInfo & { readonly tensors?: TensorRefs };
  if (typeof json.net !== "string") throw new FormatError(file, "manifest", "does not say which net it is");
  const bytes = await readFile(join(dir, `${name}.safetensors`));
  return { info: json, tensors: readTensors(file, bytes, json.tensors ?? {}) };
}

async function readJson(file: string): Promise<object> {
  const text = await readFile(file, "utf8");
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw new FormatError(file, "json", `is not JSON: ${(error as Error).message}`);
  }
}

function readTensors(file: string, bytes: Uint8Array, refs: TensorRefs): Tensors {
  return Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, readTensor(file, bytes, name, ref)]));
}

function readTensor(file: string, bytes: Uint8Array, name: string, { shape, dtype, offset, nbytes }: TensorRef): NdArray {
  if (dtype !== "f32" && dtype !== "i32") throw new FormatError(file, "dtype", `tensor ${name} must be f32 or i32, got ${dtype}`);
  if (offset + nbytes > bytes.length) {
    throw new FormatError(file, "offset", `tensor ${name} must lie inside its file of ${bytes.length} bytes, got ${offset} + ${nbytes}`);
  }
  // A copy, because a file's buffer need not start at a multiple of four.
  const own = Uint8Array.from(bytes.subarray(offset, offset + nbytes)).buffer;
  return dtype === "f32" ? new NdArray("f32", shape, new Float32Array(own)) : new NdArray("i32", shape, new Int32Array(own));
}
