import { nearest } from "../base/nearest.ts";
import { OpError } from "../ir/op.ts";
import type { Module } from "./module.ts";

/** How many names a message lists. */
const MOST_NAMES = 12;

/**
 * The module of the network at this path: "features.0", "layer1.0.conv1"; "" is the network itself. Throws an OpError that lists what
 * there is in its place.
 */
export function findLayer(model: Module, path: string): Module {
  const all = model.namedModules();
  const found = all.get(path);
  if (found) return found;
  const names = [...all.keys()].filter((name) => name !== "");
  if (names.length === 0) throw new OpError("findLayer", `the network has no layers in it, got "${path}"`);
  // What shares the longest beginning is where the name went wrong.
  const above = names.filter((name) => path.startsWith(`${name}.`)).at(-1);
  const near = above === undefined ? names.filter((name) => !name.includes(".")) : names.filter((name) => isChild(name, above));
  const close = nearest(path, names);
  const listed = near.length > MOST_NAMES ? [...near.slice(0, MOST_NAMES), `${near.length - MOST_NAMES} more`] : near;
  const place = above === undefined ? "the network" : above;
  const has = listed.length === 0 ? `${place} has no layers in it` : `the layers of ${place} are ${listed.join(", ")}`;
  throw new OpError("findLayer", `${has}, got "${path}"${close === undefined ? "" : `. Did you mean ${close}?`}`);
}

/** Whether `name` is directly below `above`. */
const isChild = (name: string, above: string): boolean => name.startsWith(`${above}.`) && !name.slice(above.length + 1).includes(".");
