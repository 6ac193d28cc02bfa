/** How often windows look at each element: edges less, some elements perhaps never. */
import { NdArray } from "../../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../../base/shape.ts";
import { coverageAlong, remedyOf, skippedAlong } from "../../ops/skipped.ts";
import { type Padding, type PaddingRule, perAxis, type Sizes, sidesOf, type WindowAttrs } from "../../ops/window.ts";

/** A window over one to three axes. */
export interface CoverageOptions {
  readonly kernel: Sizes;
  /** Default 1. */
  readonly stride?: Sizes;
  /** As for `conv`. Default 0. */
  readonly padding?: Padding | PaddingRule;
  /** Default 1. */
  readonly dilation?: Sizes;
}

/** How many windows read each element of an image. `toString()` draws it. */
export class Coverage {
  /** One number for each element. */
  readonly counts: NdArray<"i32">;
  /** The window, one entry for each axis. */
  readonly window: WindowAttrs;
  /** Elements that no window reads. */
  readonly skipped: number;
  /** What to do about skipped elements, or undefined if there are none. */
  readonly remedy: string | undefined;

  /** @internal */
  constructor(counts: NdArray<"i32">, window: WindowAttrs) {
    this.counts = counts;
    this.window = window;
    this.skipped = counts.data.reduce((n, c) => n + (c === 0 ? 1 : 0), 0);
    const space = counts.shape;
    const found = space.map((n, d) => skippedAlong(n, window, d));
    this.remedy = found.some((s) => s.last + s.between > 0) ? remedyOf(found, space, window) : undefined;
  }

  /** The fewest and the most windows that read an element. */
  get range(): readonly [fewest: number, most: number] {
    return [this.counts.data.reduce((a, b) => Math.min(a, b)), this.counts.data.reduce((a, b) => Math.max(a, b))];
  }

  /** One line a row, "." for elements that no window reads; planes of a volume one below the other. */
  toString(): string {
    const { shape, data } = this.counts;
    const columns = shape.at(-1)!;
    const rows = shape.at(-2) ?? 1;
    const width = `${this.range[1]}`.length;
    const lines: string[] = [];
    for (let at = 0; at < data.length; at += columns) {
      if (at > 0 && (at / columns) % rows === 0) lines.push("");
      lines.push([...data.subarray(at, at + columns)].map((c) => (c === 0 ? "." : `${c}`).padStart(width)).join(" "));
    }
    return lines.join("\n");
  }
}

/**
 * How many windows read each element of an image with these extents. Without padding, the corners of an image are read once and its
 * middle as often as the window has elements; padding "full" reads all equally often.
 *
 *     console.log(`${coverage([5, 5], { kernel: 3, stride: 3 })}`);   // two rows and two columns are never read
 */
export function coverage(space: Shape, options: CoverageOptions): Coverage {
  const rank = space.length;
  const sizes = {
    kernel: perAxis("coverage", "kernel", options.kernel, rank),
    stride: perAxis("coverage", "stride", options.stride ?? 1, rank),
    dilation: perAxis("coverage", "dilation", options.dilation ?? 1, rank),
  };
  const window = { ...sizes, padding: sidesOf("coverage", options.padding ?? 0, space, sizes).map((sides) => sides!) };
  const along = space.map((n, d) => coverageAlong(n, window, d));
  const strides = stridesOf(space);
  const counts = new NdArray("i32", space);
  for (let i = 0; i < sizeOf(space); i++) {
    counts.data[i] = along.reduce((product, seen, d) => product * seen[Math.floor(i / strides[d]!) % space[d]!]!, 1);
  }
  return new Coverage(counts, window);
}
