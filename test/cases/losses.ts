import { input } from "../../src/index.ts";
import { bce as bceFn, bceWithLogits } from "../../src/ops/bce.ts";
import { crossEntropy, nllLoss } from "../../src/ops/crossEntropy.ts";
import { klDiv } from "../../src/ops/klDiv.ts";
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from "../../src/ops/regressionLosses.ts";
import { pointwiseCases } from "./arbitraries.ts";
import { f32Input, type OpCases } from "./opCase.ts";

const scores = () => input("scores", [4, 10]);
const labels = (...shape: number[]) => input("labels", shape, "i32");

export const bce: OpCases<{}> = {
  fixed: [
    { inputs: [f32Input([11], "unit"), f32Input([11], "unit")], attrs: {} },
    { inputs: [f32Input([2, 3], "unit"), f32Input([2, 3], "unit")], attrs: {} },
  ],
  random: pointwiseCases("unit").map(({ inputs: [x] }) => ({ inputs: [x!, x!], attrs: {} })),
  wrong: {
    "targets of another shape": () => bceFn(input("x", [4, 1]), input("target", [4])),
    "bceWithLogits: targets of another shape": () => bceWithLogits(input("x", [4, 1]), input("target", [4])),
    "mseLoss: targets that would be repeated": () => mseLoss(input("x", [4, 1]), input("target", [4])),
    "l1Loss: integers": () => l1Loss(input("x", [4]), labels(4)),
    "smoothL1Loss: a negative beta": () => smoothL1Loss(input("x", [4]), input("target", [4]), { beta: -1 }),
    "huberLoss: delta 0": () => huberLoss(input("x", [4]), input("target", [4]), { delta: 0 }),
    "klDiv: targets of another shape": () => klDiv(input("x", [4, 2]), input("target", [4])),
    "crossEntropy: scores without a batch": () => crossEntropy(input("x", [10]), labels(10)),
    "crossEntropy: labels of another batch": () => crossEntropy(scores(), labels(5)),
    "crossEntropy: labels as column": () => crossEntropy(scores(), labels(4, 1)),
    "crossEntropy: images as labels": () => crossEntropy(scores(), input("labels", [4], "u8")),
    "crossEntropy: probabilities of other classes": () => crossEntropy(scores(), input("target", [4, 9])),
    "crossEntropy: weights of other classes": () => crossEntropy(scores(), labels(4), { weight: input("weight", [9]) }),
    "crossEntropy: smoothing above 1": () => crossEntropy(scores(), labels(4), { labelSmoothing: 2 }),
    "nllLoss: labels that are no integers": () => nllLoss(scores(), input("labels", [4])),
  },
};
