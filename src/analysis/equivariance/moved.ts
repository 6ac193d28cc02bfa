/** Images and feature maps, shifted and rotated. */
import { cosine, sine } from "../../base/math.ts";
import { f32, type NdArray } from "../../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../../base/shape.ts";

/** What comes in at an edge when an image is shifted: its other end, or zeros. */
export type Edge = "circular" | "zeros";

/** `x` [n, channels, ...space] moved by whole numbers of elements along the axes of space, forwards if they are positive. */
export function shifted(x: NdArray, by: readonly number[], edge: Edge): NdArray<"f32"> {
  const space = x.shape.slice(2);
  const [strides, size] = [stridesOf(space), sizeOf(space)];
  // Where each element of a plane comes from, or -1.
  const from = Int32Array.from({ length: size }, (_, i) => {
    let source = 0;
    for (const [d, n] of space.entries()) {
      const at = (Math.floor(i / strides[d]!) % n) - by[d]!;
      if (edge === "zeros" && (at < 0 || at >= n)) return -1;
      source += (((at % n) + n) % n) * strides[d]!;
    }
    return source;
  });
  return f32(
    x.shape,
    Float32Array.from({ length: x.data.length }, (_, i) => {
      const source = from[i % size]!;
      return source < 0 ? 0 : x.data[i - (i % size) + source]!;
    }),
  );
}

/** Where the elements of a map [n, channels, height, width] lie among the pixels of the image it was made of. */
export interface Grid {
  /** Of the first element. */
  readonly start: readonly number[];
  /** From one to the next. */
  readonly step: readonly number[];
}

/** Sine and cosine, exact for quarter turns. */
function turn(degrees: number): readonly [sin: number, cos: number] {
  const quarter = (((degrees / 90) % 4) + 4) % 4;
  if (Number.isInteger(quarter)) return [[0, 1, 0, -1][quarter]!, [1, 0, -1, 0][quarter]!];
  const angle = (degrees * Math.PI) / 180;
  return [sine(angle), cosine(angle)];
}

/** Places this close to an element are that element: what rounding has moved. */
const NEAR = 1e-6;

/**
 * A map rotated by so many degrees, anticlockwise as seen with rows going down, about a point given in pixels. Elements are interpolated
 * between the four around where they come from (bilinear), with zeros beyond the edges; quarter turns that map the grid onto itself are exact.
 */
export function rotated(x: NdArray, degrees: number, about: readonly number[], grid: Grid): NdArray<"f32"> {
  const [height, width] = x.shape.slice(2) as [number, number];
  const [sin, cos] = turn(degrees);
  const out = new Float32Array(x.data.length);
  const planes = x.data.length / (height * width);
  const near = (at: number): number => (Math.abs(at - Math.round(at)) < NEAR ? Math.round(at) : at);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const [dy, dx] = [grid.start[0]! + i * grid.step[0]! - about[0]!, grid.start[1]! + j * grid.step[1]! - about[1]!];
      const row = near((about[0]! + dy * cos + dx * sin - grid.start[0]!) / grid.step[0]!);
      const column = near((about[1]! + dx * cos - dy * sin - grid.start[1]!) / grid.step[1]!);
      for (const [at, weight] of cornersOf(row, column, [height, width])) {
        for (let p = 0; p < planes; p++) out[(p * height + i) * width + j]! += weight * x.data[p * height * width + at]!;
      }
    }
  }
  return f32(x.shape, out);
}

/** The elements around a place, and how much of each. */
function cornersOf(row: number, column: number, [height, width]: Shape): (readonly [at: number, weight: number])[] {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const found: (readonly [number, number])[] = [];
  for (const [r, a] of [[top, 1 - (row - top)] as const, [top + 1, row - top] as const]) {
    for (const [c, b] of [[left, 1 - (column - left)] as const, [left + 1, column - left] as const]) {
      if (a * b > 0 && r >= 0 && r < height! && c >= 0 && c < width!) found.push([r * width! + c, a * b]);
    }
  }
  return found;
}
