import { RandomStream } from "../../src/base/random.ts";
import {
  Auxiliary,
  AvgPool2d,
  type Child,
  Concat,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  Flatten,
  Identity,
  Linear,
  MaxPool1d,
  MaxPool2d,
  type Module,
  PixelShuffle,
  ReLU,
  Residual,
  Sequential,
  Tanh,
  Upsample,
  ZeroPad2d,
} from "../../src/nn/index.ts";
import { windowCount } from "../../src/ops/window.ts";

const CLASSES = [
  Auxiliary,
  Concat,
  Identity,
  Residual,
  ConvTranspose2d,
  PixelShuffle,
  Upsample,
  ZeroPad2d,
  Conv1d,
  Conv2d,
  Linear,
  MaxPool1d,
  MaxPool2d,
  AvgPool2d,
  Flatten,
  ReLU,
  Tanh,
  Sequential,
];
/** The names of all classes that networks are made of. */
export const classNames: readonly string[] = CLASSES.map((c) => c.name);
type Make = new (...args: readonly unknown[]) => Module;
const make = (type: string, args: readonly unknown[]): Module => new (CLASSES.find((c) => c.name === type)! as unknown as Make)(...args);

/** A layer by class and arguments, so that it can be written as source text and made. */
export interface LayerSpec {
  readonly name?: string;
  readonly type: string;
  readonly args: readonly unknown[];
  readonly children?: readonly LayerSpec[];
}

/** A network and an input, which need not fit each other. */
export interface NetworkSpec {
  readonly layers: readonly LayerSpec[];
  readonly input: readonly number[];
}

/** The network as the source text of an expression. */
export const sourceOf = (layers: readonly LayerSpec[], type = "Sequential"): string =>
  `new ${type}(${layers
    .map((layer) => {
      const { name, children } = layer;
      const text = children ? sourceOf(children, layer.type) : `new ${layer.type}(${layer.args.map((a) => JSON.stringify(a)).join(", ")})`;
      return name === undefined ? text : `[${JSON.stringify(name)}, ${text}]`;
    })
    .join(", ")})`;

/** The network. Throws an OpError where the source would not compile. */
export function networkOf(layers: readonly LayerSpec[], type = "Sequential"): Module {
  const children = layers.map((layer): Child => {
    const module = layer.children ? networkOf(layer.children, layer.type) : make(layer.type, layer.args);
    return layer.name === undefined ? module : [layer.name, module];
  });
  return make(type, children);
}

/** A network of a few layers, in which now and then a number is wrong. */
export const randomNetwork = (seed: number): NetworkSpec => drawn(seed, false);

/** The same, with sums, branches and auxiliary heads among the layers, nested and under names of all kinds. */
export const randomCombinators = (seed: number): NetworkSpec => drawn(seed, true);

function drawn(seed: number, combinators: boolean): NetworkSpec {
  const stream = new RandomStream(seed, "network");
  let drawn = 0;
  const below = (n: number): number => stream.below(n, drawn++);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)]!;
  const rank = pick([1, 2, 2, 2] as const);
  const input = [pick([1, 3, 4, 8]), ...Array.from({ length: rank }, () => 6 + below(20))];
  // What the layers so far give, as far as the generator knows: [channels, ...space], or [features].
  let shape: readonly number[] = input;
  const right = (n: number): number => (below(14) === 0 ? n + 1 + below(3) : n);
  const sized = (k: number, s: number, p: number, d: number): readonly number[] =>
    shape.slice(1).map((n) => Math.max(1, Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1));

  let names = 0;
  const layer = (depth: number): LayerSpec => {
    if (combinators && depth < 3 && below(5) < 3) return pick([residual, concat, auxiliary])(depth + 1);
    const kind = below(12);
    if (kind === 0 && depth < 2) return { type: "Sequential", args: [], children: list(1 + below(3), depth + 1) };
    if (kind <= 1) return { type: pick(["ReLU", "Tanh"]), args: [] };
    if (shape.length === 1 || kind === 2) {
      const out = pick([4, 10, 128]);
      const spec: LayerSpec = { type: "Linear", args: [right(shape.at(-1)!), out] };
      shape = [...shape.slice(0, -1), out];
      return spec;
    }
    if (kind === 3) {
      shape = [shape.reduce((a, b) => a * b, 1)];
      return { type: "Flatten", args: [] };
    }
    const [k, s, p, d] = [pick([1, 2, 3, 5]), pick([1, 1, 2, 3]), pick([0, 0, 1]), pick([1, 1, 2])];
    if (kind <= 6) {
      const type = rank === 1 ? "MaxPool1d" : pick(["MaxPool2d", "AvgPool2d"]);
      const padding = k > 1 ? p : 0;
      const dilation = type === "AvgPool2d" ? 1 : d;
      const ceilMode = below(3) === 0;
      const counted = (n: number): number => Math.max(1, windowCount(n, k, s, [padding, padding], dilation, ceilMode));
      shape = [shape[0]!, ...shape.slice(1).map(counted)];
      return { type, args: [k, { stride: s, padding, ...(type === "AvgPool2d" ? {} : { dilation }), ...(ceilMode ? { ceilMode } : {}) }] };
    }
    const [own, out] = [right(shape[0]!), pick([2, 6, 16])];
    if (kind === 10 && rank === 2) {
      const [cut, extra] = [k > 1 ? p : 0, s > 1 ? 1 : 0];
      shape = [out, ...shape.slice(1).map((n) => Math.max(1, (n - 1) * s - 2 * cut + d * (k - 1) + extra + 1))];
      return { type: "ConvTranspose2d", args: [own, out, k, { stride: s, padding: cut, outputPadding: extra, dilation: d }] };
    }
    if (kind === 11 && rank === 2) {
      const type = pick(["PixelShuffle", "Upsample", "ZeroPad2d"]);
      if (type === "PixelShuffle") {
        shape = [Math.max(1, Math.floor(shape[0]! / 4)), ...shape.slice(1).map((n) => 2 * n)];
        return { type, args: [2] };
      }
      const grown = type === "Upsample" ? (n: number): number => 2 * n : (n: number): number => n + 1 + p;
      shape = [shape[0]!, ...shape.slice(1).map(grown)];
      return {
        type,
        args: [
          type === "Upsample"
            ? { scaleFactor: 2 }
            : [
                [1, p],
                [p, 1],
              ],
        ],
      };
    }
    const same = below(5) === 0;
    const spec: LayerSpec = {
      type: rank === 1 ? "Conv1d" : "Conv2d",
      args: [own, out, k, same ? { padding: "same", stride: s, dilation: d } : { stride: s, padding: p, dilation: d }],
    };
    shape = [out, ...(same ? shape.slice(1).map((n) => Math.ceil(n / s)) : sized(k, s, p, d))];
    return spec;
  };
  const list = (length: number, depth: number): LayerSpec[] =>
    Array.from({ length }, (_, i) => ({ ...(below(4) === 0 ? { name: `part${i}` } : {}), ...layer(depth) }));

  /** Now and then with a name; "" only where `alone` says that no other child is in danger of having a part of the same name. */
  const entry = (spec: LayerSpec, alone = false): LayerSpec => {
    const kind = below(3);
    if (kind === 0) return spec;
    return kind === 1 && alone ? withNames({ ...spec, name: "" }) : { ...spec, name: `child${names++}` };
  };
  /** A name for each part that would be in the container of this one, which is called "". */
  const withNames = (spec: LayerSpec): LayerSpec =>
    spec.children
      ? { ...spec, children: spec.children.map((c) => (c.name === "" ? withNames(c) : { ...c, name: `deep${names++}` })) }
      : spec;
  /** A few layers from `start`, as one. */
  const branch = (start: readonly number[], depth: number): LayerSpec => {
    shape = start;
    const length = 1 + below(2);
    return length === 1 ? layer(depth) : { type: "Sequential", args: [], children: list(length, depth) };
  };
  /** A layer that makes `start` have these channels (or features) with the given stride. */
  const fitting = (start: readonly number[], out: number, stride: number): LayerSpec => {
    if (start.length === 1) return { type: "Linear", args: [right(start[0]!), out] };
    const args = below(2) === 0 ? [1, { stride }] : [3, { stride, padding: 1 }];
    return { type: `Conv${rank}d`, args: [right(start[0]!), right(out), ...args] };
  };
  const strided = (n: number, stride: number): number => Math.floor((n - 1) / stride) + 1;

  const residual = (depth: number): LayerSpec => {
    const start = shape;
    const [out, stride] = start.length === 1 ? [pick([4, 10]), 1] : [pick([start[0]!, 6]), pick([1, 2])];
    const identity = below(2) === 0;
    // One in five has any body, which hardly ever fits.
    const arbitrary = below(5) === 0;
    const body = arbitrary ? branch(start, depth) : fitting(start, identity ? start[0]! : out, identity ? right(1) : stride);
    const inside = arbitrary || below(2) === 0 ? body : { type: "Sequential", args: [], children: [body, { type: "Tanh", args: [] }] };
    shape = identity ? start : [out, ...start.slice(1).map((n) => strided(n, stride))];
    const first = entry(inside, true);
    const shortcut = { ...fitting(start, out, below(6) === 0 ? stride + 1 : stride), name: "downsample" };
    return { type: "Residual", args: [], children: identity ? [first] : [first, first.name === "" ? shortcut : entry(shortcut)] };
  };

  const concat = (depth: number): LayerSpec => {
    const start = shape;
    const stride = start.length === 1 ? 1 : pick([1, 1, 2]);
    const outs = Array.from({ length: 2 + below(2) }, () => pick([2, 4, 6]));
    const children = outs.map((out, i) => {
      const kind = below(8);
      // Only one may be "": the others have names of their own, or numbers, which what is in it has not.
      if (kind === 0) return entry(branch(start, depth), i === 0);
      if (kind === 1) return entry({ type: "Identity", args: [] });
      return entry(fitting(start, out, below(10) === 0 ? stride + 1 : stride), i === 0);
    });
    const channels = children.map((c, i) => (c.type === "Identity" ? start[0]! : outs[i]!)).reduce((a, b) => a + b);
    shape = [channels, ...start.slice(1).map((n) => strided(n, stride))];
    return { type: "Concat", args: [], children };
  };

  const auxiliary = (depth: number): LayerSpec => {
    const start = shape;
    const head: LayerSpec =
      below(3) === 0
        ? branch(start, depth)
        : {
            type: "Sequential",
            args: [],
            children: [
              { type: "Flatten", args: [] },
              { type: "Linear", args: [right(start.reduce((a, b) => a * b, 1)), 10] },
            ],
          };
    shape = start;
    return { type: "Auxiliary", args: [], children: [entry(head, true)] };
  };
  return { layers: list(2 + below(combinators ? 3 : 5), 0), input };
}
