import type { Tensor } from "../../src/index.ts";
import { conv, convTranspose, type PaddingMode } from "../../src/ops/conv.ts";
import type { PaddingRule } from "../../src/ops/window.ts";
import type { CaseReader } from "./caseReader.ts";
import { Unsupported } from "./status.ts";

const fill = (rank: number, value: number): readonly number[] => new Array<number>(rank).fill(value);
const MODES: readonly PaddingMode[] = ["zeros", "reflect", "replicate", "circular"];

/** conv1d, conv2d, conv3d: w [out, in / groups, ...kernel]. */
export function convolution(c: CaseReader): Tensor {
  const w = c.input("w");
  const rank = w.shape.length - 2;
  const paddingMode = MODES.find((mode) => mode === c.attr("padding_mode", "zeros"));
  if (!paddingMode) throw new Unsupported(`padding_mode ${JSON.stringify(c.attr("padding_mode"))} is not supported yet`);
  const padding = c.attr("padding", fill(rank, 0));
  return conv(c.input("x"), w, c.optional("b"), {
    stride: c.numbers("stride", fill(rank, 1)),
    padding: typeof padding === "string" ? (padding as PaddingRule) : c.numbers("padding", fill(rank, 0)),
    paddingMode,
    dilation: c.numbers("dilation", fill(rank, 1)),
    groups: c.number("groups", 1),
  });
}

/** conv_transpose1d, 2d, 3d: w [in, out / groups, ...kernel]. */
export function transposedConvolution(c: CaseReader): Tensor {
  const w = c.input("w");
  const rank = w.shape.length - 2;
  return convTranspose(c.input("x"), w, c.optional("b"), {
    stride: c.numbers("stride", fill(rank, 1)),
    padding: c.numbers("padding", fill(rank, 0)),
    outputPadding: c.numbers("output_padding", fill(rank, 0)),
    dilation: c.numbers("dilation", fill(rank, 1)),
    groups: c.number("groups", 1),
  });
}
