import { nearest } from "../base/nearest.ts";
import { OpError } from "../ir/op.ts";

/** The most names that a message proposes, and that it lists. */
const CLOSE = 3;
const LISTED = 60;

/** The entry of that name. Throws an OpError that says which names are near, and which there are. `what` is "layer", say. */
export function findLayer<T>(op: string, wanted: string, layers: ReadonlyMap<string, T>, what = "layer"): T {
  const found = layers.get(wanted);
  if (found !== undefined) return found;
  const names = [...layers.keys()].filter((name) => name !== "");
  const close = closeNames(wanted, names);
  const hint = close.length === 0 ? "" : ` Did you mean ${close.join(" or ")}?`;
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  const list = names.length === 0 ? "There is none" : `There are ${names.slice(0, LISTED).join(", ")}${more}`;
  throw new OpError(op, `there is no such ${what}, got "${wanted}".${hint} ${list}`);
}

/** Names that were perhaps meant: those that differ in a few letters, and those that the word is the beginning or the end of. */
function closeNames(word: string, names: readonly string[]): string[] {
  const close: string[] = [];
  for (let left = names; close.length < CLOSE; left = left.filter((name) => !close.includes(name))) {
    const next = nearest(word, left) ?? left.find((name) => word !== "" && (name.startsWith(`${word}.`) || name.endsWith(`.${word}`)));
    if (next === undefined) break;
    close.push(next);
  }
  return close;
}
