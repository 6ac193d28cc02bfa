import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import type { ConvAttrs } from "../../src/ops/conv.ts";
import { localConv as localConvFn } from "../../src/ops/localConv.ts";
import { type WindowAttrs, windowCount } from "../../src/ops/window.ts";
import { convWindows, int, side, windowOf } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type WithSpace = ConvAttrs & { readonly inputSpace: Shape };

interface Sizes {
  readonly n: number;
  readonly groups: number;
  /** Channels of one group. */
  readonly c: number;
  readonly o: number;
}

/** The shapes of x, w and y. */
interface Local {
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly attrs: ConvAttrs;
}

function local({ n, groups, c, o }: Sizes, space: Shape, window: WindowAttrs): Local {
  const positions = space.map((e, d) => windowCount(e, window.kernel[d]!, window.stride[d]!, window.padding[d]!, window.dilation[d]!));
  return {
    x: [n, groups * c, ...space],
    w: [groups * o, c, ...positions, ...window.kernel],
    y: [n, groups * o, ...positions],
    attrs: { ...window, groups },
  };
}

const forward = ({ x, w, attrs }: Local): OpCase<ConvAttrs> => ({ inputs: [f32Input(x), f32Input(w)], attrs });
const inputGrad = ({ x, w, y, attrs }: Local): OpCase<WithSpace> => ({
  inputs: [f32Input(y), f32Input(w)],
  attrs: { ...attrs, inputSpace: x.slice(2) } as WithSpace,
});
const weightGrad = ({ x, y, attrs }: Local): OpCase<ConvAttrs> => ({ inputs: [f32Input(y), f32Input(x)], attrs });

const FIXED: readonly Local[] = [
  local({ n: 1, groups: 1, c: 1, o: 1 }, [1], windowOf([1])),
  local({ n: 2, groups: 1, c: 3, o: 4 }, [9], windowOf([3], { stride: 2, padding: [side(1, 0)], dilation: 2 })),
  local({ n: 2, groups: 1, c: 2, o: 9 }, [6, 5], windowOf([3, 3], { padding: 1 })),
  local({ n: 1, groups: 2, c: 2, o: 3 }, [5, 7], windowOf([3, 2], { stride: [1, 2], padding: [side(2, 0), side(0, 1)] })),
  local({ n: 3, groups: 4, c: 1, o: 1 }, [4, 4], windowOf([2, 2], { stride: 2 })),
  local({ n: 2, groups: 1, c: 2, o: 2 }, [3, 4, 3], windowOf([2, 3, 2], { stride: [1, 2, 1], padding: [side(1, 0), 1, 0] })),
];

const random: fc.Arbitrary<Local> = fc
  .tuple(fc.record({ n: int(1, 3), groups: int(1, 2), c: int(1, 2), o: int(1, 5) }), convWindows)
  .map(([sizes, { window, space }]) => local(sizes, space, window));

const x = () => input("x", [1, 4, 6, 6]);

export const localConv: OpCases<ConvAttrs> = {
  fixed: FIXED.map(forward),
  random: random.map(forward),
  wrong: {
    "filters for other positions": () => localConvFn(x(), input("w", [8, 4, 6, 6, 3, 3])),
    "other channels": () => localConvFn(x(), input("w", [8, 3, 4, 4, 3, 3])),
    "other channels, in groups": () => localConvFn(x(), input("w", [8, 4, 4, 4, 3, 3]), undefined, { groups: 2 }),
    "groups that do not divide the outputs": () => localConvFn(x(), input("w", [7, 2, 4, 4, 3, 3]), undefined, { groups: 2 }),
    "no groups": () => localConvFn(x(), input("w", [8, 4, 4, 4, 3, 3]), undefined, { groups: 0 }),
    "a weight of an odd number of axes": () => localConvFn(x(), input("w", [8, 4, 4, 4, 3])),
    "a bias without positions": () => localConvFn(x(), input("w", [8, 4, 4, 4, 3, 3]), input("b", [8])),
    "a window larger than the input": () => localConvFn(x(), input("w", [8, 4, 1, 1, 7, 3])),
    integers: () => localConvFn(input("image", [1, 4, 6, 6], "u8"), input("w", [8, 4, 4, 4, 3, 3])),
  },
};

export const localConvInputGrad: OpCases<WithSpace> = { fixed: FIXED.map(inputGrad), random: random.map(inputGrad), wrong: {} };
export const localConvWeightGrad: OpCases<ConvAttrs> = { fixed: FIXED.map(weightGrad), random: random.map(weightGrad), wrong: {} };
