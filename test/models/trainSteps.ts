import { RandomStream } from "../../src/base/random.ts";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, f32, grad, i32, type NdArray, type Shape, type Tensor, wasm } from "../../src/index.ts";
import { withAuxiliaries } from "../../src/ir/trace.ts";
import type { Module } from "../../src/nn/index.ts";
import { add, crossEntropy, mul, sum } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";

/** How a network learns a few images by heart. */
export interface Steps {
  /** The loss before each step. */
  readonly losses: readonly number[];
  /** Of each parameter's gradient in the first step, the sum of squares. */
  readonly gradients: Readonly<Record<string, number>>;
}

/**
 * Steps of SGD on one batch of random images, for a network with so many classes; the losses of auxiliary heads count. `input` is the
 * shape of one image. With `vocabulary` inputs are tokens: whole numbers below it.
 */
export async function trainSteps(
  model: Module,
  input: Shape,
  classes: number,
  options: { readonly steps?: number; readonly lr?: number; readonly batch?: number; readonly vocabulary?: number } = {},
): Promise<Steps> {
  const { steps = 3, lr = 0.01, batch = 2, vocabulary } = options;
  const stream = new RandomStream(1, "images");
  const shape = [batch, ...input];
  const uniform = Float64Array.from({ length: sizeOf(shape) }, (_, i) => stream.uniform(i));
  const x =
    vocabulary === undefined
      ? f32(
          shape,
          uniform.map((u) => 2 * u - 1),
        )
      : i32(
          shape,
          uniform.map((u) => Math.floor(u * vocabulary)),
        );
  const y = i32(
    [batch],
    Int32Array.from({ length: batch }, (_, i) => i % classes),
  );
  const optimizer = new SGD({ lr });
  const parameters = model.parameters();
  const program = await compile(
    wasm(),
    { x: { shape, dtype: x.dtype }, y: { shape: [batch], dtype: "i32" }, lr: [] },
    (inputs) => {
      const { result, auxiliaries } = withAuxiliaries(() => model.forward(inputs.x as never) as Tensor);
      const loss = auxiliaries.reduce(
        (total, { output, weight }) => add(total, mul(crossEntropy(output, inputs.y), weight)),
        crossEntropy(result, inputs.y),
      );
      const gradients = grad(
        loss,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, inputs.lr);
      return { loss, ...Object.fromEntries(gradients.map((g, i) => [parameters[i]!.name, sum(mul(g, g))])) };
    },
    { mode: "train" },
  );
  const results: Readonly<Record<string, NdArray>>[] = [];
  for (let i = 0; i < steps; i++) results.push(await program.run({ x, y, lr }));
  await program.close();
  return {
    losses: results.map((r) => r.loss!.item()),
    gradients: Object.fromEntries(parameters.map((p) => [p.name, results[0]![p.name]!.item()])),
  };
}
