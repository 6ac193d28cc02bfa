import { type AlgorithmFigures, CONV_PASSES, type ConvPass, type ConvWorkload, compareAlgorithms } from "../analysis/algorithms.ts";
import { count, significant } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { convPass } from "./lab/convPass.ts";
import { workOf } from "./lab/workOf.ts";
import { onward } from "./report/onward.ts";
import { PASS_NAMES } from "./report/passNames.ts";
import type { AxisSpec } from "./report/report.ts";
import { sizeAxis } from "./report/sizeAxis.ts";
import { times as factor, listed, sentence } from "./report/words.ts";

const ALGORITHMS = ["direct", "im2col", "fft"] as const;
type Algorithm = (typeof ALGORITHMS)[number];

/** One pass of one algorithm at one size of the window. */
interface Row {
  readonly kernel: number;
  readonly pass: ConvPass;
  readonly algorithm: Algorithm;
  /** Multiply-adds that it really does, transforms included. */
  readonly multiplyAdds: number;
  /** Largest difference to f64, relative to the largest element. */
  readonly error: number;
}

interface Results {
  readonly channels: number;
  readonly size: number;
  readonly kernels: readonly number[];
  readonly rows: readonly Row[];
}

/** Median milliseconds of one run. */
interface Times {
  readonly threads: number;
  readonly rows: readonly {
    readonly kernel: number;
    readonly pass: ConvPass;
    readonly algorithm: Algorithm;
    readonly milliseconds: number;
  }[];
}

/** A6: from which window on does the convolution theorem pay? */
export const fft: Experiment<Results, Times> = {
  name: "fft",
  line: "convolution by Fourier transforms against direct sums over the size of the window: operations, errors, time",
  question: "When does the Fourier transform win?",
  why: `Convolution is a product of spectra, so its cost through the Fourier transform hardly depends on the size of the window, while that of
direct sums grows with its square. Somewhere the two must cross. The same holds for both gradients. Spectra pass through more roundings, so
the error belongs to the comparison.`,
  needsData: false,

  async measure(lab) {
    const kernels = lab.choose([3, 5, 7, 9, 11, 15, 21, 31], [3, 9]);
    const [channels, size] = lab.choose([8, 48], [2, 12]);
    const timed: Times["rows"][number][] = [];
    const rows = await lab.each(
      kernels,
      (kernel) => `windows of ${kernel} x ${kernel}`,
      async (kernel) => {
        const layer: ConvWorkload = {
          inChannels: channels,
          outChannels: channels,
          kernel: [kernel, kernel],
          padding: (kernel - 1) / 2,
          space: [size, size],
        };
        const found = await compareAlgorithms(layer, { batch: 1, threads: 1, milliseconds: lab.choose(80, 1) });
        const own: Row[] = [];
        for (const algorithm of ALGORITHMS) {
          const passes = found.rows.find(({ options }) => options.algorithm === algorithm)?.passes;
          if (!passes) continue;
          for (const pass of CONV_PASSES) {
            const figures: AlgorithmFigures = passes[pass];
            own.push({ kernel, pass, algorithm, multiplyAdds: workOf([convPass(layer, pass, { algorithm })]), error: figures.error });
            timed.push({ kernel, pass, algorithm, milliseconds: figures.milliseconds });
          }
        }
        return own;
      },
      (kernel) => 20 + kernel,
    );
    return { results: { channels, size, kernels, rows: rows.flat() }, times: { threads: 1, rows: timed } };
  },

  report({ channels, size, kernels, rows }) {
    const of = (pass: ConvPass, algorithm: Algorithm, kernel: number): Row | undefined =>
      rows.find((row) => row.pass === pass && row.algorithm === algorithm && row.kernel === kernel);
    const work = (pass: ConvPass, algorithm: Algorithm, kernel: number): number => of(pass, algorithm, kernel)?.multiplyAdds ?? Number.NaN;
    const crossing = (pass: ConvPass): number | undefined => onward(kernels, (k) => work(pass, "fft", k) < work(pass, "direct", k));
    const worst = (algorithm: Algorithm): number =>
      Math.max(...rows.filter((row) => row.algorithm === algorithm).map(({ error }) => error));
    const largest = kernels.at(-1)!;
    const cross = crossing("forward");
    return {
      answer:
        cross === undefined
          ? `Not up to windows of ${largest} x ${largest}: by count of operations direct sums stay ahead for this layer.`
          : `By count of operations from windows of ${cross} x ${cross} on, for this layer; at ${largest} x ${largest} direct sums multiply ` +
            `${factor(work("forward", "direct", largest) / work("forward", "fft", largest))} as much. Times are below.`,
      headlines: [
        ...(cross === undefined
          ? []
          : [{ label: "Fewer operations from", value: cross, format: "count", more: "pixels of window side on, forward" } as const]),
        { label: "Largest error, fft", value: worst("fft"), format: "number", more: "relative to the largest element, all passes" },
        { label: "Largest error, direct", value: worst("direct"), format: "number", more: "relative to the largest element, all passes" },
      ],
      setup: [
        ["Layer", `${channels} to ${channels} channels on ${size} x ${size}, padded so that the size stays; one image`],
        ["Operations", "multiply-adds of the graph that each algorithm is computed by, transforms of input, weights and result included"],
        [
          "Transforms",
          "discrete Fourier transforms as matrix products, one axis after the other; of the last axis the half that real numbers need",
        ],
        ["Values", "uniform in [-1, 1), the same whatever the seed"],
        ["Errors", "largest difference to sums in double precision, relative to the largest element of the result"],
      ],
      nets: [],
      blocks: [
        ...CONV_PASSES.map(
          (pass) =>
            ({
              kind: "chart",
              title: `Operations, ${PASS_NAMES[pass]}`,
              x: kernelAxis(kernels),
              y: { label: "multiply-adds", format: "count", scale: "log" },
              series: (["direct", "fft"] as const).map((name) => ({ name, points: kernels.map((x) => ({ x, y: work(pass, name, x) })) })),
            }) as const,
        ),
        {
          kind: "chart",
          title: "Errors, forward",
          x: kernelAxis(kernels),
          y: { label: "largest relative error", format: "number", scale: "log" },
          series: ALGORITHMS.map((name) => ({ name, points: kernels.map((x) => ({ x, y: of("forward", name, x)?.error ?? Number.NaN })) })),
        },
        {
          kind: "table",
          title: "Operations and errors",
          columns: [
            { name: "Window" },
            { name: "Pass" },
            { name: "Direct", format: "count" },
            { name: "FFT", format: "count" },
            { name: "FFT to direct", format: "number" },
            { name: "Error, direct", format: "number" },
            { name: "Error, im2col", format: "number" },
            { name: "Error, FFT", format: "number" },
          ],
          rows: kernels.flatMap((kernel) =>
            CONV_PASSES.map((pass) => [
              `${kernel} x ${kernel}`,
              PASS_NAMES[pass],
              work(pass, "direct", kernel),
              work(pass, "fft", kernel),
              work(pass, "fft", kernel) / work(pass, "direct", kernel),
              ...ALGORITHMS.map((algorithm) => of(pass, algorithm, kernel)?.error),
            ]),
          ),
        },
      ],
      says: [
        ...CONV_PASSES.map((pass) => {
          const at = crossing(pass);
          return at === undefined
            ? `${sentence(PASS_NAMES[pass])}: by operations the transform is behind at every window up to ${largest} x ${largest}.`
            : `${sentence(PASS_NAMES[pass])}: by operations the transform is ahead from windows of ${at} x ${at} on.`;
        }),
        `The direct sum's work grows ${factor(work("forward", "direct", largest) / work("forward", "direct", kernels[0]!))} from ${kernels[0]} x ${kernels[0]} to ` +
          `${largest} x ${largest}, the transform's ${factor(work("forward", "fft", largest) / work("forward", "fft", kernels[0]!))}: a padded image is larger, and its circle with it.`,
        `The largest error of all passes and windows is ${listed(ALGORITHMS.map((a) => `${significant(worst(a))} (${a})`))}.`,
      ],
    };
  },

  timed({ kernels, channels, size, rows: worked }, { threads, rows }) {
    const of = (pass: ConvPass, algorithm: Algorithm, kernel: number): number =>
      rows.find((row) => row.pass === pass && row.algorithm === algorithm && row.kernel === kernel)?.milliseconds ?? Number.NaN;
    const last = kernels.at(-1)!;
    const rate = (algorithm: Algorithm): number => {
      const row = worked.find((r) => r.pass === "forward" && r.algorithm === algorithm && r.kernel === last);
      return (row?.multiplyAdds ?? Number.NaN) / (1000 * of("forward", algorithm, last));
    };
    const fastest = (pass: ConvPass, kernel: number): Algorithm =>
      ALGORITHMS.reduce((best, a) => (of(pass, a, kernel) < of(pass, best, kernel) ? a : best));
    return {
      blocks: [
        ...CONV_PASSES.map(
          (pass) =>
            ({
              kind: "chart",
              title: `Time, ${PASS_NAMES[pass]}`,
              x: kernelAxis(kernels),
              y: { label: "milliseconds, median", format: "milliseconds", scale: "log" },
              series: ALGORITHMS.map((name) => ({ name, points: kernels.map((x) => ({ x, y: of(pass, name, x) })) })),
            }) as const,
        ),
      ],
      says: [
        ...CONV_PASSES.map((pass) => {
          const at = onward(kernels, (k) => of(pass, "fft", k) < of(pass, "direct", k));
          const wins = kernels.filter((k) => fastest(pass, k) === "fft");
          const beside =
            at === undefined
              ? "the transform was never faster than direct sums"
              : `the transform was faster than direct sums from ${at} x ${at} on`;
          const all =
            wins.length === 0
              ? "and the fastest of all three nowhere"
              : `and the fastest of all three at ${listed(wins.map((k) => `${k} x ${k}`))}`;
          return `${sentence(PASS_NAMES[pass])}: ${beside}, ${all}.`;
        }),
        `Measured with ${threads} thread, on ${count(channels)} channels of ${size} x ${size}. Forward at ${last} x ${last} the direct sum did ` +
          `${count(rate("direct"))} multiply-adds in a microsecond and the transform ${count(rate("fft"))}.`,
      ],
    };
  },
};

const kernelAxis = (kernels: readonly number[]): AxisSpec => sizeAxis("side of the window", kernels);
