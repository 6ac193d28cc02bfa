import { sizeOf, stridesOf } from "../../src/base/shape.ts";
import { NdArray, type Shape, type Tensor } from "../../src/index.ts";
import { apply, opOf } from "../../src/ir/tensor.ts";
import * as ops from "../../src/ops/index.ts";
import type { WindowAttrs } from "../../src/ops/window.ts";
import type { CaseReader } from "./caseReader.ts";
import type { Built } from "./opCases.ts";
import { Unsupported } from "./status.ts";

const space = (x: Tensor): Shape => x.shape.slice(2);

/** max_pool1d, 2d, 3d, with indices. */
export function maxPool(c: CaseReader): Built {
  const x = c.input("x");
  const kernel = c.numbers("kernel");
  c.only("ceil_mode", false);
  c.described("indices");
  const zeros = kernel.map(() => 0);
  const options = {
    stride: c.numbers("stride", kernel),
    padding: c.numbers("padding", zeros),
    dilation: c.numbers(
      "dilation",
      kernel.map(() => 1),
    ),
  };
  return withIndices(x, ops.maxPool(x, kernel, options));
}

/** avg_pool1d, 2d, 3d. */
export function avgPool(c: CaseReader): Tensor {
  const x = c.input("x");
  const kernel = c.numbers("kernel");
  const padding = c.numbers(
    "padding",
    kernel.map(() => 0),
  );
  c.only("ceil_mode", false);
  c.only("divisor_override", null);
  // Without padding there is nothing to count.
  if (!c.flag("count_include_pad", true) && padding.some((p) => p !== 0))
    throw new Unsupported("count_include_pad false is not supported yet");
  return ops.avgPool(x, kernel, { stride: c.numbers("stride", kernel), padding });
}

/** Adaptive pools whose windows are all of one size; the others do not exist yet. */
function evenWindows(c: CaseReader): readonly number[] {
  const x = c.input("x");
  const size = c.numbers("output_size");
  return space(x).map((n, d) => {
    if (n % size[d]! !== 0)
      throw new Unsupported(`output_size ${size} of [${space(x)}] needs windows of different sizes, which are not supported yet`);
    return n / size[d]!;
  });
}

export const adaptiveAvgPool = (c: CaseReader): Tensor => ops.avgPool(c.input("x"), evenWindows(c));

export function adaptiveMaxPool(c: CaseReader): Built {
  const x = c.input("x");
  return withIndices(x, ops.maxPool(x, evenWindows(c)));
}

export function globalAvgPool(c: CaseReader): Tensor {
  const x = c.input("x");
  c.only("dims", space(x).length);
  return ops.mean(
    x,
    space(x).map((_, d) => d + 2),
    true,
  );
}

export function globalMaxPool(c: CaseReader): Tensor {
  const x = c.input("x");
  c.only("dims", space(x).length);
  return ops.maxPool(x, space(x));
}

/** The pool and its winners as PyTorch numbers them: flat, in the unpadded plane. */
function withIndices(x: Tensor, y: Tensor): Built {
  const window = opOf(y)!.attrs as WindowAttrs;
  const winner = apply(ops.maxPoolWinnerOp, [x], window);
  return { outputs: { y, indices: winner }, finish: { indices: (taps) => planeIndices(taps, space(x), window) } };
}

function planeIndices(taps: NdArray, inSpace: Shape, w: WindowAttrs): NdArray {
  const outSpace = taps.shape.slice(2);
  const [strides, outStrides, tapStrides] = [stridesOf(inSpace), stridesOf(outSpace), stridesOf(w.kernel)];
  const data = taps.data as Int32Array;
  const flat = data.map((tap, i) =>
    inSpace.reduce((sum, _, d) => {
      const out = Math.floor((i % sizeOf(outSpace)) / outStrides[d]!) % outSpace[d]!;
      const k = Math.floor(tap / tapStrides[d]!) % w.kernel[d]!;
      return sum + (out * w.stride[d]! + k * w.dilation[d]! - w.padding[d]![0]) * strides[d]!;
    }, 0),
  );
  return new NdArray("i32", taps.shape, flat);
}
