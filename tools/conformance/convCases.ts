import type { Tensor } from "../../src/index.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { conv, convInputGrad } from "../../src/ops/conv.ts";
import { reshape } from "../../src/ops/reshape.ts";
import type { CaseReader } from "./caseReader.ts";
import type { Built } from "./opCases.ts";

const fill = (rank: number, value: number): readonly number[] => new Array<number>(rank).fill(value);

/** conv1d, conv2d, conv3d: w [out, in / groups, ...kernel]. */
export function convolution(c: CaseReader): Tensor | Built {
  const w = c.input("w");
  const kernel = w.shape.slice(2);
  const rank = kernel.length;
  c.only("padding_mode", "zeros");
  const dilation = c.numbers("dilation", fill(rank, 1));
  return conv(c.input("x"), w, c.optional("b"), {
    stride: c.numbers("stride", fill(rank, 1)),
    padding: sides(c, kernel, dilation),
    dilation,
    groups: c.number("groups", 1),
  });
}

/** Padding before and after each axis. PyTorch's "same" puts the odd one after. */
function sides(c: CaseReader, kernel: readonly number[], dilation: readonly number[]): readonly (readonly [number, number])[] {
  const padding = c.attr("padding", fill(kernel.length, 0));
  return kernel.map((k, d): readonly [number, number] => {
    if (padding === "valid") return [0, 0];
    if (padding !== "same") {
      const both = c.numbers("padding", fill(kernel.length, 0))[d]!;
      return [both, both];
    }
    const total = dilation[d]! * (k - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/** conv_transpose1d, 2d, 3d: the gradient of a convolution by its input, w [in, out / groups, ...kernel]. */
export function transposedConvolution(c: CaseReader): Tensor {
  const [x, w, b] = [c.input("x"), c.input("w"), c.optional("b")];
  const kernel = w.shape.slice(2);
  const rank = kernel.length;
  const stride = c.numbers("stride", fill(rank, 1));
  const dilation = c.numbers("dilation", fill(rank, 1));
  const padding = c.numbers("padding", fill(rank, 0));
  const extra = c.numbers("output_padding", fill(rank, 0));
  const groups = c.number("groups", 1);
  const space = kernel.map((k, d) => (x.shape[d + 2]! - 1) * stride[d]! - 2 * padding[d]! + dilation[d]! * (k - 1) + extra[d]! + 1);
  const attrs = { kernel, stride, dilation, groups, padding: padding.map((p): readonly [number, number] => [p, p]) };
  const y = convInputGrad(x, w, [x.shape[0]!, w.shape[1]! * groups, ...space], attrs);
  return b ? add(y, reshape(b, [b.shape[0]!, ...kernel.map(() => 1)])) : y;
}
