/** Filters on pictures: a convolution of every channel with one kernel. */
import type { Backend } from "../../backend/backend.ts";
import { NdArray } from "../../base/ndarray.ts";
import { type Shape, showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { constant } from "../../ir/tensor.ts";
import { conv, type PaddingMode } from "../../ops/conv.ts";
import { expand } from "../../ops/expand.ts";
import { reshape } from "../../ops/reshape.ts";
import { toFloat } from "../../ops/toFloat.ts";
import { compile } from "../../runtime/compile.ts";
import { wasm } from "../../runtime/wasm.ts";

export interface ApplyFilterOptions {
  /** What lies beyond the picture's edges. Default "replicate": the edge again, so that no edge is seen where there is none. */
  readonly border?: PaddingMode;
  /** Default: WebAssembly on one thread. */
  readonly backend?: Backend;
}

/**
 * The picture [h, w] or [channels, h, w], u8 or f32, with every channel convolved with the kernel [kh, kw], which slides as it stands:
 * f32 of the same shape.
 *
 *     const edges = await applyFilter(picture, filterKernel("sobel-x"));
 *     await writeImage("edges.png", viewable(edges).image);
 */
export async function applyFilter(
  image: NdArray,
  kernel: NdArray<"f32">,
  { border = "replicate", backend = wasm({ threads: 1 }) }: ApplyFilterOptions = {},
): Promise<NdArray<"f32">> {
  const [c, h, w] = planesOf("applyFilter", image.shape);
  if (kernel.shape.length !== 2) throw new OpError("applyFilter", `the kernel must be [rows, columns], got ${showShape(kernel.shape)}`);
  const program = await compile(backend, { image: { shape: image.shape, dtype: image.dtype } }, ({ image }) => {
    const weight = expand(constant(kernel), [c, 1, ...kernel.shape]);
    const planes = reshape(toFloat(image), [1, c, h, w]);
    return reshape(conv(planes, weight, undefined, { padding: "same", paddingMode: border, groups: c }), image.shape);
  });
  const { output } = await program.run({ image });
  await program.close();
  return output as NdArray<"f32">;
}

/**
 * The luminance of a picture [3, h, w]: [1, h, w]. It is a 1 x 1 convolution from three channels to one, with the weights of ITU-R
 * BT.601.
 */
export async function toGrey(image: NdArray, backend: Backend = wasm({ threads: 1 })): Promise<NdArray<"f32">> {
  const [c, h, w] = planesOf("toGrey", image.shape);
  if (c !== 3) throw new OpError("toGrey", `takes red, green and blue [3, h, w], got ${showShape(image.shape)}`);
  const program = await compile(backend, { image: { shape: image.shape, dtype: image.dtype } }, ({ image }) => {
    const weight = constant(new NdArray("f32", [1, 3, 1, 1], Float32Array.of(0.299, 0.587, 0.114)));
    return reshape(conv(reshape(toFloat(image), [1, 3, h, w]), weight), [1, h, w]);
  });
  const { output } = await program.run({ image });
  await program.close();
  return output as NdArray<"f32">;
}

function planesOf(op: string, shape: Shape): readonly [c: number, h: number, w: number] {
  if (shape.length === 2) return [1, shape[0]!, shape[1]!];
  if (shape.length === 3) return [shape[0]!, shape[1]!, shape[2]!];
  throw new OpError(op, `a picture must be [h, w] or [channels, h, w], got ${showShape(shape)}`);
}

/** A picture of any numbers, and what was done to them. */
export interface Viewable {
  readonly image: NdArray<"u8">;
  /** The smallest and the largest of them. */
  readonly range: readonly [low: number, high: number];
  /** "-1020 to 1020 shown as 0 to 255, 0 as grey": a sentence for whoever looks at it. */
  readonly shown: string;
}

/**
 * Numbers of any size as a picture. If all lie in 0 to 255 they are shown as they are. Else they are stretched to that, with zero as middle
 * grey if there are negative ones (a derivative: dark falls, light rises); or cut off at black and white, if they come from a `kernel`
 * whose weights add up to 1, so that the picture keeps its brightness.
 */
export function viewable(values: NdArray, kernel?: NdArray): Viewable {
  const image = new NdArray("u8", values.shape);
  const range = rangeOf(values);
  const [low, high] = range;
  const say = (v: number): string => `${Number(v.toPrecision(4))}`;
  const draw = (from: number, scale: number): void =>
    values.data.forEach((v, i) => (image.data[i] = Math.min(255, Math.max(0, Math.round((v - from) * scale)))));
  const done = (shown: string): Viewable => ({ image, range, shown: `${say(low)} to ${say(high)}, ${shown}` });
  const inside = low >= 0 && high <= 255;
  if (inside || (kernel && Math.abs(sumOf(kernel) - 1) < 1e-3)) {
    draw(0, 1);
    return done(inside ? "shown as they are" : "cut off below 0 (black) and above 255 (white)");
  }
  if (low >= 0) {
    draw(low, 255 / (high - low || 1));
    return done("stretched from black to white");
  }
  const most = Math.max(-low, high);
  draw((-128 * most) / 127, 127 / most);
  return done(`stretched: ${say(-most)} is black, 0 middle grey, ${say(most)} white`);
}

function rangeOf({ data }: NdArray): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const v of data) [low, high] = [Math.min(low, v), Math.max(high, v)];
  return [low, high];
}

function sumOf({ data }: NdArray): number {
  let sum = 0;
  for (const v of data) sum += v;
  return sum;
}
