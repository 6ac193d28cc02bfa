import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { add } from "../../ops/arithmetic.ts";
import { concat } from "../../ops/concat.ts";
import { conv } from "../../ops/conv.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { perAxis } from "../../ops/window.ts";
import { fanInInit } from "../init.ts";
import { Layer } from "../layer.ts";
import { splitImage } from "../shapes/image.ts";
import type { PartialShape } from "../shapes/shape.ts";
import { type WindowSizes, windowed } from "../shapes/window.ts";
import { type ConvFn, type Size2, wholeNumber } from "./conv.ts";

/** For each map of the output, the maps of the input that it reads. */
export type MapTable = readonly (readonly number[])[];

/** Maps side by side that read equally many: one grouped convolution, whose groups are the maps. */
interface Part {
  /** Maps of the input in the order in which the groups read them. */
  readonly reads: readonly number[];
  readonly maps: number;
}

/**
 * Convolution in which each map of the output reads some maps of the input, as a table says: a layer between depthwise and full. There
 * is a weight for each connection of the table and none for the others.
 *
 *     new PartialConv2d(3, [[0, 1], [1, 2], [0, 1, 2]], 5)  // 3 maps to 3, of 5 x 5: 175 weights and 3 biases
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998: the layer C3 of LeNet-5.
 */
export class PartialConv2d<const I extends number, const K extends Size2> extends Layer<ConvFn<"PartialConv2d", 2, I, number, K, 1, 0, 1>> {
  readonly type = "PartialConv2d";
  readonly inChannels: I;
  readonly outChannels: number;
  readonly table: MapTable;
  /** Kernel, stride, padding and dilation along each axis. */
  readonly window: WindowSizes;
  /** For each run of maps that read equally many, [maps, maps read by each, ...kernel]. */
  readonly weight: readonly Parameter[];
  /** [outChannels]. */
  readonly bias: Parameter;
  readonly #parts: readonly Part[];

  constructor(inChannels: I, table: MapTable, kernelSize: K) {
    super();
    this.inChannels = wholeNumber(this.type, "inChannels", inChannels);
    this.outChannels = wholeNumber(this.type, "maps in the table", table.length);
    for (const [map, reads] of table.entries()) checkReads(this.type, map, reads, inChannels);
    this.table = table;
    const kernel = perAxis(this.type, "kernelSize", kernelSize, 2);
    this.window = { kernel, stride: [1, 1], padding: [[0, 0], [0, 0]], dilation: [1, 1] }; // biome-ignore format: a window
    this.#parts = partsOf(table);
    const taps = kernel.reduce((a, b) => a * b, 1);
    this.weight = this.#parts.map(({ reads, maps }) => {
      const each = reads.length / maps;
      return new Parameter([maps, each, ...kernel], fanInInit(each * taps));
    });
    // PyTorch: a bias is drawn like the weights of its map; here maps differ, and the one that reads most sets the scale.
    this.bias = new Parameter([this.outChannels], fanInInit(Math.max(...table.map((reads) => reads.length)) * taps));
  }

  override outputShape(x: PartialShape): PartialShape {
    return windowed(splitImage(x, this.type, 2, this.inChannels), this.type, this.outChannels, this.window);
  }

  protected override apply(x: Tensor): Tensor {
    const parts = this.#parts.map(({ reads, maps }, i) => conv(chosen(x, reads), this.weight[i]!.tensor, undefined, { groups: maps }));
    return add(concat(parts), reshape(this.bias.tensor, [this.outChannels, 1, 1]));
  }
}

/** Fails unless `reads` are maps of the input, each at most once. */
function checkReads(type: string, map: number, reads: readonly number[], inChannels: number): void {
  const bad = reads.find((m, i) => !Number.isInteger(m) || m < 0 || m >= inChannels || reads.indexOf(m) !== i);
  if (bad === undefined && reads.length > 0) return;
  throw new OpError(type, `map ${map} must read different maps from 0 to ${inChannels - 1}, got [${reads.join(", ")}]`);
}

/** The table in runs of maps that read equally many. */
function partsOf(table: MapTable): readonly Part[] {
  const parts: Part[] = [];
  for (const reads of table) {
    const last = parts.at(-1);
    if (last && last.reads.length / last.maps === reads.length) {
      parts[parts.length - 1] = { reads: [...last.reads, ...reads], maps: last.maps + 1 };
    } else {
      parts.push({ reads, maps: 1 });
    }
  }
  return parts;
}

/** These channels of x [n, c, h, w], in this order; those that follow each other in x are taken together. */
function chosen(x: Tensor, channels: readonly number[]): Tensor {
  const runs: [start: number, end: number][] = [];
  for (const c of channels) {
    const run = runs.at(-1);
    if (run && run[1] === c) run[1]++;
    else runs.push([c, c + 1]);
  }
  return concat(runs.map((run) => slice(x, [undefined, run])));
}
