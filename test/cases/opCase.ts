import type fc from "fast-check";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import type { DType, Tensor } from "../../src/index.ts";
import type { Attrs } from "../../src/ir/op.ts";

/**
 * How the values of an input are drawn where derivatives are taken: `normal` in [-2, 2]; `positive` and `nonzero` with
 * magnitudes in [0.5, 2.5]; `apart` so that all elements of all such inputs differ from each other and from zero, away from
 * kinks; `wide` in [-8, 8], away from whole numbers and their halves, where kinks are; `unit` in [0.05, 0.95]. Whole numbers
 * from `from` to below `to`.
 */
export type Domain = "normal" | "positive" | "nonzero" | "apart" | "wide" | "unit" | { readonly from: number; readonly to: number };

export interface Input {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly domain: Domain;
}

/** One application of an op: its inputs and normalised attributes. */
export interface OpCase<A extends Attrs = Attrs> {
  readonly inputs: readonly Input[];
  readonly attrs: A;
}

/** What every law runs over for one op. */
export interface OpCases<A extends Attrs = Attrs> {
  /** Written out: the corners that must run always. */
  readonly fixed: readonly OpCase<A>[];
  readonly random: fc.Arbitrary<OpCase<A>>;
  /** Uses that must fail with an OpError, by what is wrong. */
  readonly wrong: Readonly<Record<string, () => Tensor>>;
  /** Values that every implementation treats alike: infinities, NaN, signed zeros. Default none. */
  readonly special?: readonly number[];
  /** How many roundings an element may be off on a backend, for functions that amplify those of their parts. Default 8. */
  readonly roundings?: number;
  /** Why the op's rule is not the derivative, for ops that stop it on purpose. */
  readonly stopsGradient?: string;
}

export const f32Input = (shape: Shape, domain: Domain = "normal"): Input => ({ shape, dtype: "f32", domain });

/** Whole numbers from `from` to below `to`. */
export const i32Input = (shape: Shape, from: number, to: number): Input => ({ shape, dtype: "i32", domain: { from, to } });

export const SPECIAL: readonly number[] = [Number.NaN, Infinity, -Infinity, -0, 0, 1, -1, 1e-30, 1e30, -1e30];

/** `smooth` values have derivatives; `ties` are small whole numbers, so that equal ones meet; `special` come from the op's list. */
export type Draw = "smooth" | "ties" | { readonly special: readonly number[] };

/** Values of every input, each exact in f32. The same seed gives the same values. */
export function drawInputs(c: OpCase, seed: number, draw: Draw = "smooth"): Float64Array[] {
  const stream = new RandomStream(seed, "case");
  let drawn = 0;
  const apart = c.inputs.reduce((n, i) => n + (i.domain === "apart" ? sizeOf(i.shape) : 0), 0);
  const places = shuffled(apart, new RandomStream(seed, "places"));
  let placed = 0;
  const one = (domain: Domain): number => {
    const u = stream.uniform(drawn++);
    if (typeof domain === "object") return domain.from + Math.floor(u * (domain.to - domain.from));
    if (domain === "positive" || (draw !== "smooth" && domain === "nonzero")) return Math.fround(0.5 + 2 * u);
    if (domain === "unit") return Math.fround(0.05 + 0.9 * u);
    if (draw === "ties") return Math.floor(u * 5) - 2;
    if (draw !== "smooth") return Math.fround(draw.special[Math.floor(u * draw.special.length)]!);
    if (domain === "nonzero") return Math.fround(u < 0.5 ? -0.5 - 4 * u : 0.5 + 4 * (u - 0.5));
    if (domain === "apart") return Math.fround((4 * (places[placed++]! + 0.5)) / apart - 2 + 0.1 / apart);
    if (domain === "wide") return Math.fround((Math.floor(32 * u) + 0.05 + 0.9 * ((32 * u) % 1)) / 2 - 8);
    return Math.fround(4 * u - 2);
  };
  return c.inputs.map((i) => Float64Array.from({ length: sizeOf(i.shape) }, () => one(i.domain)));
}

function shuffled(n: number, stream: RandomStream): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** The case as one line, for failures. */
export const showCase = (c: OpCase): string => JSON.stringify({ inputs: c.inputs.map((i) => `${i.dtype}[${i.shape}]`), attrs: c.attrs });
