/** The table of ops, derived from the exports of index.ts, so that an op cannot be missing from it. */
import type { Op } from "../ir/op.ts";
import * as exported from "./index.ts";

type Exports = typeof exported;
/** Name of every op, as exported without its "Op" ending: "conv", "maxPool". */
export type OpName = { [K in keyof Exports]: K extends `${infer N}Op` ? (Exports[K] extends Op ? N : never) : never }[keyof Exports];

/** Every op by name. */
export const OPS: { readonly [N in OpName]: Op } = Object.fromEntries(
  Object.entries(exported).flatMap(([key, value]) => (key.endsWith("Op") ? [[key.slice(0, -2), value as unknown as Op]] : [])),
) as never;
