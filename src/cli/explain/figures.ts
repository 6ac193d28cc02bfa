import type { Numbers } from "../../train/report/data.ts";
import type { Outcome } from "../command.ts";
import type { Found } from "./explanation.ts";

/** Digits that are kept of each number: as many as an f32 has for sure. */
const DIGITS = 6;

/** The numbers behind the page, for --json: arrays as nested lists, numbers to 6 digits. */
export function figuresOf({ explanation, answers }: Found, out: string | undefined): Outcome["json"] {
  const { classes, target, trueClass, probabilities, score } = explanation;
  return {
    model: explanation.model,
    weights: explanation.weights,
    image: explanation.imageName,
    class: classes[target],
    index: target,
    ...(trueClass !== undefined && { trueClass: classes[trueClass] }),
    score: rounded(score),
    probabilities: Array.from(probabilities, rounded),
    pixels: Object.fromEntries(
      explanation.pixels.map(({ method, map }) => [method, { map: nested(map), ...roundedAll(answers.get(method)?.figures) }]),
    ),
    omitted: explanation.omitted,
    layers: explanation.maps.map(({ path, type, values }) => ({
      path,
      type,
      shape: values.shape,
      ...statistics(values.data),
      values: nested(values),
    })),
    filters: explanation.filters.map(({ path, weight }) => ({ path, shape: weight.shape, weight: nested(weight) })),
    maximization: explanation.wanted.map(({ path, type, images, channels }) => {
      const all = nested(images) as readonly Nested[];
      return {
        layer: path,
        type,
        channels: channels.map((c, i) => ({ ...c, activations: c.activations.map(rounded), image: all[i] })),
      };
    }),
    check: explanation.checks.map(({ method, layers }) => ({
      method,
      layers: layers.map(({ path, ofSizes, ofValues }) => ({ path, ofSizes: rounded(ofSizes), ofValues: rounded(ofValues) })),
    })),
    out: out ?? null,
  };
}

type Nested = number | null | readonly Nested[];

/** JSON has no NaN: null stands for what is no number. */
const rounded = (v: number): number | null => (Number.isFinite(v) ? Number(v.toPrecision(DIGITS)) : null);

const roundedAll = (figures: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, typeof value === "number" ? rounded(value) : value]));

/** An array as lists of lists. */
function nested({ shape, data }: Numbers): Nested {
  const part = (axis: number, from: number, size: number): Nested => {
    if (axis === shape.length) return rounded(data[from]!);
    const step = size / shape[axis]!;
    return Array.from({ length: shape[axis]! }, (_, i) => part(axis + 1, from + i * step, step));
  };
  return part(0, 0, data.length);
}

function statistics(data: ArrayLike<number>): Readonly<Record<"low" | "high" | "mean" | "zeros", number | null>> {
  let [low, high, sum, zeros] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!;
    low = Math.min(low, v);
    high = Math.max(high, v);
    sum += v;
    if (v === 0) zeros++;
  }
  return { low: rounded(low), high: rounded(high), mean: rounded(sum / data.length), zeros };
}
