import type { Backend } from "../../backend/backend.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { input } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { compile } from "../../runtime/compile.ts";
import type { Reach } from "../receptiveField/reach.ts";
import { reachesOf } from "../receptiveField/receptiveFields.ts";
import { layersAt, tracedLayers } from "../tracedLayers.ts";

/** A layer whose values are looked at. */
export interface RunLayer {
  readonly path: string;
  readonly type: string;
  /** Of the batch. */
  readonly shape: readonly number[];
  /** What its units see along each axis of space. */
  readonly reaches: readonly (Reach | undefined)[];
}

/** A network that gives the values of many layers at once. */
export interface LayerRunner {
  readonly layers: readonly RunLayer[];
  /** The values of each layer, in the order of `layers`. */
  run(images: NdArray): Promise<readonly NdArray[]>;
  close(): Promise<void>;
}

/** The layers at `paths`, by default all, for batches of `shape`, in eval mode. `op` is the name for errors. */
export async function layerRunner(
  op: string,
  model: Module,
  shape: readonly number[],
  paths: readonly string[] | undefined,
  backend: Backend,
): Promise<LayerRunner> {
  const x = input("x", shape);
  const traced = layersAt(op, tracedLayers(model, x), paths);
  const outputs = traced.map((l) => l.output);
  const reaches = reachesOf(outputs, x);
  // Layers that give the same tensor are one output.
  const first = outputs.map((t) => outputs.indexOf(t));
  const program = await compile(backend, { x: shape }, ({ x }) => {
    const again = layersAt(op, tracedLayers(model, x), paths);
    return Object.fromEntries(again.flatMap((l, i) => (first[i] === i ? [[`${i}`, l.output]] : [])));
  });
  return {
    layers: traced.map(({ path, type, output }) => ({ path, type, shape: output.shape, reaches: reaches.get(output) ?? [] })),
    async run(images): Promise<readonly NdArray[]> {
      const values = await program.run({ x: images });
      return first.map((i) => values[`${i}`]!);
    },
    close: () => program.close(),
  };
}
