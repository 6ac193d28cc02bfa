/** Every way to compute a convolution gives what the direct one gives, forward and both gradients, within its stated bound. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/reference/interpret.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, type Graph, input, OpError, pullback, type Tensor, trace, wasm } from "../../src/index.ts";
import { type ConvOptions, conv } from "../../src/ops/conv.ts";
import type { ConvAlgorithm } from "../../src/ops/convAlgorithms.ts";
import { mostTaps } from "../../src/ops/minimalFilter.ts";
import { algorithms } from "../../src/passes/algorithms.ts";
import { convWindows, int } from "../cases/arbitraries.ts";
import { largest } from "../laws/evaluate.ts";
import { SEED } from "../laws/forEveryCase.ts";

interface Sample {
  readonly x: Shape;
  readonly w: Shape;
  readonly options: ConvOptions;
}

const RESULTS = ["y", "dx", "dw"] as const;

function specsOf({ x, w, options }: Sample): { readonly x: Shape; readonly w: Shape; readonly dy: Shape } {
  return { x, w, dy: conv(input("x", x), input("w", w), undefined, options).shape };
}

function passesOf({
  options,
}: Sample): (inputs: { readonly x: Tensor; readonly w: Tensor; readonly dy: Tensor }) => Record<string, Tensor> {
  return ({ x, w, dy }) => {
    const y = conv(x, w, undefined, options);
    const [dx, dw] = pullback(y, dy, [x, w]);
    return { y, dx: dx!, dw: dw! };
  };
}

/** Values in [-1, 1), exact in f32. */
function drawn(shape: Shape, name: string): Float32Array {
  const stream = new RandomStream(5, name);
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1);
}

const valuesOf = (specs: Readonly<Record<string, Shape>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(specs).map(([name, shape]) => [name, drawn(shape, name)]));

/** y, dx and dw in f64. */
function interpreted(graph: Graph, values: Readonly<Record<string, Float32Array>>): Float64Array[] {
  const found = interpret(graph, (t) => Float64Array.from(values[t.source.kind === "input" ? t.source.name : ""]!));
  return RESULTS.map((name) => found.get(graph.outputs.get(name)!)!.data);
}

/** Largest differences of y, dx and dw, each relative to the largest element; of zeros alone, absolute. */
const errors = (actual: readonly ArrayLike<number>[], expected: readonly Float64Array[]): number[] =>
  expected.map((e, i) => e.reduce((worst, v, j) => Math.max(worst, Math.abs(v - actual[i]![j]!)), 0) / (largest(e) || 1));

const anyConv: fc.Arbitrary<Sample> = fc
  .tuple(fc.record({ n: int(1, 2), groups: int(1, 3), c: int(1, 3), o: int(1, 3) }), convWindows)
  .map(([{ n, groups, c, o }, { window, space }]) => ({
    x: [n, groups * c, ...space],
    w: [groups * o, c, ...window.kernel],
    options: { stride: window.stride, padding: window.padding, dilation: window.dilation, groups },
  }));

/** Along each axis a kernel, a stride and paddings of its own, as many taps as tiles of the kind can have. */
const filterings: fc.Arbitrary<Sample> = fc
  .record({
    n: int(1, 2),
    c: int(1, 4),
    o: int(1, 4),
    tile: fc.constantFrom(2 as const, 4 as const),
    axes: fc.array(fc.record({ taps: int(1, 8), stride: int(1, 2), extent: int(1, 19), before: int(-1, 4), after: int(-1, 4) }), {
      minLength: 1,
      maxLength: 2,
    }),
  })
  .filter(({ tile, axes }) =>
    axes.every(
      (a) =>
        a.taps >= a.stride &&
        a.taps <= mostTaps(tile) * a.stride &&
        a.extent + a.before + a.after >= a.taps &&
        a.extent + Math.min(0, a.before) + Math.min(0, a.after) >= 1,
    ),
  )
  .map(({ n, c, o, tile, axes }) => ({
    x: [n, c, ...axes.map((a) => a.extent)],
    w: [o, c, ...axes.map((a) => a.taps)],
    options: { stride: axes.map((a) => a.stride), padding: axes.map((a): readonly [number, number] => [a.before, a.after]), tile },
  }));

const ofAlgorithm = (s: Sample, algorithm: ConvAlgorithm): Sample => ({ ...s, options: { ...s.options, algorithm } });
const withoutTile = ({ x, w, options: { tile: _, ...options } }: Sample): Sample => ({ x, w, options });

const KINDS: readonly (readonly [ConvAlgorithm, fc.Arbitrary<Sample>])[] = [
  ["im2col", anyConv],
  ["fft", anyConv],
  ["winograd", filterings],
];

describe.each(KINDS)("%s", (algorithm, samples) => {
  test("is the direct convolution, forward and both gradients, for any shape it takes", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const own = ofAlgorithm(sample, algorithm);
        const specs = specsOf(own);
        const values = valuesOf(specs);
        const traced = trace(specs, passesOf(own));
        const rewritten = algorithms(traced);
        const names = rewritten.nodes.flatMap((t) => (t.source.kind === "op" ? [t.source.op.name] : []));
        expect(names.filter((name) => name.startsWith("conv"))).toEqual([]);
        const direct = trace(specs, passesOf(withoutTile(sample)));
        // The constants of the transforms are rounded to f32, all else is f64.
        for (const error of errors(interpreted(rewritten, values), interpreted(direct, values))) expect(error).toBeLessThan(1e-6);
        expect(interpreted(traced, values)).toEqual(interpreted(direct, values));
      }),
      { numRuns: 60, seed: SEED },
    );
  });
});

const image = (c: number, o: number, taps: number, options: ConvOptions): Sample => ({
  x: [1, c, 13, 10],
  w: [o, c, taps, taps],
  options: { padding: 1, ...options },
});

describe("compiled, the error against f64 is below the stated bound", () => {
  test.each<[string, number, ConvOptions, taps?: number]>([
    ["direct", 2e-6, { algorithm: "direct" }],
    ["im2col", 2e-6, { algorithm: "im2col" }],
    ["winograd F(2, 3)", 2e-6, { algorithm: "winograd", tile: 2 }],
    ["winograd F(4, 3)", 2e-5, { algorithm: "winograd" }],
    ["winograd F(4, 3), strided", 2e-5, { algorithm: "winograd", stride: 2 }],
    ["winograd F(4, 5)", 2e-5, { algorithm: "winograd" }, 5],
    ["winograd F(2, 5)", 2e-5, { algorithm: "winograd", tile: 2 }, 5],
    ["winograd F(4, 7), strided", 2e-5, { algorithm: "winograd", stride: 2 }, 7],
    ["fft", 2e-6, { algorithm: "fft" }],
    ["im2col, strided", 2e-6, { algorithm: "im2col", stride: 2 }],
    ["fft, strided and dilated", 2e-6, { algorithm: "fft", stride: 2, dilation: 2 }],
  ])("%s", async (name, bound, options, taps = 3) => {
    for (const [c, o] of [
      [3, 8],
      [16, 16],
      [64, 64],
    ] as const) {
      // biome-ignore format: one line
      const sample = image(c, o, taps, options);
      const specs = specsOf(sample);
      const values = valuesOf(specs);
      const program = await compile(wasm({ threads: 1 }), specs, passesOf(sample));
      const run = await program.run(values as { x: Float32Array; w: Float32Array; dy: Float32Array });
      await program.close();
      const found = errors(
        RESULTS.map((r) => run[r]!.data),
        interpreted(trace(specs, passesOf(sample)), values),
      );
      if (process.env.FOVEA_SHOW) console.log(name, c, o, found.map((e) => e.toExponential(1)).join(" "));
      expect(Math.max(...found)).toBeLessThan(bound);
    }
  });
});

test("auto takes minimal filtering by shapes: where it has fewer products, for enough tiles and channels", () => {
  const method = (x: Shape, w: Shape, options: ConvOptions = {}): unknown => {
    const y = conv(input("x", x), input("w", w), undefined, options);
    return y.source.kind === "op" ? y.source.attrs.algorithm : undefined;
  };
  expect(method([1, 16, 14, 14], [16, 16, 3, 3], { padding: 1 })).toBe("auto");
  expect(method([8, 32, 16, 16], [32, 32, 3, 3], { padding: 1, stride: 2 })).toBe("auto");
  expect(method([1, 32, 16, 16], [32, 32, 3, 3], { padding: 1, stride: 2 }), "4 tiles for 81 frequencies").toBeUndefined();
  expect(method([1, 6, 14, 14], [16, 6, 5, 5])).toBe("auto");
  expect(method([1, 3, 224, 224], [64, 3, 7, 7], { padding: 3, stride: 2 })).toBe("auto");
  expect(method([1, 3, 14, 14], [8, 3, 3, 3]), "few channels").toBeUndefined();
  expect(method([1, 3, 14, 14], [64, 3, 5, 5]), "few channels, five taps").toBeUndefined();
  expect(method([1, 16, 14, 14], [16, 16, 3, 3], { dilation: 2 }), "dilation").toBeUndefined();
  expect(method([1, 16, 14, 14], [16, 16, 1, 1]), "one tap").toBeUndefined();
  expect(method([1, 32, 9, 9], [32, 32, 3, 3], { padding: 1, stride: 2 }), "4 tiles for 5 x 5 outputs").toBeUndefined();
  expect(method([1, 16, 6, 6], [16, 16, 3, 3]), "1 tile").toBeUndefined();
  expect(method([2, 16, 6, 6], [16, 16, 3, 3]), "2 tiles").toBeUndefined();
  expect(method([4, 16, 6, 6], [16, 16, 3, 3]), "4 tiles").toBe("auto");
});

test("auto takes smaller tiles of five taps where many channels are summed, and sums few tiles of a weight gradient directly", () => {
  const opsOf = (n: number, c: number): readonly string[] => {
    const sample = { x: [n, c, 8, 8], w: [4, c, 5, 5], options: {} };
    const { nodes } = algorithms(trace(specsOf(sample), passesOf(sample)));
    return nodes
      .flatMap(({ shape, source }) => (source.kind === "op" ? [`${source.op.name} ${shape[0]}`] : []))
      .filter((name) => /^(filterTransform|conv)/.test(name))
      .sort();
  };
  expect(opsOf(2, 256)).toEqual(["convWeightGrad 4", "filterTransform 64", "filterTransform 64"]);
  expect(opsOf(2, 257)).toEqual(["convWeightGrad 4", "filterTransform 36", "filterTransform 64"]);
  expect(opsOf(8, 4)).toEqual(["filterTransform 64", "filterTransform 64"]);
});

test("the default is direct: no attribute, the same graph", () => {
  const attrs = (options: ConvOptions) => {
    const y = conv(input("x", [1, 2, 5, 5]), input("w", [3, 2, 3, 3]), undefined, options);
    return y.source.kind === "op" ? y.source.attrs : undefined;
  };
  expect(attrs({ algorithm: "auto" })).toEqual(attrs({}));
  expect(attrs({ algorithm: "direct" })).toEqual(attrs({}));
  expect(attrs({ algorithm: "winograd", tile: 2 })).toMatchObject({ algorithm: "winograd", tile: 2 });
});

test.each(KINDS)("%s: gradients of gradients keep the algorithm", (algorithm) => {
  const specs = { x: [1, 2, 6, 5], w: [3, 2, 3, 3], dy: [1, 3, 4, 3] } as const;
  const graphOf = (choice: ConvAlgorithm): Graph =>
    trace(specs, ({ x, w, dy }) => {
      const [dx, dw] = pullback(conv(x, w, undefined, { algorithm: choice }), dy, [x, w]);
      const [y, , dw2] = pullback(dx!, x, [dy, x, w]);
      const [y2, dx2] = pullback(dw!, w, [dy, x]);
      return { y: y!, y2: y2!, dx2: dx2!, dw2: dw2! };
    });
  const [own, direct] = [algorithms(graphOf(algorithm)), graphOf("direct")];
  expect(own.nodes.filter((t) => t.source.kind === "op" && t.source.op.name.startsWith("conv"))).toEqual([]);
  const values = valuesOf(specs);
  const leaf = (t: Tensor): Float64Array => Float64Array.from(values[t.source.kind === "input" ? t.source.name : ""]!);
  const [found, expected] = [interpret(own, leaf), interpret(direct, leaf)];
  for (const [name, t] of direct.outputs) {
    const data = found.get(own.outputs.get(name)!)!.data;
    expect(Math.max(...errors([data], [expected.get(t)!.data])), name).toBeLessThan(1e-6);
  }
});

describe("what an algorithm cannot compute is refused while tracing, with what to do", () => {
  const use = (w: Shape, options: ConvOptions) => (): Tensor => conv(input("x", [1, 4, 9, 9]), input("w", w), undefined, options);
  test.each<[string, () => Tensor, RegExp]>([
    [
      "strides",
      use([4, 4, 3, 3], { algorithm: "winograd", stride: 3 }),
      /conv2d: algorithm winograd takes stride 1 or 2, got \[3, 3\]\. Use/,
    ],
    ["dilation", use([4, 4, 3, 3], { algorithm: "winograd", dilation: 2 }), /takes dilation 1, got \[2, 2\]/],
    ["groups", use([4, 2, 3, 3], { algorithm: "winograd", groups: 2 }), /takes groups 1, got 2/],
    ["kernels", use([4, 4, 6, 3], { algorithm: "winograd" }), /takes at most 5 taps an axis \(10 with stride 2\), got \[6, 3\]/],
    ["kernels of one", use([4, 4, 1, 3], { algorithm: "winograd", stride: 2 }), /takes kernels of at least the stride, got \[1, 3\]/],
    [
      "unknown names",
      use([4, 4, 3, 3], { algorithm: "strassen" as "fft" }),
      /algorithm must be auto, direct, im2col, winograd or fft, got strassen/,
    ],
    ["tiles elsewhere", use([4, 4, 3, 3], { algorithm: "fft", tile: 2 }), /tile must be 2 or 4, with algorithm winograd/],
    ["other tiles", use([4, 4, 3, 3], { algorithm: "winograd", tile: 3 as 2 }), /tile must be 2 or 4/],
  ])("%s", (_, refused, message) => {
    expect(refused).toThrow(OpError);
    expect(refused).toThrow(message);
  });
});
