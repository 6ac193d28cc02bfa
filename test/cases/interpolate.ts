import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { input } from "../../src/index.ts";
import { type InterpolateOptions, interpolate as interpolateFn, type ResampleAttrs, type ResampleMode } from "../../src/ops/interpolate.ts";
import { int } from "./arbitraries.ts";
import { f32Input, type OpCase, type OpCases } from "./opCase.ts";

type WithShape = ResampleAttrs & { readonly inputShape: Shape };

const MODES: readonly ResampleMode[] = ["nearest", "linear", "cubic", "area"];
const ROUNDINGS: readonly ResampleAttrs["rounding"][] = ["floor", "ceil", "half-down", "half-up"];

interface Rule extends Partial<Pick<ResampleAttrs, "rounding" | "a" | "excludeOutside" | "antialias">> {
  readonly alignCorners?: boolean;
}

/** Extents of space before and after; the channels stand first. */
const resizeCase = (mode: ResampleMode, c: number, from: Shape, to: Shape, rule: Rule = {}): OpCase<ResampleAttrs> => {
  const { alignCorners = false, ...rest } = rule;
  const axes = from.map((n, d) => {
    const size = to[d]!;
    if (!alignCorners) return { axis: d + 2, size, step: n / size, shift: 0.5, offset: -0.5 };
    return { axis: d + 2, size, step: size > 1 ? (n - 1) / (size - 1) : 0, shift: 0, offset: 0 };
  });
  const attrs = { rounding: "floor", a: -0.75, excludeOutside: false, antialias: false, ...rest } as const;
  return { inputs: [f32Input([1, c, ...from])], attrs: { mode, axes, ...attrs } };
};

const FIXED: readonly OpCase<ResampleAttrs>[] = MODES.flatMap((mode) => [
  resizeCase(mode, 2, [7], [14]),
  resizeCase(mode, 5, [4, 6], [8, 12]),
  resizeCase(mode, 1, [7, 9], [3, 4]),
  resizeCase(mode, 3, [5, 4], [7, 9], { alignCorners: true }),
  resizeCase(mode, 1, [5, 8], [9, 3], { antialias: true }),
  resizeCase(mode, 1, [1, 3], [4, 1], { alignCorners: true }),
  resizeCase(mode, 1, [2, 3, 3], [4, 2, 5]),
  resizeCase(mode, 2, [4, 3], [8, 7], { excludeOutside: true, rounding: "half-up", a: -0.5 }),
]);

const random: fc.Arbitrary<OpCase<ResampleAttrs>> = fc
  .tuple(
    fc.constantFrom(...MODES),
    int(1, 5),
    fc.array(fc.tuple(int(1, 9), int(1, 9)), { minLength: 1, maxLength: 3 }),
    fc.record({
      alignCorners: fc.boolean(),
      antialias: fc.boolean(),
      excludeOutside: fc.boolean(),
      rounding: fc.constantFrom(...ROUNDINGS),
      a: fc.constantFrom(-0.75, -0.5),
    }),
  )
  .map(([mode, c, axes, flags]) => {
    const most = axes.length > 2 ? 3 : 9;
    const cut = (n: number): number => Math.min(n, most);
    return resizeCase(
      mode,
      c,
      axes.map(([n]) => cut(n)),
      axes.map(([, m]) => cut(m)),
      flags,
    );
  });

const x = () => input("x", [1, 3, 8, 5]);
const using = (options: object) => () => interpolateFn(x(), options as InterpolateOptions);

export const interpolate: OpCases<ResampleAttrs> = {
  fixed: FIXED,
  random,
  wrong: {
    "no size": using({}),
    "a size and a factor": using({ size: 3, scaleFactor: 2 }),
    "a size for one axis of two": using({ size: [3] }),
    "half a pixel": using({ size: [3, 0.5] }),
    "a factor that leaves nothing": using({ scaleFactor: 0.1 }),
    "a negative factor": using({ scaleFactor: -1 }),
    "a mode that is none": using({ size: 3, mode: "quintic" }),
    "corners aligned of nearest": using({ size: 3, alignCorners: true }),
    "an area smoothed": using({ size: 3, mode: "area", antialias: true }),
    "an input without space": () => interpolateFn(input("x", [3, 4]), { size: 3 }),
    integers: () => interpolateFn(input("x", [1, 3, 8, 5], "u8"), { size: 3 }),
  },
};

const back = ({ inputs, attrs }: OpCase<ResampleAttrs>): OpCase<WithShape> => {
  const { shape } = inputs[0]!;
  return {
    inputs: [f32Input([...shape.slice(0, 2), ...attrs.axes.map((r) => r.size)])],
    attrs: { ...attrs, inputShape: shape },
  };
};
export const interpolateGrad: OpCases<WithShape> = { fixed: FIXED.map(back), random: random.map(back), wrong: {} };
