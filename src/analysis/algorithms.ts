/** The algorithms of convolution side by side: time, memory and error of each, for one layer on this machine. */
import { RandomStream } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { Parameter, State } from "../ir/state.ts";
import { input, type Tensor } from "../ir/tensor.ts";
import { assign } from "../ir/trace.ts";
import { type ConvAttrs, type ConvOptions, conv, convInputGrad, convWeightGrad } from "../ops/conv.ts";
import { boundsOf, type ConvAlgorithm } from "../ops/convAlgorithms.ts";
import type { WinogradTile } from "../ops/winograd.ts";
import { compile } from "../runtime/compile.ts";
import { wasm } from "../runtime/wasm.ts";
import { measurePeak } from "./peak.ts";

/** A convolution without its weights. */
export interface ConvWorkload extends Omit<ConvOptions, "algorithm" | "tile" | "paddingMode"> {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Along each spatial axis. */
  readonly kernel: Shape;
  /** Spatial extents of the input. */
  readonly space: Shape;
}

/** The output, and the gradients by the input and by the weight. */
export type ConvPass = "forward" | "inputGrad" | "weightGrad";
export const CONV_PASSES: readonly ConvPass[] = ["forward", "inputGrad", "weightGrad"];

/** One pass by one algorithm. */
export interface AlgorithmFigures {
  /** Median of one run. */
  readonly milliseconds: number;
  /** All that the program allocates. */
  readonly bytes: number;
  /** Floating-point operations of the definition in that time, whatever the algorithm saves of them. */
  readonly gflops: number;
  /** The same as a share of what the threads could do at most. An algorithm that saves operations can exceed 1. */
  readonly share: number;
  /** Largest difference to f64, relative to the largest element. */
  readonly error: number;
  /** What no inputs of these magnitudes can exceed, relative to the same element; undefined where no bound is known. */
  readonly bound: number | undefined;
}

/** What an algorithm gave. */
export interface AlgorithmRow {
  /** "direct", "winograd F(4, 3)": tiles of 4 outputs, 3 taps. */
  readonly name: string;
  readonly options: Choice;
  /** Figures of each pass, or why it cannot compute this layer. */
  readonly passes: Readonly<Record<ConvPass, AlgorithmFigures>> | undefined;
  readonly refusal: string | undefined;
}

export interface AlgorithmComparison {
  readonly layer: ConvWorkload;
  readonly batch: number;
  readonly threads: number;
  /** What one thread can do at most. */
  readonly peakGflops: number;
  /** Elements that the errors were taken from, of how many. Fewer than all where f64 would take too long. */
  readonly compared: Readonly<Record<ConvPass, { readonly elements: number; readonly of: number }>>;
  readonly rows: readonly AlgorithmRow[];
}

export interface CompareOptions {
  /** Default 1. */
  readonly batch?: number;
  /** Default 1. */
  readonly threads?: number;
  /** How long each pass of each algorithm is timed, at least. Default 300. */
  readonly milliseconds?: number;
}

/** What is asked for. */
export interface Choice {
  readonly algorithm: Exclude<ConvAlgorithm, "auto">;
  readonly tile?: WinogradTile;
}

const CHOICES: readonly Choice[] = [
  { algorithm: "direct" },
  { algorithm: "im2col" },
  { algorithm: "winograd", tile: 2 },
  { algorithm: "winograd", tile: 4 },
  { algorithm: "fft" },
];

/** Winograd's F(outputs of a tile, taps). */
function nameOf({ algorithm, tile }: Choice, kernel: Shape): string {
  const taps = kernel.every((k) => k === kernel[0]) ? kernel[0] : kernel.join(" x ");
  return tile === undefined ? algorithm : `${algorithm} F(${tile}, ${taps})`;
}

/** Multiply-adds in f64 that may be spent on each pass; above, outputs are sampled. */
const REFERENCE_WORK = 3e7;
const SAMPLE = 1024;

/**
 * Times every algorithm on one layer, forward and both gradients each by itself, and measures the error of each against sums in f64: over
 * all elements, or over a sample of 1024 where all would take too long (`compared` says which). Values are uniform in [-1, 1). `bound` is
 * what the worst inputs could make of it.
 *
 *     await compareAlgorithms({ inChannels: 64, outChannels: 64, kernel: [3, 3], padding: 1, space: [56, 56] }, { batch: 8 });
 */
export async function compareAlgorithms(layer: ConvWorkload, options: CompareOptions = {}): Promise<AlgorithmComparison> {
  const { batch = 1, threads = 1, milliseconds = 300 } = options;
  const { inChannels, outChannels, kernel, space, ...geometry } = layer;
  const groups = geometry.groups ?? 1;
  if (inChannels % groups !== 0 || outChannels % groups !== 0) {
    throw new OpError("compareAlgorithms", `groups must divide ${inChannels} in and ${outChannels} out, got ${groups}`);
  }
  const [x, w] = [drawn([batch, inChannels, ...space], "x"), drawn([outChannels, inChannels / groups, ...kernel], "w", Parameter)];
  const traced = traceConv(x.shape, w.shape, geometry);
  const dy = drawn(traced.y, "dy");
  const values: Values = { x: read(x), w: read(w), dy: read(dy), attrs: traced.attrs };

  const flops = 2 * sizeOf(dy.shape) * sizeOf(w.shape.slice(1));
  const expected = Object.fromEntries(CONV_PASSES.map((pass) => [pass, sampled(pass, values, flops / 2)])) as Record<ConvPass, Expected>;
  const peakGflops = measurePeak(milliseconds);
  const rows: AlgorithmRow[] = [];
  for (const choice of CHOICES) {
    const name = nameOf(choice, kernel);
    const chosen = attempt(() => traceConv(x.shape, w.shape, { ...geometry, ...choice }));
    if (typeof chosen === "string") {
      rows.push({ name, options: choice, passes: undefined, refusal: chosen });
      continue;
    }
    const figures: Partial<Record<ConvPass, AlgorithmFigures>> = {};
    const bounds = boundsOf(choice.algorithm, x.shape, w.shape, chosen.attrs);
    for (const pass of CONV_PASSES) {
      const result = new State(pass === "forward" ? dy.shape : pass === "inputGrad" ? x.shape : w.shape, undefined, pass);
      const program = await compile(wasm({ threads }), {}, () => {
        assign(result, passOf(pass, chosen.attrs, x, w, dy, { ...geometry, ...choice }));
        // While training weights change with every run; for a forward pass they may have been made ready once.
        if (pass === "inputGrad") assign(w, w.tensor);
        return {};
      });
      try {
        const time = median(await timesOf(() => program.run({}), milliseconds));
        const gflops = flops / time / 1e6;
        figures[pass] = {
          milliseconds: time,
          bytes: program.memory.total,
          gflops,
          share: gflops / (peakGflops * program.threads),
          error: errorOf(result.read().data, expected[pass]),
          // Magnitudes of operands are 1 at most.
          bound: bounds && bounds[pass] / largestOf(expected[pass]),
        };
      } finally {
        await program.close();
      }
    }
    rows.push({ name, options: choice, passes: figures as Record<ConvPass, AlgorithmFigures>, refusal: undefined });
  }
  const compared = Object.fromEntries(
    CONV_PASSES.map((pass) => [pass, { elements: expected[pass].places.length, of: expected[pass].of }]),
  ) as AlgorithmComparison["compared"];
  return { layer, batch, threads, peakGflops, compared, rows };
}

type Geometry = Omit<ConvOptions, "paddingMode">;

/** Normalised attributes, and the shape of the output. */
function traceConv(x: Shape, w: Shape, geometry: Geometry): { readonly attrs: ConvAttrs; readonly y: Shape } {
  const y = conv(input("x", x), input("w", w), undefined, geometry);
  if (y.source.kind !== "op") throw new OpError("compareAlgorithms", "takes convolutions");
  return { attrs: y.source.attrs as unknown as ConvAttrs, y: y.shape };
}

function passOf(pass: ConvPass, attrs: ConvAttrs, x: State, w: State, dy: State, geometry: Geometry): Tensor {
  if (pass === "inputGrad") return convInputGrad(dy.tensor, w.tensor, x.shape, attrs);
  if (pass === "weightGrad") return convWeightGrad(dy.tensor, x.tensor, attrs);
  return conv(x.tensor, w.tensor, undefined, geometry);
}

/** What `fn` gives, or the message of the OpError that it throws. */
function attempt<T>(fn: () => T): T | string {
  try {
    return fn();
  } catch (error) {
    if (error instanceof OpError) return error.message;
    throw error;
  }
}

/** Values in [-1, 1). Large arrays are states, so that no run copies them in or out; weights are parameters, which lie as filters. */
const drawn = (shape: Shape, name: string, make: typeof State = State): State =>
  new make(
    shape,
    (array, stream) => {
      for (let i = 0; i < array.data.length; i++) array.data[i] = 2 * stream.uniform(i) - 1;
    },
    name,
  );

/** A filled array with its shape. */
interface Filled {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

const read = (s: State): Filled => ({ shape: s.shape, data: s.read().data });

/** Milliseconds of single runs, ascending, after warm-up: V8's optimising compiler takes over after some tens of calls. */
async function timesOf(run: () => Promise<unknown>, milliseconds: number): Promise<number[]> {
  const times: number[] = [];
  const timed = async (): Promise<number> => {
    const from = performance.now();
    await run();
    return performance.now() - from;
  };
  for (let spent = 0, n = 0; n < 2 || spent < milliseconds / 2; n++) spent += await timed();
  for (let spent = 0; times.length < 3 || spent < milliseconds; spent += times.at(-1)!) times.push(await timed());
  return times.sort((a, b) => a - b);
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Inputs of the three passes. */
interface Values {
  readonly x: Filled;
  readonly w: Filled;
  readonly dy: Filled;
  readonly attrs: ConvAttrs;
}

/** Exact values at some places of a result. */
interface Expected {
  readonly places: readonly number[];
  readonly values: readonly number[];
  readonly of: number;
}

/** Results in f64: all of them, or a sample where that would take more than so many of the definition's products. */
function sampled(pass: ConvPass, values: Values, products: number): Expected {
  const { shape } = { forward: values.dy, inputGrad: values.x, weightGrad: values.w }[pass];
  const of = sizeOf(shape);
  const stream = new RandomStream(0, `sample of ${pass}`);
  const all = products <= REFERENCE_WORK || of <= SAMPLE;
  const places = Array.from({ length: all ? of : SAMPLE }, (_, i) => (all ? i : stream.below(of, i)));
  return { places, values: places.map((at) => exact(pass, values, at)), of };
}

function errorOf(actual: ArrayLike<number>, expected: Expected): number {
  const { places, values } = expected;
  return places.reduce((worst, at, i) => Math.max(worst, Math.abs(actual[at]! - values[i]!)), 0) / largestOf(expected);
}

/** Largest magnitude; 1 of zeros alone, so that errors are absolute. */
const largestOf = ({ values }: Expected): number => values.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0) || 1;

/** Flat places of an input, an output and a tap that belong together: i = p s + k d - pad along each axis. */
type Match = readonly [i: number, p: number, k: number];

/** Element `at` of a pass's result, summed in f64 by the definition. */
function exact(pass: ConvPass, { x, w, dy, attrs }: Values, at: number): number {
  const [inSize, outSize, taps] = [sizeOf(x.shape.slice(2)), sizeOf(dy.shape.slice(2)), sizeOf(attrs.kernel)];
  const [n, c, o] = [x.shape[0]!, w.shape[1]!, w.shape[0]! / attrs.groups];
  const value = (image: number, group: number, out: number, into: number, [i, p, k]: Match): number => {
    const [xi, yi] = [(image * x.shape[1]! + group * c + into) * inSize + i, (image * w.shape[0]! + group * o + out) * outSize + p];
    const wi = ((group * o + out) * c + into) * taps + k;
    if (pass === "forward") return x.data[xi]! * w.data[wi]!;
    return pass === "inputGrad" ? dy.data[yi]! * w.data[wi]! : dy.data[yi]! * x.data[xi]!;
  };
  let total = 0;
  if (pass === "weightGrad") {
    const [channel, into] = [Math.floor(at / taps / c), Math.floor(at / taps) % c];
    const pairs = matches(x.shape.slice(2), dy.shape.slice(2), attrs, 2, at % taps);
    for (let image = 0; image < n; image++) {
      for (const m of pairs) total += value(image, Math.floor(channel / o), channel % o, into, m);
    }
    return total;
  }
  const [size, own, others] = pass === "forward" ? [outSize, o, c] : [inSize, c, o];
  const channel = Math.floor(at / size) % (own * attrs.groups);
  const image = Math.floor(at / size / (own * attrs.groups));
  const pairs = matches(x.shape.slice(2), dy.shape.slice(2), attrs, pass === "forward" ? 1 : 0, at % size);
  for (let other = 0; other < others; other++) {
    const [out, into] = pass === "forward" ? [channel % own, other] : [other, channel % own];
    for (const m of pairs) total += value(image, Math.floor(channel / own), out, into, m);
  }
  return total;
}

/** All matches whose member `fixed` is `at`. */
function matches(space: Shape, out: Shape, attrs: ConvAttrs, fixed: 0 | 1 | 2, at: number): Match[] {
  const extents = [space, out, attrs.kernel] as const;
  let rest = at;
  const own = extents[fixed].map(() => 0);
  for (let d = own.length - 1; d >= 0; d--) {
    own[d] = rest % extents[fixed][d]!;
    rest = Math.floor(rest / extents[fixed][d]!);
  }
  let found: Match[] = [[0, 0, 0]];
  for (let d = 0; d < own.length; d++) {
    const along: Match[] = [];
    for (let k = 0; k < attrs.kernel[d]!; k++) {
      for (let p = 0; p < out[d]!; p++) {
        const i = p * attrs.stride[d]! + k * attrs.dilation[d]! - attrs.padding[d]![0];
        if (i >= 0 && i < space[d]! && [i, p, k][fixed] === own[d]) along.push([i, p, k]);
      }
    }
    found = found.flatMap(([i, p, k]) =>
      along.map(([ai, ap, ak]): Match => [i * space[d]! + ai, p * out[d]! + ap, k * attrs.kernel[d]! + ak]),
    );
  }
  return found;
}
