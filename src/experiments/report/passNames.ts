import type { ConvPass } from "../../analysis/algorithms.ts";

/** Passes of a convolution in words. */
export const PASS_NAMES: { readonly [P in ConvPass]: string } = {
  forward: "forward",
  inputGrad: "gradient by the input",
  weightGrad: "gradient by the weight",
};
