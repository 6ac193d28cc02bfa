/** Minimal filtering and direct sums stay within their bounds for inputs that are chosen to be bad, forward and both gradients. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/reference/interpret.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, input, pullback, type Tensor, trace, wasm } from "../../src/index.ts";
import { type ConvAttrs, type ConvOptions, conv } from "../../src/ops/conv.ts";
import { boundsOf } from "../../src/ops/convAlgorithms.ts";
import { minimalFilterBound, productsBound } from "../../src/ops/errorBound.ts";
import { minimalFilter } from "../../src/ops/minimalFilter.ts";

type Fill = (i: number, stream: RandomStream) => number;

/** Inputs, and weights, by the place in the array. Images are 12 wide and filters have `taps` in a row. */
const HARD: Readonly<Record<string, (taps: number) => { readonly x: Fill; readonly w: Fill }>> = {
  "all of one sign": () => ({ x: (i, s) => 1 + s.uniform(i), w: (i, s) => 1 + s.uniform(i) }),
  "signs that cancel": () => ({ x: (i, s) => (i % 2 ? 1 : -1) * (1 + s.uniform(i) / 64), w: (i, s) => 1 + s.uniform(i) / 64 }),
  "one huge value in each tile": () => ({ x: (i, s) => (i % 37 === 0 ? 1e4 : s.uniform(i)), w: (i, s) => 2 * s.uniform(i) - 1 }),
  "pixels far from 0": () => ({ x: (i, s) => Math.floor(256 * s.uniform(i)), w: (i, s) => 2 * s.uniform(i) - 1 }),
  "differences of smooth images": (taps) => ({
    x: (i) => 100 + (i % 12) + Math.floor(i / 12),
    w: (i) => (i % taps === 0 ? 1 : i % taps === 1 ? -1 : 0),
  }),
};

const WAYS: readonly { readonly taps: number; readonly options: ConvOptions & { readonly algorithm: "direct" | "winograd" } }[] = [
  { taps: 3, options: { algorithm: "direct" } },
  { taps: 3, options: { algorithm: "winograd", tile: 2 } },
  { taps: 3, options: { algorithm: "winograd", tile: 4 } },
  { taps: 3, options: { algorithm: "winograd", tile: 4, stride: 2 } },
  { taps: 5, options: { algorithm: "winograd", tile: 2 } },
  { taps: 5, options: { algorithm: "winograd", tile: 4 } },
  { taps: 7, options: { algorithm: "winograd", tile: 4, stride: 2 } },
];

const NAMES = ["y", "dx", "dw"] as const;

const magnitude = (values: ArrayLike<number>): number => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

describe.each(
  WAYS.map(
    (way) => [`${way.options.algorithm}, tile ${way.options.tile}, ${way.taps} taps, stride ${way.options.stride ?? 1}`, way] as const,
  ),
)("%s", (_, { taps, options }) => {
  test.each([3, 64, 512])("%i channels", async (c) => {
    const all = { ...options, padding: taps >> 1 };
    const [x, w] = [
      [1, c, 12, 12],
      [4, c, taps, taps],
    ] as const;
    const traced = conv(input("x", x), input("w", w), undefined, all);
    const specs = { x, w, dy: traced.shape };
    const passes = (t: { readonly x: Tensor; readonly w: Tensor; readonly dy: Tensor }) => {
      const y = conv(t.x, t.w, undefined, all);
      const [dx, dw] = pullback(y, t.dy, [t.x, t.w]);
      return { y, dx: dx!, dw: dw! };
    };
    const attrs = (traced.source.kind === "op" ? traced.source.attrs : undefined) as unknown as ConvAttrs;
    const bounds = boundsOf(options.algorithm, x, w, attrs)!;
    const graph = trace(specs, passes);
    const program = await compile(wasm({ threads: 1 }), specs, passes);
    for (const [kind, fills] of Object.entries(HARD)) {
      const fill = fills(taps);
      const filled = (shape: Shape, name: string, by: Fill): Float32Array => {
        const stream = new RandomStream(11, name);
        return Float32Array.from({ length: sizeOf(shape) }, (_, i) => by(i, stream));
      };
      const values = { x: filled(x, "x", fill.x), w: filled(w, "w", fill.w), dy: filled(specs.dy, "dy", fill.x) };
      const exact = interpret(graph, (t) => Float64Array.from(values[t.source.kind === "input" ? (t.source.name as "x") : "x"]));
      const sums = interpret(graph, (t) => Float64Array.from(values[t.source.kind === "input" ? (t.source.name as "x") : "x"], Math.abs));
      const run = await program.run(values);
      const top = { x: magnitude(values.x), w: magnitude(values.w), dy: magnitude(values.dy) };
      const limits = {
        y: bounds.forward * top.x * top.w,
        dx: bounds.inputGrad * top.dy * top.w,
        dw: bounds.weightGrad * top.dy * top.x,
      };
      for (const name of NAMES) {
        const expected = exact.get(graph.outputs.get(name)!)!.data;
        const error = magnitude(Array.from(run[name].data, (v, i) => v - expected[i]!));
        expect(error, `${name} of ${kind}`).toBeLessThan(limits[name]);
        // Where large summands cancel, results are small and their errors are not.
        expect(error, `${name} of ${kind}`).toBeLessThan(1e-5 * magnitude(sums.get(graph.outputs.get(name)!)!.data));
      }
    }
    await program.close();
  });
});

test("a bound counts what the matrices let errors grow to", () => {
  // F(1, 1): one product, with as many roundings as there are entries, products and sums on its way.
  const one = minimalFilter(1, 1, 1);
  expect(minimalFilterBound([one], 1) / 2 ** -24).toBeCloseTo(1 + 3 * 2, 4);
  // By hand: rows of A^T (1 1 1 0) and (0 1 -1 1), sums of magnitudes of G 1, 1.5, 1.5, 1 halved as they stand, of B^T 2 each.
  const { at, g, bt } = minimalFilter(2, 3, 1);
  const sums = (m: readonly (readonly number[])[]): number[] => m.map((row) => row.reduce((sum, v) => sum + Math.abs(v), 0));
  expect(at.map((row) => row.map(Math.abs))).toEqual([
    [1, 1, 1, 0],
    [0, 1, 1, 1],
  ]);
  expect([sums(g), sums(bt)]).toEqual([
    [1, 1.5, 1.5, 1],
    [2, 2, 2, 2],
  ]);
  expect(minimalFilterBound([{ at, g, bt }], 1) / 2 ** -24).toBeCloseTo(8 * (1 + (2 + 3 - 1) + (2 + 3 - 1) + (2 + 2 - 1)), 3);
  expect(productsBound(9) / 2 ** -24).toBeCloseTo(81, 3);
});
