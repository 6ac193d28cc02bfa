/** What `fovea explain` can show, by the names of --method. */
import { gradCam } from "../../analysis/explain/gradCam.ts";
import { integratedGradients } from "../../analysis/explain/integratedGradients.ts";
import { occlusion } from "../../analysis/explain/occlusion.ts";
import { gradientTimesInput, guidedBackpropagation, saliency } from "../../analysis/explain/saliency.ts";
import { smoothGrad } from "../../analysis/explain/smoothGrad.ts";
import type { Backend } from "../../backend/backend.ts";
import type { NdArray } from "../../base/ndarray.ts";
import type { Module } from "../../nn/module.ts";
import { counted, significant } from "../../train/report/format.ts";

/** What a method explains. */
export interface Question {
  readonly model: Module;
  /** f32 [1, c, h, w]. */
  readonly x: NdArray<"f32">;
  /** The class. */
  readonly target: number;
  /** The image's ground in each channel, as the network takes it. */
  readonly ground: readonly number[];
  /** All ground, in the shape of x. */
  readonly empty: NdArray<"f32">;
  /** Path of the layer for Grad-CAM; undefined for the last one with space. */
  readonly layer: string | undefined;
  readonly seed: number;
  readonly backend: Backend;
}

/** A number for each pixel, and what should be said of it. */
export interface Answer {
  /** [1, h, w]. */
  readonly map: NdArray<"f32">;
  readonly note?: string;
  /** Further numbers for --json. */
  readonly figures?: Readonly<Record<string, unknown>>;
}

/** A way to find which pixels speak for a class. */
export interface PixelMethod {
  readonly title: string;
  /** What its numbers say, in one sentence. */
  readonly what: string;
  readonly source: string;
  /** Sizes start at 0; shares and drops have a sign. */
  readonly signed: boolean;
  explain(question: Question): Promise<Answer>;
}

/** Every method for pixels, in the order of the page. A new one adds its entry here. */
export const PIXEL_METHODS: Readonly<Record<string, PixelMethod>> = {
  saliency: {
    title: "Saliency",
    what: "How much the score changes with the pixel: the size of the gradient.",
    source: "Simonyan et al. 2013",
    signed: false,
    explain: ({ model, x, target, backend }) => saliency(model, x, target, { backend }),
  },
  "smooth-grad": {
    title: "SmoothGrad",
    what: "The same, averaged over 25 noisy copies of the image.",
    source: "Smilkov et al. 2017",
    signed: false,
    explain: ({ model, x, target, backend, seed }) => smoothGrad(model, x, target, { backend, seed }),
  },
  guided: {
    title: "Guided backpropagation",
    what: "The gradient, of which each ReLU lets only what is positive go back.",
    source: "Springenberg et al. 2014",
    signed: false,
    explain: ({ model, x, target, backend }) => guidedBackpropagation(model, x, target, { backend }),
  },
  "gradient-times-input": {
    title: "Gradient × input",
    what: "The pixel’s share in the score, if the network were linear.",
    source: "Shrikumar et al. 2016",
    signed: true,
    explain: ({ model, x, target, backend }) => gradientTimesInput(model, x, target, { backend }),
  },
  "integrated-gradients": {
    title: "Integrated gradients",
    what: "The pixel’s share in the difference to an image that is all ground.",
    source: "Sundararajan et al. 2017",
    signed: true,
    async explain({ model, x, target, empty, backend }) {
      const { map, gaps, scores, baselineScores } = await integratedGradients(model, x, target, { baseline: empty, backend });
      const difference = scores.data[0]! - baselineScores.data[0]!;
      return {
        map,
        note: `All shares add up to ${significant(difference + gaps[0]!)}; the scores differ by ${significant(difference)}.`,
        figures: { difference, gap: gaps[0]! },
      };
    },
  },
  occlusion: {
    title: "Occlusion",
    what: "How much the score drops when the pixel is hidden.",
    source: "Zeiler & Fergus 2014",
    signed: true,
    async explain({ model, x, target, ground, backend }) {
      const { map, size, stride } = await occlusion(model, x, target, { fill: ground, backend });
      return { map, note: `A square of ${size} × ${size}, moved by ${counted(stride, "pixel")}.`, figures: { size, stride } };
    },
  },
  "grad-cam": {
    title: "Grad-CAM",
    what: "Where a layer sees what speaks for the class.",
    source: "Selvaraju et al. 2017",
    signed: false,
    async explain({ model, x, target, layer, backend }) {
      const { map, layer: used, coarse, weights } = await gradCam(model, x, target, { backend, ...(layer !== undefined && { layer }) });
      return {
        map,
        note: `Layer ${used === "" ? "of the whole network" : used}, ${coarse.shape.slice(1).join(" × ")}.`,
        figures: { layer: used, coarse: coarse.shape.slice(1), weights: [...weights.data] },
      };
    },
  },
};

/** What else there is to show. */
const OTHERS = ["maps", "filters", "maximization", "check"] as const;

/** Every name of --method. */
export const METHOD_NAMES: readonly string[] = [...Object.keys(PIXEL_METHODS), ...OTHERS];

/** What is shown where --method says nothing. The check takes longest: it explains anew for each layer. */
export const DEFAULT_METHODS: readonly string[] = METHOD_NAMES.filter((name) => name !== "check");

/** Methods whose dependence on the weights is checked: those that take few passes. */
export const CHECKED_METHODS: readonly string[] = ["saliency", "guided", "gradient-times-input", "grad-cam"];
