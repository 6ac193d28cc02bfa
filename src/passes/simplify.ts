/** Graph to graph, same values: equal nodes become one, and what an op itself calls an identity vanishes. */

import type { NdArray } from "../base/ndarray.ts";
import type { Graph } from "../ir/graph.ts";
import type { Op } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { rewrite } from "./rewrite.ts";

/** Equal subexpressions once; ops applied to what makes them the identity dropped. */
export function simplify(graph: Graph): Graph {
  const seen = new Map<string, Tensor>();
  const opIds = new Map<Op, number>();
  const constants = new Map<string, number>();
  const idOf = (t: Tensor): string => {
    if (t.source.kind !== "constant" || t.source.value.data.length > 16) return `${t.id}`;
    const key = constantKey(t.source.value);
    const id = constants.get(key) ?? constants.size;
    constants.set(key, id);
    return `c${id}`;
  };
  return rewrite(graph, ({ op, inputs, attrs, output }) => {
    const same = op.simplify?.(inputs, attrs, output);
    if (same) return same;
    const id = opIds.get(op) ?? opIds.size;
    opIds.set(op, id);
    const key = `${id}(${inputs.map(idOf).join()})${textOf(attrs)}`;
    const twin = seen.get(key);
    if (!twin) seen.set(key, output);
    return twin;
  });
}

const constantKey = (value: NdArray): string =>
  `${value.dtype}[${value.shape}]${Array.from(value.data, (x) => (Object.is(x, -0) ? "-0" : x)).join()}`;

/** An attribute as text, different for different values. JSON has one word, null, for all numbers that are not finite, and no sign for zero. */
function textOf(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : `${value}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  let text = "{";
  for (const [name, x] of Object.entries(value)) text += `${name}:${textOf(x)},`;
  return `${text}}`;
}
