/** How random cases are drawn: small, odd, and with every corner that shapes have. */
import fc from "fast-check";
import type { Shape } from "../../src/base/shape.ts";
import { type Padding, perAxis, perSide, type Sizes, type WindowAttrs, windowCount } from "../../src/ops/window.ts";
import { type Domain, f32Input, type OpCase } from "./opCase.ts";

export const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** A shape of `minRank` to `maxRank` axes. */
export const shapes = (minRank = 0, maxRank = 4): fc.Arbitrary<Shape> => fc.array(int(1, 5), { minLength: minRank, maxLength: maxRank });

/** A shape and one of its axes. */
export const shapeAndAxis = (maxRank = 4): fc.Arbitrary<{ readonly shape: Shape; readonly axis: number }> =>
  fc.tuple(shapes(1, maxRank), fc.nat()).map(([shape, n]) => ({ shape, axis: n % shape.length }));

/** A shape and some of its axes, ascending, at least one. */
export const shapeAndAxes: fc.Arbitrary<{ readonly shape: Shape; readonly axes: readonly number[] }> = shapes(1, 4).chain((shape) =>
  fc
    .subarray(
      shape.map((_, d) => d),
      { minLength: 1 },
    )
    .map((axes) => ({ shape, axes })),
);

/** `count` shapes that broadcast together: axes of extent 1, and axes missing in front. */
export const broadcastable = (count: number): fc.Arbitrary<readonly Shape[]> =>
  fc
    .tuple(
      shapes(0, 4),
      fc.array(fc.tuple(fc.nat(4), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })), { minLength: count, maxLength: count }),
    )
    .map(([whole, masks]) =>
      masks.map(([missing, ones], i) => (i === 0 ? whole : whole.map((e, d) => (ones[d] ? 1 : e)).slice(Math.min(missing, whole.length)))),
    );

/** Cases of an element-by-element op with `domains.length` inputs. */
export const pointwiseCases = (...domains: readonly Domain[]): fc.Arbitrary<OpCase<{}>> =>
  broadcastable(domains.length).map((all) => ({ inputs: all.map((shape, i) => f32Input(shape, domains[i]!)), attrs: {} }));

/** Padding before and after an axis. */
export const side = (before: number, after: number): readonly [number, number] => [before, after];

/** A window as ops know it. */
export const windowOf = (
  kernel: readonly number[],
  options: { readonly stride?: Sizes; readonly padding?: Padding; readonly dilation?: Sizes } = {},
): WindowAttrs => ({
  kernel,
  stride: perAxis("window", "stride", options.stride ?? 1, kernel.length),
  padding: perSide("window", options.padding ?? 0, kernel.length),
  dilation: perAxis("window", "dilation", options.dilation ?? 1, kernel.length),
});

/** A window and an input's spatial extents that it fits into at least once. */
export interface Windowed {
  readonly window: WindowAttrs;
  readonly space: Shape;
}

interface Extents {
  readonly rank: number;
  readonly kernel: number;
  readonly slack: number;
}

/** `before` and `after` say how far padding goes for a kernel extent. */
const windowAxis = ({ kernel, slack }: Extents, padding: (kernel: number) => readonly [number, number]) =>
  int(1, kernel)
    .chain((k) => {
      const [low, high] = padding(k);
      return fc.record({
        k: fc.constant(k),
        stride: int(1, 3),
        dilation: int(1, 3),
        before: int(low, high),
        after: int(low, high),
        slack: int(0, slack),
      });
    })
    .map((a) => ({ ...a, extent: Math.max(1, a.dilation * (a.k - 1) + 1 - a.before - a.after + a.slack) }));

/** Windows over one, two and three axes; higher ranks are smaller, since laws run them one element at a time. */
function windows(padding: (kernel: number) => readonly [number, number]): fc.Arbitrary<Windowed> {
  const ofRank = (sizes: Extents): fc.Arbitrary<Windowed> =>
    fc.array(windowAxis(sizes, padding), { minLength: sizes.rank, maxLength: sizes.rank }).map((axes) => ({
      window: {
        kernel: axes.map((a) => a.k),
        stride: axes.map((a) => a.stride),
        padding: axes.map((a): readonly [number, number] => [a.before, a.after]),
        dilation: axes.map((a) => a.dilation),
      },
      space: axes.map((a) => a.extent),
    }));
  return fc.oneof(
    ofRank({ rank: 1, kernel: 5, slack: 8 }),
    ofRank({ rank: 2, kernel: 4, slack: 5 }),
    ofRank({ rank: 3, kernel: 2, slack: 2 }),
  );
}

/** Padding may be more than the window, and may crop. */
export const convWindows: fc.Arbitrary<Windowed> = windows((k) => [-1, k + 1]);

/** Padding at most half of the window, and every window holds an element of the input: dilation can step over a short one. */
export const poolWindows: fc.Arbitrary<Windowed> = windows((k) => [0, Math.floor(k / 2)]).filter(({ window: w, space }) =>
  space.every((n, d) => {
    const count = windowCount(n, w.kernel[d]!, w.stride[d]!, w.padding[d]!, w.dilation[d]!);
    const inside = (o: number): boolean =>
      Array.from({ length: w.kernel[d]! }, (_, k) => o * w.stride[d]! + k * w.dilation[d]! - w.padding[d]![0]).some((i) => i >= 0 && i < n);
    return Array.from({ length: count }, (_, o) => o).every(inside);
  }),
);
