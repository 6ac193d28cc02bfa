import { NdArray } from "../../base/ndarray.ts";
import { interpolate } from "../../ops/interpolate.ts";
import { toFloat } from "../../ops/toFloat.ts";
import { compile } from "../../runtime/compile.ts";
import { batchwise, pixelsOf } from "../../train/batchwise.ts";
import type { Lab } from "./lab.ts";

/** Images u8 [n, c, h, w] at another size: bilinear, smoothed before they shrink, rounded to whole grey levels. */
export async function resized(lab: Lab, images: NdArray<"u8">, height: number, width: number): Promise<NdArray<"u8">> {
  const [n = 0, channels = 0, ...space] = images.shape;
  if (space[0] === height && space[1] === width) return images;
  const result = new NdArray("u8", [n, channels, height, width]);
  const programs = batchwise({}, (size) =>
    compile(lab.backend, { images: { shape: [size, channels, ...space], dtype: "u8" } }, (batch) =>
      interpolate(toFloat(batch.images), { size: [height, width], mode: "bilinear", antialias: true }),
    ),
  );
  try {
    await programs.each(n, async (program, from, to) => {
      const { data } = (await program.run({ images: pixelsOf(images, from, to) })).output;
      const start = from * channels * height * width;
      for (let i = 0; i < data.length; i++) result.data[start + i] = Math.min(255, Math.max(0, Math.round(data[i]!)));
    });
  } finally {
    await programs.close();
  }
  return result;
}

/** Images u8 [n, c, h, w] in the middle of a larger canvas of zeros. */
export function framed(images: NdArray<"u8">, height: number, width: number): NdArray<"u8"> {
  const [n = 0, channels = 0, h = 0, w = 0] = images.shape;
  const result = new NdArray("u8", [n, channels, height, width]);
  const [top, left] = [(height - h) >> 1, (width - w) >> 1];
  for (let plane = 0; plane < n * channels; plane++) {
    for (let y = 0; y < h; y++) {
      const row = images.data.subarray((plane * h + y) * w, (plane * h + y + 1) * w);
      result.data.set(row, (plane * height + top + y) * width + left);
    }
  }
  return result;
}
