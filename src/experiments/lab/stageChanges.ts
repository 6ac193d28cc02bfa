import type { NdArray } from "../../base/ndarray.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { Module } from "../../nn/module.ts";
import { compile } from "../../runtime/compile.ts";
import { batchwise, pixelsOf } from "../../train/batchwise.ts";
import { normalize, type Pixels } from "../../train/classify.ts";
import type { Lab } from "./lab.ts";

/** Layers that belong together; they follow the stage before. */
export interface Stage {
  readonly name: string;
  readonly layers: readonly Module[];
}

/**
 * How much what each stage gives changes from one set of images to another, u8 [n, c, h, w] each: |f(b) - f(a)| / |f(a)| in Euclidean norms,
 * as a mean over the images. One number for each stage and each set in `others`.
 */
export async function stageChanges(
  lab: Lab,
  stages: readonly Stage[],
  pixels: Pixels,
  images: NdArray<"u8">,
  others: readonly NdArray<"u8">[],
): Promise<readonly (readonly number[])[]> {
  const [n = 0, ...imageShape] = images.shape;
  const programs = batchwise({ batchSize: 100 }, (size) =>
    compile(lab.backend, { images: { shape: [size, ...imageShape], dtype: "u8" } }, (batch) => {
      let x: Tensor = normalize(batch.images, pixels);
      return Object.fromEntries(
        stages.map((stage, i) => {
          for (const layer of stage.layers) x = layer.forward(x as never) as Tensor;
          return [`stage ${i}`, x] as const;
        }),
      );
    }),
  );
  const sums = others.map(() => stages.map(() => 0));
  try {
    await programs.each(n, async (program, from, to) => {
      const run = async (set: NdArray<"u8">): Promise<readonly ArrayLike<number>[]> => {
        const outputs: Readonly<Record<string, NdArray>> = await program.run({ images: pixelsOf(set, from, to) });
        return stages.map((_, i) => outputs[`stage ${i}`]!.data);
      };
      const base = await run(images);
      for (const [k, other] of others.entries()) {
        const changed = await run(other);
        stages.forEach((_, i) => {
          sums[k]![i]! += distances(base[i]!, changed[i]!, to - from);
        });
      }
    });
  } finally {
    await programs.close();
  }
  return sums.map((perStage) => perStage.map((sum) => sum / n));
}

/** Sum over `n` images of |b - a| / |a|. */
function distances(a: ArrayLike<number>, b: ArrayLike<number>, n: number): number {
  const size = a.length / n;
  let sum = 0;
  for (let image = 0; image < n; image++) {
    let [off, own] = [0, 0];
    for (let i = image * size; i < (image + 1) * size; i++) {
      off += (b[i]! - a[i]!) * (b[i]! - a[i]!);
      own += a[i]! * a[i]!;
    }
    sum += own === 0 ? 0 : Math.sqrt(off / own);
  }
  return sum;
}
