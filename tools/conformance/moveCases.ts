/** Ops that move elements: padding, windows as columns, shuffles, resizing. */
import type { Tensor } from "../../src/index.ts";
import { type InterpolateOptions, interpolate } from "../../src/ops/interpolate.ts";
import { type PadOptions, pad } from "../../src/ops/pad.ts";
import { channelShuffle, pixelShuffle } from "../../src/ops/shuffle.ts";
import { fold, unfold } from "../../src/ops/unfold.ts";
import type { CaseReader } from "./caseReader.ts";
import { Unsupported } from "./status.ts";

const PAD_MODES: readonly NonNullable<PadOptions["mode"]>[] = ["constant", "reflect", "replicate", "circular"];

/** pad1d, pad2d, pad3d: [left, right] of the last axis first. */
export function padding(c: CaseReader): Tensor {
  const flat = c.numbers("pads_torch_order");
  const mode = PAD_MODES.find((m) => m === c.attr("mode", "constant"));
  if (!mode) throw new Unsupported(`mode ${JSON.stringify(c.attr("mode"))} is not supported yet`);
  const sides = Array.from({ length: flat.length / 2 }, (_, i): readonly [number, number] => [flat[2 * i]!, flat[2 * i + 1]!]);
  return pad(c.input("x"), sides.reverse(), { mode, value: c.number("value", 0) });
}

const windowOf = (c: CaseReader, rank: number) => ({
  stride: c.numbers("stride", new Array<number>(rank).fill(1)),
  padding: c.numbers("padding", new Array<number>(rank).fill(0)),
  dilation: c.numbers("dilation", new Array<number>(rank).fill(1)),
});

export function unfolding(c: CaseReader): Tensor {
  const kernel = c.numbers("kernel");
  return unfold(c.input("x"), kernel, windowOf(c, kernel.length));
}

export function folding(c: CaseReader): Tensor {
  const kernel = c.numbers("kernel");
  return fold(c.input("x"), c.numbers("output_size"), kernel, windowOf(c, kernel.length));
}

export const channelShuffling = (c: CaseReader): Tensor => channelShuffle(c.input("x"), c.number("groups"));
export const pixelShuffling = (c: CaseReader): Tensor => pixelShuffle(c.input("x"), c.number("r"));

const RESIZE_MODES: readonly NonNullable<InterpolateOptions["mode"]>[] = ["nearest", "nearest-exact", "bilinear", "bicubic", "area"];

export function interpolation(c: CaseReader): Tensor {
  const mode = RESIZE_MODES.find((m) => m === c.attr("mode", "nearest"));
  if (!mode) throw new Unsupported(`mode ${JSON.stringify(c.attr("mode"))} is not supported yet`);
  return interpolate(c.input("x"), { size: c.numbers("size"), mode, alignCorners: c.flag("align_corners", false) });
}
