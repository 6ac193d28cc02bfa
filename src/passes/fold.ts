/** Graph to graph: what follows from constants alone is computed now. */
import { BYTES } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import { sizeOf } from "../base/shape.ts";
import type { Graph } from "../ir/graph.ts";
import { constant, type Tensor } from "../ir/tensor.ts";
import { rewrite } from "./rewrite.ts";

/** Larger results stay computed: a constant takes memory for good. */
const MOST_BYTES = 4096;

export function fold(graph: Graph): Graph {
  return rewrite(graph, ({ op, inputs, attrs, output }) => {
    const values = inputs.map(constantOf);
    const bytes = sizeOf(output.shape) * BYTES[output.dtype];
    // Repeats of a constant are cheaper as views than as arrays.
    if (bytes > MOST_BYTES || op.facts.repeats || !values.every((v) => v !== undefined)) return undefined;
    const out = { shape: output.shape, data: new Float64Array(sizeOf(output.shape)) };
    op.reference(
      values.map((v) => ({ shape: v.shape, data: Float64Array.from(v.data) })),
      out,
      attrs,
    );
    const value = new NdArray(output.dtype, output.shape);
    value.data.set(out.data);
    return constant(value);
  });
}

const constantOf = (t: Tensor): NdArray | undefined => (t.source.kind === "constant" ? t.source.value : undefined);
