import { f32 } from "../base/ndarray.ts";
import { RandomStream } from "../base/random.ts";
import { input, type Tensor } from "../ir/tensor.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/conv.ts";
import { MaxPool2d } from "../nn/layers/pool.ts";
import type { Module } from "../nn/module.ts";
import { compile } from "../runtime/compile.ts";
import { significant } from "../train/report/format.ts";
import type { Experiment } from "./experiment.ts";
import type { Lab } from "./lab/lab.ts";
import { workOf } from "./lab/workOf.ts";
import type { NetRow } from "./report/report.ts";
import { meanOf, spreadOf } from "./report/spread.ts";
import { listed, sentence, written } from "./report/words.ts";

const PADDINGS = ["circular", "zeros"] as const;
type Padding = (typeof PADDINGS)[number];
/** How maps shrink: not at all, by convolutions with stride 2, by max-pooling over 2 x 2. */
const SHRINKS = ["stride 1", "stride 2", "max-pool"] as const;
type Shrink = (typeof SHRINKS)[number];

interface Run {
  readonly padding: Padding;
  readonly shrink: Shrink;
  readonly seed: number;
  /** By shift: |f(shifted x) - shifted f(x)| / |f(x)|; over all of the map, over its interior and over its border. */
  readonly all: readonly number[];
  readonly interior: readonly number[];
  readonly border: readonly number[];
}

interface Results {
  readonly side: number;
  readonly seeds: readonly number[];
  readonly shifts: readonly number[];
  readonly nets: readonly NetRow[];
  /** Steps of the input for one of the map, and half the field of a unit of the map, in pixels. */
  readonly geometry: Readonly<Record<Shrink, { readonly step: number; readonly reach: number }>>;
  readonly runs: readonly Run[];
}

const CHANNELS = 8;

/** G3: are layers of convolution, ReLU and pooling equivariant to shifts? */
export const equivariance: Experiment<Results> = {
  name: "equivariance",
  line: "convolution, ReLU and pooling under shifts: exact or not, by padding and stride, at the border and inside",
  question: "Does the map shift when the image does?",
  why: `A convolution computes the same everywhere, so a shifted image should give a shifted map. That is exact only if there is no border, or if the
image is continued from its other end, and only for shifts that the map can follow: with a stride of 4 pixels a shift of 1 has no place on the
map. How far a layer is from it, and where, can be measured without training.`,
  needsData: false,

  async measure(lab) {
    const seeds = lab.seeds();
    const side = lab.choose(32, 16);
    const shifts = lab.choose([0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 4]);
    const jobs = seeds.flatMap((seed) => PADDINGS.flatMap((padding) => SHRINKS.map((shrink) => ({ seed, padding, shrink }))));
    const runs = await lab.each(
      jobs,
      ({ padding, shrink, seed }) => `${padding}, ${shrink}, seed ${seed}`,
      async ({ padding, shrink, seed }): Promise<Run> => ({
        padding,
        shrink,
        seed,
        ...(await errors(lab, padding, shrink, seed, side, shifts)),
      }),
    );
    const nets = PADDINGS.flatMap((padding) => SHRINKS.map((shrink) => rowOf(padding, shrink, side)));
    return { results: { side, seeds, shifts, nets, geometry: GEOMETRY, runs } };
  },

  report({ side, seeds, shifts, nets, geometry, runs }) {
    const of = (padding: Padding, shrink: Shrink, where: "all" | "interior" | "border", shift: number): number[] =>
      runs.filter((run) => run.padding === padding && run.shrink === shrink).map((run) => run[where][shifts.indexOf(shift)]!);
    const moved = shifts.filter((shift) => shift > 0);
    const fits = (shrink: Shrink): number[] => moved.filter((shift) => shift % geometry[shrink].step === 0);
    const misfits = (shrink: Shrink): number[] => moved.filter((shift) => shift % geometry[shrink].step !== 0);
    /** Largest error of any run over these shifts. */
    const worst = (padding: Padding, shrink: Shrink, where: "all" | "interior" | "border", over: readonly number[]): number =>
      Math.max(0, ...over.flatMap((shift) => of(padding, shrink, where, shift)));
    const mean = (padding: Padding, shrink: Shrink, where: "all" | "interior" | "border", over: readonly number[]): number =>
      over.length === 0 ? 0 : meanOf(over.flatMap((shift) => of(padding, shrink, where, shift)));
    const exactness = (value: number): string =>
      value === 0 ? "exactly 0" : value < 1e-5 ? `${significant(value)}, which is rounding` : written(value, "percent");
    const circular = Math.max(...SHRINKS.map((shrink) => worst("circular", shrink, "all", fits(shrink))));
    const inside = Math.max(...SHRINKS.map((shrink) => worst("zeros", shrink, "interior", fits(shrink))));
    const broken = meanOf((["stride 2", "max-pool"] as const).map((shrink) => mean("circular", shrink, "all", misfits(shrink))));
    const chart = (padding: Padding) =>
      ({
        kind: "chart",
        title: `Padding: ${padding}`,
        x: { label: "shift in pixels", format: "count", ticks: shifts.map((value) => ({ value, label: `${value}` })) },
        y: { label: "relative error, all of the map", format: "number", low: 0 },
        series: SHRINKS.map((shrink) => ({ name: shrink, points: shifts.map((x) => ({ x, y: spreadOf(of(padding, shrink, "all", x)) })) })),
      }) as const;
    return {
      answer: answerOf(circular, inside, broken, mean("zeros", "stride 1", "all", moved)),
      headlines: [
        { label: "Circular padding", value: circular, format: "number", more: "largest error, shifts that the map can follow" },
        { label: "Zeros, inside", value: inside, format: "number", more: "largest error away from the border, the same shifts" },
        {
          label: "Zeros, all of the map",
          value: mean("zeros", "stride 1", "all", moved),
          format: "percent",
          more: "mean error with stride 1",
        },
        { label: "Shifts between", value: broken, format: "percent", more: "mean error where the map cannot follow, circular" },
      ],
      setup: [
        [
          "Images",
          `8 images of uniform noise, ${CHANNELS} channels of ${side} x ${side}: nothing about them is smooth, which is the hardest case`,
        ],
        ["Layers", "two blocks of convolution 3 x 3, 8 maps, and ReLU, with the padding and the way to shrink as named; random weights"],
        ["Shifts", "along the width; what leaves at one end comes in at the other"],
        [
          "Error",
          "|f(shifted x) - shifted f(x)| / |f(x)|, Euclidean. Where the map would have to move by a part of its step, the better of its two neighbours counts",
        ],
        ["Interior", "units whose field, before and after the shift, touches neither a border nor what came round"],
        ["Seeds", `${listed(seeds.map(String))}: images and weights`],
      ],
      nets,
      blocks: [
        chart("circular"),
        chart("zeros"),
        {
          kind: "table",
          title: "Mean error where the map can follow, and where it cannot",
          columns: [
            { name: "Padding, shrinking" },
            { name: "One step of the map, pixels", format: "count" },
            { name: "Can follow: all", format: "number" },
            { name: "Interior", format: "number" },
            { name: "Border", format: "number" },
            { name: "Cannot: all", format: "number" },
            { name: "Interior", format: "number" },
          ],
          rows: PADDINGS.flatMap((padding) =>
            SHRINKS.map((shrink) => {
              const between = misfits(shrink);
              return [
                `${padding}, ${shrink}`,
                geometry[shrink].step,
                ...(["all", "interior", "border"] as const).map((where) => mean(padding, shrink, where, fits(shrink))),
                ...(["all", "interior"] as const).map((where) => (between.length > 0 ? mean(padding, shrink, where, between) : undefined)),
              ];
            }),
          ),
        },
      ],
      says: [
        `Circular padding, shifts by whole steps of the map: the error is ${exactness(circular)}, for every way of shrinking.`,
        `Zeros around the image, the same shifts: inside the error is ${exactness(inside)}; at the border it is ` +
          `${listed(SHRINKS.map((shrink) => `${written(mean("zeros", shrink, "border", fits(shrink)), "percent")} (${shrink})`))}.`,
        ...(["stride 2", "max-pool"] as const).map(
          (shrink) =>
            `${sentence(shrink)}: shifts that are no multiple of ${geometry[shrink].step} pixels give an error of ${exactness(mean("circular", shrink, "all", misfits(shrink)))} ` +
            `on average even with circular padding, against ${exactness(mean("circular", shrink, "all", fits(shrink)))} for multiples.`,
        ),
      ],
    };
  },
};

function answerOf(circular: number, inside: number, between: number, zeros: number): string {
  const rounding = 1e-5;
  const head =
    circular < rounding && inside < rounding
      ? "Yes, but only without borders and by whole steps of the map: with circular padding, and inside with any, the error is " +
        `${circular === 0 && inside === 0 ? "exactly 0" : "no more than rounding"}.`
      : `Not even with circular padding or inside: the error reaches ${written(Math.max(circular, inside), "percent")}.`;
  const parts = [
    ...(zeros > rounding ? [`zeros around the image make it ${written(zeros, "percent")} over the whole map with stride 1`] : []),
    ...(between > rounding ? [`shifts by a part of a step make it ${written(between, "percent")}`] : []),
  ];
  return `${head}${parts.length > 0 ? ` ${sentence(listed(parts))}.` : ""}`;
}

/** Reach: how far to either side of its centre a unit of the map sees. */
const GEOMETRY: Results["geometry"] = {
  "stride 1": { step: 1, reach: 2 },
  // Fields of 3, then of 3 + 2 x 2.
  "stride 2": { step: 4, reach: 3 },
  // Convolution 3, pool 4, convolution 4 + 2 x 2, pool 8 + 2.
  "max-pool": { step: 4, reach: 5 },
};

function layersOf(padding: Padding, shrink: Shrink): readonly Module[] {
  const block = (): Module[] => [
    // Direct sums add up alike wherever an output lies, so that what is equivariant is so to the bit; tiles would round by their place.
    new Conv2d(CHANNELS, CHANNELS, 3, { padding: 1, paddingMode: padding, stride: shrink === "stride 2" ? 2 : 1, algorithm: "direct" }),
    new ReLU(),
    ...(shrink === "max-pool" ? [new MaxPool2d(2)] : []),
  ];
  return [...block(), ...block()];
}

const through = (layers: readonly Module[], x: Tensor): Tensor => layers.reduce((y, layer) => layer.forward(y as never) as Tensor, x);

function rowOf(padding: Padding, shrink: Shrink, side: number): NetRow {
  const y = through(layersOf(padding, shrink), input("x", [1, CHANNELS, side, side]));
  const how = { "stride 1": "conv 3 x 3", "stride 2": "conv 3 x 3, stride 2", "max-pool": "conv 3 x 3; ReLU; max-pool 2" }[shrink];
  const parameters = 2 * (CHANNELS * CHANNELS * 9 + CHANNELS);
  return {
    name: `${padding}, ${shrink}`,
    layers: `twice (${how}${shrink === "max-pool" ? "" : "; ReLU"}), padded: ${padding}`,
    parameters,
    multiplyAdds: workOf([y]),
  };
}

const IMAGES = 8;

async function errors(
  lab: Lab,
  padding: Padding,
  shrink: Shrink,
  seed: number,
  side: number,
  shifts: readonly number[],
): Promise<Pick<Run, "all" | "interior" | "border">> {
  const layers = layersOf(padding, shrink);
  layers.forEach((layer, i) => {
    // The same weights whatever lies between the convolutions.
    const at = layers.slice(0, i).filter((other) => other instanceof Conv2d).length;
    for (const [name, state] of layer.namedStates()) state.initialize(seed, `${at} ${name}`);
  });
  const stream = new RandomStream(seed, "noise");
  const images = f32(
    [IMAGES, CHANNELS, side, side],
    Float32Array.from({ length: IMAGES * CHANNELS * side * side }, (_, i) => 2 * stream.uniform(i) - 1),
  );
  const program = await compile(lab.backend, { x: images.shape }, ({ x }) => through(layers, x));
  const found: { all: number[]; interior: number[]; border: number[] } = { all: [], interior: [], border: [] };
  try {
    const { data: still, shape } = (await program.run({ x: images })).output;
    const base = still.slice() as Float32Array;
    const width = shape[3]!;
    const { step, reach } = GEOMETRY[shrink];
    for (const shift of shifts) {
      const shiftedImages = rolled(images.data, side, shift);
      const shifted = (await program.run({ x: shiftedImages })).output.data as Float32Array;
      // Units at either end whose field, before or after the shift, reaches over an edge of the image.
      const margin = Math.ceil((reach + shift) / step) + 1;
      const inside = (column: number, row: number): boolean => {
        const edge = Math.ceil(reach / step) + 1;
        return column >= margin && column < width - edge && row >= edge && row < width - edge;
      };
      const candidates = [...new Set([Math.floor(shift / step), Math.ceil(shift / step)])].map((by) =>
        compare(shifted, rolled(base, width, by), width, inside),
      );
      const best = candidates.reduce((a, b) => (b.all < a.all ? b : a));
      found.all.push(best.all);
      found.interior.push(best.interior);
      found.border.push(best.border);
    }
  } finally {
    await program.close();
  }
  return found;
}

/** Rows of `width` numbers, each rolled to the right. */
function rolled(values: Float32Array, width: number, by: number): Float32Array {
  return values.map((_, i) => values[i - (i % width) + (((i % width) - by + width) % width)]!);
}

/** Relative distances over square maps: of all units, of those inside and of the others. */
function compare(
  a: Float32Array,
  b: Float32Array,
  width: number,
  inside: (column: number, row: number) => boolean,
): { readonly all: number; readonly interior: number; readonly border: number } {
  const [off, own] = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < a.length; i++) {
    const where = inside(i % width, Math.floor(i / width) % width) ? 0 : 1;
    off[where]! += (a[i]! - b[i]!) * (a[i]! - b[i]!);
    own[where]! += b[i]! * b[i]!;
  }
  const share = (o: number, w: number): number => (w === 0 ? 0 : Math.sqrt(o / w));
  return { all: share(off[0]! + off[1]!, own[0]! + own[1]!), interior: share(off[0]!, own[0]!), border: share(off[1]!, own[1]!) };
}
