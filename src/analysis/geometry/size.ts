/** Output sizes of windows, with the formula filled in. */
import { windowCount } from "../../ops/window.ts";

/** A size and how it comes about. */
export interface ExplainedSize {
  readonly size: number;
  /** `floor((28 + 2*2 - 1*(5-1) - 1)/1) + 1 = 28` */
  readonly formula: string;
}

/** One axis of a window. */
export interface AxisWindow {
  readonly kernel: number;
  /** Default 1. */
  readonly stride?: number;
  /** Both sides, or [before, after]; negative crops. Default 0. */
  readonly padding?: number | readonly [number, number];
  /** Default 1. */
  readonly dilation?: number;
}

/** " + 2*2", " + 1 + 2", " - 2*1": what padding of two sides adds, or takes away. */
function term(adds: boolean, [before, after]: readonly [number, number]): string {
  const signed = (n: number, factor = ""): string => ` ${n >= 0 === adds ? "+" : "-"} ${factor}${Math.abs(n)}`;
  return before === after ? signed(before, "2*") : signed(before) + signed(after);
}

const sidesOf = (padding: AxisWindow["padding"] = 0): readonly [number, number] =>
  typeof padding === "number" ? [padding, padding] : padding;

/**
 * How many windows lie along an axis of `n` elements: floor((n + 2 p - d (k - 1) - 1) / s) + 1, for convolutions and pools. 0 where not
 * even one fits. With `ceil` the quotient is rounded up (and a window that would start beyond the end is dropped): a pool's ceilMode.
 */
export function windowSize(n: number, window: AxisWindow, ceil = false): ExplainedSize {
  const { kernel, stride = 1, dilation = 1 } = window;
  const sides = sidesOf(window.padding);
  const size = windowCount(n, kernel, stride, sides, dilation, ceil);
  const room = n + sides[0] + sides[1] - dilation * (kernel - 1) - 1;
  const counted = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  const dropped = size < counted ? ` - ${counted - size} beyond the end` : "";
  const formula = `${ceil ? "ceil" : "floor"}((${n}${term(true, sides)} - ${dilation}*(${kernel}-1) - 1)/${stride}) + 1${dropped} = ${size}`;
  return { size, formula: room < 0 ? `${n}${term(true, sides)} is less than the window's ${dilation * (kernel - 1) + 1}` : formula };
}

/** How many elements a transposed convolution gives for `n`: (n - 1) s - 2 p + d (k - 1) + outputPadding + 1. */
export function transposedSize(n: number, window: AxisWindow, outputPadding = 0): ExplainedSize {
  const { kernel, stride = 1, dilation = 1 } = window;
  const sides = sidesOf(window.padding);
  const size = (n - 1) * stride - sides[0] - sides[1] + dilation * (kernel - 1) + outputPadding + 1;
  return { size, formula: `(${n}-1)*${stride}${term(false, sides)} + ${dilation}*(${kernel}-1) + ${outputPadding} + 1 = ${size}` };
}
