import type { Shape, Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import type { CaseReader } from "./caseReader.ts";
import type { Built } from "./opCases.ts";

const space = (x: Tensor): Shape => x.shape.slice(2);

/** The windows of a case; `padding` and `dilation` where the op has them. */
function windowsOf(c: CaseReader, kernel: readonly number[]): { readonly stride: readonly number[]; readonly ceilMode: boolean } {
  return { stride: c.numbers("stride", kernel), ceilMode: c.flag("ceil_mode", false) };
}

const paddingOf = (c: CaseReader, kernel: readonly number[]): readonly number[] =>
  c.numbers(
    "padding",
    kernel.map(() => 0),
  );

const withIndices = ({ output, indices }: ops.WithIndices): Built => ({ outputs: { y: output, indices } });

/** max_pool1d, 2d, 3d, with indices. */
export function maxPool(c: CaseReader): Built {
  const kernel = c.numbers("kernel");
  c.described("indices");
  const dilation = c.numbers(
    "dilation",
    kernel.map(() => 1),
  );
  return withIndices(ops.maxPoolWithIndices(c.input("x"), kernel, { ...windowsOf(c, kernel), padding: paddingOf(c, kernel), dilation }));
}

/** avg_pool1d, 2d, 3d. */
export function avgPool(c: CaseReader): Tensor {
  const kernel = c.numbers("kernel");
  const divisor = c.attr("divisor_override");
  return ops.avgPool(c.input("x"), kernel, {
    ...windowsOf(c, kernel),
    padding: paddingOf(c, kernel),
    countIncludePad: c.flag("count_include_pad", true),
    ...(divisor === undefined ? {} : { divisorOverride: divisor as number }),
  });
}

/** lp_pool1d, 2d. */
export function lpPool(c: CaseReader): Tensor {
  const kernel = c.numbers("kernel");
  return ops.lpPool(c.input("x"), c.number("norm_type"), kernel, windowsOf(c, kernel));
}

export const adaptiveAvgPool = (c: CaseReader): Tensor => ops.adaptiveAvgPool(c.input("x"), c.numbers("output_size"));

export const adaptiveMaxPool = (c: CaseReader): Built =>
  withIndices(ops.adaptiveMaxPoolWithIndices(c.input("x"), c.numbers("output_size")));

export function globalAvgPool(c: CaseReader): Tensor {
  c.only("dims", space(c.input("x")).length);
  return ops.globalAvgPool(c.input("x"));
}

export function globalMaxPool(c: CaseReader): Tensor {
  c.only("dims", space(c.input("x")).length);
  return ops.globalMaxPool(c.input("x"));
}

/** max_unpool2d. */
export function maxUnpool(c: CaseReader): Tensor {
  const kernel = c.numbers("kernel");
  return ops.maxUnpool(c.input("x"), c.input("indices"), kernel, {
    stride: c.numbers("stride", kernel),
    padding: paddingOf(c, kernel),
    outputSize: c.numbers("output_size"),
  });
}
