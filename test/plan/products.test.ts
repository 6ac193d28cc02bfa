/** Products with few channels, whose lanes are found elsewhere; and the copies that products share. */
import { describe, expect, test } from "vitest";
import { lowerContraction } from "../../src/backend/wasm/contraction.ts";
import { type InputSpec, pullback, type Tensor } from "../../src/index.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import * as ops from "../../src/ops/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { trace } from "../../src/runtime/compile.ts";
import { agree, type Fn, type Shapes } from "./agree.ts";

/** A convolution and both its gradients. */
const faces =
  (options: ops.ConvOptions): Fn =>
  ({ x, w, dy }) => {
    const y = ops.relu(ops.conv(x!, w!, undefined, { ...options, algorithm: "direct" }));
    const [dx, dw] = pullback(y, dy!, [x!, w!]) as [Tensor, Tensor];
    return { y, dx, dw };
  };

const kernels = (shapes: Shapes, fn: Fn): readonly Kernel[] =>
  planGraph(optimize(trace(shapes as Readonly<Record<string, InputSpec>>, fn as never))).steps.flatMap((s) => s.kernels);

describe.each<{ name: string; shapes: Shapes; options: ops.ConvOptions }>([
  { name: "one output", shapes: { x: [2, 9, 10, 11], w: [1, 9, 3, 3], dy: [2, 1, 10, 11] }, options: { padding: 1 } },
  { name: "one input", shapes: { x: [3, 1, 12, 13], w: [6, 1, 5, 5], dy: [3, 6, 8, 9] }, options: {} },
  { name: "one output in whole vectors of images", shapes: { x: [8, 9, 6, 5], w: [1, 9, 3, 3], dy: [8, 1, 4, 3] }, options: {} },
  { name: "three outputs", shapes: { x: [8, 8, 7, 6], w: [3, 8, 3, 3], dy: [8, 3, 7, 6] }, options: { padding: 1 } },
  { name: "three inputs, stride 2", shapes: { x: [8, 3, 14, 13], w: [9, 3, 7, 7], dy: [8, 9, 7, 7] }, options: { stride: 2, padding: 3 } },
  { name: "one input, stride 2", shapes: { x: [6, 1, 14, 13], w: [9, 1, 7, 7], dy: [6, 9, 7, 7] }, options: { stride: 2, padding: 3 } },
])("$name", ({ shapes, options }) => {
  const fn = faces(options);

  test("every product becomes tiles", () => {
    const products = kernels(shapes, fn).filter((k) => /^conv/.test(k.name) && !/total|epilogue/.test(k.name));
    expect(products.length).toBeGreaterThan(2);
    for (const k of products) expect(lowerContraction(k), k.name).toBeDefined();
  });

  test("the values", () => agree(shapes, () => ({ fn })));
});

test("the phases of a strided gradient share one copy of what they read", () => {
  const shapes = { w: [9, 3, 7, 7], dy: [8, 9, 7, 7] };
  const attrs = { kernel: [7, 7], stride: [2, 2], padding: [[3, 3], [3, 3]] as const, dilation: [1, 1], groups: 1 }; // biome-ignore format: padding reads as pairs
  const names = kernels(shapes, ({ w, dy }) => ({ dx: ops.convInputGrad(dy!, w!, [8, 3, 14, 14], attrs as never) })).map((k) => k.name);
  expect(names).toEqual(["halo", ...Array(4).fill("convInputGrad")]);
});
