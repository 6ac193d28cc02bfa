/**
 * The reference backend: each op's plain loops, one after the other, every number in f64. No passes, no arena, no lowering:
 * as stupid as possible, so that it stays independent evidence.
 */
import { present } from "../../base/assert.ts";
import { NdArray } from "../../base/ndarray.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Graph } from "../../ir/graph.ts";
import type { Values } from "../../ir/op.ts";
import type { State } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";

/** Values of every node of the graph. `leaf` gives those of inputs and states. */
export function interpret(graph: Graph, leaf: (t: Tensor) => Float64Array): Map<Tensor, Values> {
  const values = new Map<Tensor, Values>();
  for (const t of graph.nodes) {
    const { source } = t;
    if (source.kind === "op") {
      const out: Values = { shape: t.shape, data: new Float64Array(sizeOf(t.shape)) };
      const inputs = source.inputs.map((x) => present(values.get(x), "an input's value"));
      source.op.reference(inputs, out, source.attrs);
      values.set(t, out);
    } else {
      const data = source.kind === "constant" ? Float64Array.from(source.value.data) : leaf(t);
      values.set(t, { shape: t.shape, data });
    }
  }
  return values;
}

/** The values in their element type: rounded to f32 or cut to integers. */
export function rounded(t: Tensor | State, data: Float64Array): NdArray {
  const array = new NdArray(t.dtype, t.shape);
  array.data.set(data);
  return array;
}
