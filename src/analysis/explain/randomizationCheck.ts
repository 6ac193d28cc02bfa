import type { NdArray } from "../../base/ndarray.ts";
import { Parameter, type State } from "../../ir/state.ts";
import type { Module } from "../../nn/module.ts";
import { rankCorrelation } from "./rankCorrelation.ts";

export interface RandomizationCheckOptions {
  /**
   * "cascading": the layers lose their weights one after the other, from the last one on, and do not get them back. "independent": each
   * layer by itself. Default "cascading".
   */
  readonly order?: "cascading" | "independent";
  /** Of the weights that take the place of the learnt ones. Default 0. */
  readonly seed?: number;
}

/** What is left of an explanation when a layer has lost what it has learnt. */
export interface RandomizedLayer {
  readonly path: string;
  /** The explanation now. */
  readonly map: NdArray;
  /** Spearman's rank correlation with the first explanation: of sizes, and of signed values. NaN where a map has but one value. */
  readonly ofSizes: number;
  readonly ofValues: number;
}

/**
 * Whether an explanation depends on what the network has learnt: gives layer after layer new random weights, from the last one on, and
 * compares. An explanation that hardly changes shows the image, not the network.
 *
 *     const layers = await randomizationCheck(model, async () => (await saliency(model, x, 3)).map);
 *
 * Until it ends the network is not to be used for anything else; then it has its weights again, whatever happens.
 *
 * Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim, "Sanity checks for saliency maps", 2018. Layers come in the opposite order of
 * `namedModules`.
 */
export async function randomizationCheck(
  model: Module,
  explain: () => Promise<NdArray>,
  { order = "cascading", seed = 0 }: RandomizationCheckOptions = {},
): Promise<RandomizedLayer[]> {
  const first = await explain();
  const learnt = new Map<State, NdArray>();
  const found: RandomizedLayer[] = [];
  const restore = (): void => {
    for (const [state, value] of learnt) state.write(value);
    learnt.clear();
  };
  try {
    for (const [path, parameters] of weightedLayers(model).reverse()) {
      for (const state of parameters) {
        learnt.set(state, state.read());
        // A stream of its own: with the seed of the training there would be the very weights that it began with.
        state.initialize(seed, `randomizationCheck.${state.name}`);
      }
      const map = await explain();
      const sizes = (values: NdArray): Float64Array => Float64Array.from(values.data, Math.abs);
      const ofSizes = rankCorrelation(sizes(first), sizes(map));
      found.push({ path, map, ofSizes, ofValues: rankCorrelation(first.data, map.data) });
      if (order === "independent") restore();
    }
  } finally {
    restore();
  }
  return found;
}

/** Modules that have parameters of their own, with these; a parameter in two modules belongs to the first one. */
function weightedLayers(model: Module): (readonly [path: string, parameters: readonly Parameter[]])[] {
  const seen = new Set<State>();
  return [...model.namedModules()].flatMap(([path, module]) => {
    const own = [...module.namedChildren()].flatMap(([, s]) => (s instanceof Parameter && !seen.has(s) ? [s] : []));
    for (const s of own) seen.add(s);
    return own.length > 0 ? [[path, own] as const] : [];
  });
}
