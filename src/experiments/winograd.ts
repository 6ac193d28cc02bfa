import { CONV_PASSES, type ConvPass, type ConvWorkload, compareAlgorithms } from "../analysis/algorithms.ts";
import type { ConvOptions } from "../ops/conv.ts";
import { minimalFilter } from "../ops/minimalFilter.ts";
import type { WinogradTile } from "../ops/winograd.ts";
import { counted, significant } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import { convPass } from "./lab/convPass.ts";
import { pieceWork, transformWork } from "./lab/transformWork.ts";
import { workOf } from "./lab/workOf.ts";
import { onward } from "./report/onward.ts";
import { PASS_NAMES } from "./report/passNames.ts";
import type { AxisSpec, Block, Chart } from "./report/report.ts";
import { sizeAxis } from "./report/sizeAxis.ts";
import { times as factor, listed, sentence, written } from "./report/words.ts";

const WAYS = ["direct", "im2col", "F(2 x 2)", "F(4 x 4)"] as const;
type Way = (typeof WAYS)[number];
const OPTIONS: { readonly [W in Way]: Pick<ConvOptions, "algorithm" | "tile"> } = {
  direct: { algorithm: "direct" },
  im2col: { algorithm: "im2col" },
  "F(2 x 2)": { algorithm: "winograd", tile: 2 },
  "F(4 x 4)": { algorithm: "winograd", tile: 4 },
};
const TILES: readonly { readonly way: Way; readonly tile: WinogradTile }[] = [
  { way: "F(2 x 2)", tile: 2 },
  { way: "F(4 x 4)", tile: 4 },
];
const TAPS = 3;
/** Ratios that differ by less are called the same: counts, and times, which are never twice the same. */
const [SAME, NOISE] = [0.01, 0.05];

/** A layer: from so many channels to as many, on square images, padded so that their size stays. */
interface Layer {
  readonly channels: number;
  readonly size: number;
}

/** One pass of one layer in one way. */
interface Row extends Layer {
  readonly pass: ConvPass;
  readonly way: Way;
  /** Multiplications whose results are summed over channels, taps or tiles. */
  readonly products: number;
  readonly transforms: { readonly multiplications: number; readonly additions: number };
  /** Largest difference to f64, relative to the largest element. Absent where f64 takes too long: a sample misses the largest. */
  readonly error?: number;
}

interface Results {
  /** Channels that were tried on images of `size`, and sizes that were tried with `width` channels. */
  readonly channels: readonly number[];
  readonly size: number;
  readonly sizes: readonly number[];
  readonly width: number;
  readonly rows: readonly Row[];
}

/** Median milliseconds of one run. */
interface Times {
  readonly threads: number;
  readonly rows: readonly (Layer & { readonly pass: ConvPass; readonly way: Way; readonly milliseconds: number })[];
}

/** A7: what do tiles save, and what do they cost in rounding? */
export const winograd: Experiment<Results, Times> = {
  name: "winograd",
  line: "convolution by Winograd's tiles against direct sums over channels and image size: multiplications, errors, time",
  question: "What does minimal filtering save, and what does it cost?",
  why: `Neighbouring outputs of a 3 x 3 convolution share inputs. Winograd's minimal filtering computes a tile of outputs at once with fewer
multiplications: 16 in place of 36 for a tile of 2 x 2, 36 in place of 144 for a tile of 4 x 4. It pays with transforms of tiles and
filters, whose number does not grow with the product of the channels, and with larger intermediate numbers, which are rounded.`,
  needsData: false,

  async measure(lab) {
    const channels = lab.choose([1, 4, 16, 32, 64, 128], [2, 4]);
    const sizes = lab.choose([4, 7, 8, 14, 28, 56], [5, 8]);
    const [size, width] = lab.choose([28, 64], [8, 4]);
    const layers: Layer[] = [
      ...channels.map((c) => ({ channels: c, size })),
      ...sizes.filter((s) => s !== size || !channels.includes(width)).map((s) => ({ channels: width, size: s })),
    ];
    const timed: Times["rows"][number][] = [];
    const rows = await lab.each(
      layers,
      (layer) => nameOf(layer),
      async (layer) => {
        const workload: ConvWorkload = {
          inChannels: layer.channels,
          outChannels: layer.channels,
          kernel: [TAPS, TAPS],
          padding: 1,
          space: [layer.size, layer.size],
        };
        const found = await compareAlgorithms(workload, { batch: 1, threads: 1, milliseconds: lab.choose(80, 1) });
        return CONV_PASSES.flatMap((pass) =>
          WAYS.flatMap((way): Row[] => {
            const { algorithm, tile } = OPTIONS[way];
            const figures = found.rows.find(({ options }) => options.algorithm === algorithm && options.tile === tile)?.passes?.[pass];
            if (!figures) return [];
            const graph = convPass(workload, pass, OPTIONS[way]);
            timed.push({ ...layer, pass, way, milliseconds: figures.milliseconds });
            const { elements, of } = found.compared[pass];
            const error = elements === of ? { error: figures.error } : {};
            return [{ ...layer, pass, way, products: workOf([graph]), transforms: transformWork(graph), ...error }];
          }),
        );
      },
      // Sums in f64, and runs that take longer than the time they are given.
      (layer) => 2 + (layer.channels * layer.size) ** 2 / 1e6,
    );
    return { results: { channels, size, sizes, width, rows: rows.flat() }, times: { threads: 1, rows: timed } };
  },

  report(results) {
    const { channels, size, sizes, width, rows } = results;
    const of = (layer: Layer, pass: ConvPass, way: Way): Row | undefined =>
      rows.find((r) => r.channels === layer.channels && r.size === layer.size && r.pass === pass && r.way === way);
    const error = (layer: Layer, pass: ConvPass, way: Way): number => of(layer, pass, way)?.error ?? Number.NaN;
    const saved = (layer: Layer, way: Way, by: (row: Row | undefined) => number = multiplications): number =>
      by(of(layer, "forward", "direct")) / by(of(layer, "forward", way));
    const layers = layersOf(results);
    const [narrow, wide] = [channels[0]!, channels.at(-1)!];
    const [few, many] = [layer(narrow, size), layer(wide, size)];
    const cases = layers
      .flatMap((l) => CONV_PASSES.map((pass) => ({ l, pass })))
      .filter(({ l, pass }) => Number.isFinite(error(l, pass, "direct")));
    const grown = (way: Way, beside: Way, among = cases): number =>
      geometricMean(among.map(({ l, pass }) => error(l, pass, way) / error(l, pass, beside)));
    const large = layers.filter((l) => cases.every((one) => one.l !== l)).map(nameOf);
    const unsummed = large.length === 0 ? "" : `; none of ${listed(large)}, where such sums take long`;
    const worst = (way: Way): number => Math.max(...rows.filter((row) => row.way === way).map((row) => row.error ?? 0));
    const growing = (among: typeof cases): number =>
      among.filter(({ l, pass }) => error(l, pass, "F(4 x 4)") > error(l, pass, "F(2 x 2)")).length;
    const best = TILES.reduce((a, b) => (saved(many, b.way) > saved(many, a.way) ? b : a));
    const from = onward(channels, (c) => saved(layer(c, size), best.way) > 1);
    const saves = (l: Layer, way: Way): string => {
      const ratio = saved(l, way);
      return ratio >= 1
        ? `direct sums multiply ${factor(ratio)} as much as it does`
        : `it multiplies ${factor(1 / ratio)} as much as direct sums`;
    };
    return {
      answer:
        (from === undefined
          ? `It saves no multiplications with up to ${counted(wide, "channel")} on ${size} x ${size}. `
          : `${best.way} saves multiplications from ${counted(from, "channel")} on: with ${wide} of them direct sums multiply ${factor(saved(many, best.way))} ` +
            "as much, transforms included. ") +
        `The error of tiles of 4 x 4 is ${factor(grown("F(4 x 4)", "direct"))} that of direct sums, the error of tiles of 2 x 2 ` +
        `${factor(grown("F(2 x 2)", "direct"))} (geometric means). Times are below.`,
      headlines: [
        ...TILES.map(
          ({ way, tile }) =>
            ({
              label: `Saved by ${way}`,
              value: saved(many, way),
              format: "number",
              more: `times fewer multiplications with ${counted(wide, "channel")} on ${size} x ${size}; products alone at most ${significant(limit(tile))}`,
            }) as const,
        ),
        ...TILES.map(
          ({ way }) =>
            ({
              label: `Error of ${way}`,
              value: grown(way, "direct"),
              format: "number",
              more: "times that of direct sums, geometric mean over layers and passes",
            }) as const,
        ),
      ],
      setup: [
        [
          "Layers",
          `3 x 3, as many channels out as in, padded so that the size stays; one image. Channels: ${listed(channels.map(String))} on ${size} x ${size}`,
        ],
        ["Image sizes", `${listed(sizes.map((s) => `${s} x ${s}`))} with ${counted(width, "channel")}`],
        [
          "Multiplications",
          "those of the products, and those of the transforms of inputs, filters and results: each entry of a matrix that is not 0, 1 or −1, " +
            "one axis after the other",
        ],
        ["All operations", "the same and additions, row by row of the matrices; direct sums add as often as they multiply"],
        ["Values", "uniform in [-1, 1), the same whatever the seed"],
        ["Errors", `largest difference to sums in double precision, relative to the largest element of the result${unsummed}`],
      ],
      nets: [],
      blocks: [
        savedChart("Saved over channels", "channels", channels, (c, way, by) => saved(layer(c, size), way, by)),
        savedChart("Saved over image size", "side of the image", sizes, (s, way, by) => saved(layer(width, s), way, by)),
        ...CONV_PASSES.flatMap((pass) => [
          errorChart(`Error over channels, ${PASS_NAMES[pass]}`, "channels", channels, (c, way) => error(layer(c, size), pass, way)),
          errorChart(`Error over image size, ${PASS_NAMES[pass]}`, "side of the image", sizes, (s, way) =>
            error(layer(width, s), pass, way),
          ),
        ]),
        tilesTable(),
        {
          kind: "table",
          title: "Multiplications, forward",
          columns: [
            { name: "Layer" },
            { name: "Direct", format: "count" },
            ...TILES.flatMap(
              ({ way }) =>
                [
                  { name: `${way}, products`, format: "count" },
                  { name: "transforms", format: "count" },
                  { name: "saved, times", format: "number" },
                ] as const,
            ),
          ],
          rows: layers.map((l) => [
            nameOf(l),
            of(l, "forward", "direct")?.products,
            ...TILES.flatMap(({ way }) => {
              const row = of(l, "forward", way);
              return [row?.products, row?.transforms.multiplications, saved(l, way)];
            }),
          ]),
        },
        {
          kind: "table",
          title: "Errors",
          columns: [
            { name: "Layer" },
            { name: "Pass" },
            ...WAYS.map((way) => ({ name: way, format: "number" }) as const),
            { name: "F(4 x 4) to direct", format: "number" },
          ],
          rows: cases.map(({ l, pass }) => [
            nameOf(l),
            PASS_NAMES[pass],
            ...WAYS.map((way) => error(l, pass, way)),
            error(l, pass, "F(4 x 4)") / error(l, pass, "direct"),
          ]),
        },
      ],
      says: [
        ...TILES.map(({ way, tile }) => {
          const [first, last] = [saved(few, way), saved(many, way)];
          const more = Math.abs(Math.log(last / first)) < SAME ? "the same" : last > first ? "more" : "less";
          const trend = more === "the same" ? "saves the same with few channels and with many" : `saves ${more} with more channels`;
          const row = of(many, "forward", way);
          const share = (row?.transforms.multiplications ?? Number.NaN) / multiplications(row);
          return (
            `${way} ${trend}: ${more === "the same" ? "" : `with ${counted(narrow, "channel")} ${saves(few, way)}, `}` +
            `with ${counted(wide, "channel")} ${saves(many, way)}. Then transforms are ${written(share, "percent")} of what it multiplies; products alone could save ${significant(limit(tile))} times.`
          );
        }),
        ...TILES.map(({ way, tile }) => {
          const by = onward(channels, (c) => saved(layer(c, size), way, operations) > 1);
          const much = significant(saved(many, way, operations));
          const crossing =
            by === undefined
              ? `${way} does more operations than direct sums up to ${counted(wide, "channel")}`
              : `${way} does fewer operations than direct sums from ${counted(by, "channel")} on, ${much} times fewer with ${wide}`;
          const ragged = sizes.filter((s) => s % tile !== 0);
          const loss = ragged.map((s) => `${written(1 - (s / (Math.ceil(s / tile) * tile)) ** 2, "percent")} at ${s} x ${s}`);
          return `With additions counted, ${crossing}.${ragged.length === 0 ? "" : ` Tiles that reach beyond the image compute outputs for nothing: ${listed(loss)}.`}`;
        }),
        samePasses(rows, layers),
        ...CONV_PASSES.map((pass) => {
          const own = cases.filter((one) => one.pass === pass);
          const n = growing(own);
          const all = n === own.length ? `in all of ${counted(n, "layer")}` : n === 0 ? "in no layer" : `in ${n} of ${own.length} layers`;
          return (
            `${sentence(PASS_NAMES[pass])}: the larger tile has the larger error ${all}. The error is ` +
            `${factor(grown("F(2 x 2)", "direct", own))} that of direct sums for tiles of 2 x 2, ${factor(grown("F(4 x 4)", "direct", own))} for tiles of 4 x 4.`
          );
        }),
        grown("F(2 x 2)", "direct") < 1
          ? "Tiles of 2 x 2 round less than direct sums, although they transform. That their sums, over channels or tiles, have fewer terms may be why."
          : "Transforms cost accuracy even for tiles of 2 x 2.",
        `The largest error of all layers and passes is ${listed(WAYS.map((way) => `${significant(worst(way))} (${way})`))}.`,
      ],
    };
  },

  timed(results, { threads, rows }) {
    const { channels, size, sizes, width, rows: worked } = results;
    const of = (l: Layer, pass: ConvPass, way: Way): number =>
      rows.find((r) => r.channels === l.channels && r.size === l.size && r.pass === pass && r.way === way)?.milliseconds ?? Number.NaN;
    const gain = (l: Layer, pass: ConvPass, way: Way): number => of(l, pass, "direct") / of(l, pass, way);
    const fastest = (l: Layer, pass: ConvPass): Way => WAYS.reduce((best, way) => (of(l, pass, way) < of(l, pass, best) ? way : best));
    const [few, many] = [layer(channels[0]!, size), layer(channels.at(-1)!, size)];
    const counts = (l: Layer, way: Way): number =>
      multiplications(worked.find((r) => r.channels === l.channels && r.size === l.size && r.pass === "forward" && r.way === way));
    const speed = (l: Layer, pass: ConvPass): string => {
      const ratio = gain(l, pass, "F(4 x 4)");
      if (Math.abs(Math.log(ratio)) < NOISE) return "it took as long as direct sums";
      return ratio >= 1 ? `direct sums took ${factor(ratio)} as long` : `it took ${factor(1 / ratio)} as long as direct sums`;
    };
    const others = WAYS.filter((way) => way !== "direct");
    const timeChart = (title: string, label: string, values: readonly number[], at: (value: number, way: Way) => number): Chart => ({
      kind: "chart",
      title,
      x: sizeAxis(label, values),
      y: { label: "time of direct sums, divided by own", format: "number", low: 0 },
      series: others.map((name) => ({ name, look: WAYS.indexOf(name), points: values.map((x) => ({ x, y: at(x, name) })) })),
    });
    return {
      blocks: [
        {
          kind: "table",
          title: "Median milliseconds",
          columns: [{ name: "Layer" }, { name: "Pass" }, ...WAYS.map((name) => ({ name, format: "number" }) as const), { name: "Fastest" }],
          rows: layersOf(results).flatMap((l) =>
            CONV_PASSES.map((pass) => [nameOf(l), PASS_NAMES[pass], ...WAYS.map((way) => of(l, pass, way)), fastest(l, pass)]),
          ),
        },
        ...CONV_PASSES.flatMap((pass) => [
          timeChart(`Time saved over channels, ${PASS_NAMES[pass]}`, "channels", channels, (c, way) => gain(layer(c, size), pass, way)),
          timeChart(`Time saved over image size, ${PASS_NAMES[pass]}`, "side of the image", sizes, (s, way) =>
            gain(layer(width, s), pass, way),
          ),
        ]),
      ],
      says: [
        ...CONV_PASSES.map((pass) => {
          const at = onward(channels, (c) => gain(layer(c, size), pass, "F(4 x 4)") > 1 + NOISE);
          const beside =
            at === undefined
              ? `F(4 x 4) was not clearly faster than direct sums with ${channels.at(-1)} channels`
              : `F(4 x 4) was clearly faster than direct sums from ${counted(at, "channel")} on`;
          const gains = channels.map((c) => gain(layer(c, size), pass, "F(4 x 4)"));
          const most = Math.max(...gains);
          const peak =
            most > 1 + NOISE
              ? `most was saved with ${counted(channels[gains.indexOf(most)]!, "channel")}, ${factor(most)}`
              : "none saved time";
          const wins = layersOf(results).filter((l) => fastest(l, pass).startsWith("F")).length;
          return (
            `${sentence(PASS_NAMES[pass])}: ${beside}, on ${size} x ${size}. With ${counted(few.channels, "channel")} ${speed(few, pass)}, with ` +
            `${counted(many.channels, "channel")} ${speed(many, pass)}; ${peak}. ` +
            `One of the tiles was the fastest of all four ways in ${wins} of ${counted(layersOf(results).length, "layer")}.`
          );
        }),
        `With ${many.channels} channels direct sums multiply ${factor(counts(many, "direct") / counts(many, "F(4 x 4)"))} as much as F(4 x 4) and took ` +
          `${factor(gain(many, "forward", "F(4 x 4)"))} as long, forward.`,
        `Measured with ${counted(threads, "thread")}, one image at a time. Filters of a forward pass are transformed once and not in every run, as when a trained network is used.`,
      ],
    };
  },
};

const layer = (channels: number, size: number): Layer => ({ channels, size });
const nameOf = ({ channels, size }: Layer): string => `${counted(channels, "channel")}, ${size} x ${size}`;

/** Each layer once. */
const layersOf = ({ rows }: Results): Layer[] =>
  rows.filter((row) => row.pass === "forward" && row.way === "direct").map(({ channels, size }) => layer(channels, size));

const multiplications = (row: Row | undefined): number => (row ? row.products + row.transforms.multiplications : Number.NaN);

/** Every product is also added to a sum. */
const operations = (row: Row | undefined): number =>
  row ? 2 * row.products + row.transforms.multiplications + row.transforms.additions : Number.NaN;

/** How many times fewer products there are without regard to the margins of an image. */
const limit = (tile: WinogradTile): number => ((tile * TAPS) / (tile + TAPS - 1)) ** 2;

const geometricMean = (ratios: readonly number[]): number => Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);

type Measure = typeof multiplications;

function savedChart(title: string, label: string, values: readonly number[], at: (value: number, way: Way, by: Measure) => number): Chart {
  const lines = [
    { name: "multiplications", by: multiplications },
    { name: "all operations", by: operations },
  ];
  return {
    kind: "chart",
    title,
    x: sizeAxis(label, values),
    y: { label: "count of direct sums, divided by own", format: "number", low: 0 },
    series: lines.flatMap(({ name, by }) =>
      TILES.map(({ way }) => ({ name: `${way}, ${name}`, points: values.map((x) => ({ x, y: at(x, way, by) })) })),
    ),
  };
}

function errorChart(title: string, label: string, values: readonly number[], at: (value: number, way: Way) => number): Chart {
  const y: AxisSpec = { label: "largest relative error", format: "number", scale: "log" };
  return {
    kind: "chart",
    title,
    x: sizeAxis(label, values),
    y,
    series: WAYS.map((name) => ({ name, points: values.map((x) => ({ x, y: at(x, name) })).filter((point) => Number.isFinite(point.y)) })),
  };
}

/** What the matrices say, whatever the layer. */
function tilesTable(): Block {
  return {
    kind: "table",
    title: "One tile",
    columns: [
      { name: "Tile" },
      { name: "Multiplications, direct", format: "count" },
      { name: "Products", format: "count" },
      { name: "Transform of inputs", format: "count" },
      { name: "of a filter", format: "count" },
      { name: "of results", format: "count" },
      { name: "Largest number in a transform", format: "number" },
    ],
    rows: TILES.map(({ way, tile }) => {
      const { at, g, bt } = minimalFilter(tile, TAPS, 1);
      const largest = Math.max(...[at, g, bt].flat(2).map(Math.abs)) ** 2;
      const transforms = [bt, g, at].map((matrix) => pieceWork(matrix).multiplications);
      return [way, (tile * TAPS) ** 2, (tile + TAPS - 1) ** 2, ...transforms, largest];
    }),
    note: "For one channel in and out. The numbers of a transform are those of its matrix along both axes; rounding errors are multiplied by them.",
  };
}

/** Whether the gradients multiply as much as the forward pass. */
function samePasses(rows: readonly Row[], layers: readonly Layer[]): string {
  const ratios = layers.flatMap((l) =>
    TILES.flatMap(({ way }) => {
      const [forward, ...gradients] = CONV_PASSES.map((pass) =>
        multiplications(rows.find((r) => r.channels === l.channels && r.size === l.size && r.way === way && r.pass === pass)),
      );
      return gradients.map((gradient) => gradient / forward!);
    }),
  );
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  return least === 1 && most === 1
    ? "Both gradients multiply exactly as much as the forward pass, in all of these layers."
    : `Gradients multiply ${significant(least)} to ${significant(most)} times as much as the forward pass.`;
}
