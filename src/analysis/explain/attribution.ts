import { NdArray } from "../../base/ndarray.ts";

/** How much the parts of images count for the score of a class. */
export interface Attribution {
  /** A number for each element of the input, in its shape [n, channels, ...space]. */
  readonly values: NdArray<"f32">;
  /** A number for each place, [n, ...space]: the channels put together. */
  readonly map: NdArray<"f32">;
  /** The class's score for each image, [n]. */
  readonly scores: NdArray<"f32">;
}

/** [n, channels, ...space] to [n, ...space]: the largest size of any channel (a gradient's), or the sum (of shares in a score). */
export function overChannels(values: NdArray<"f32">, how: "largest" | "sum"): NdArray<"f32"> {
  const [n = 0, channels = 0, ...space] = values.shape;
  const map = new NdArray("f32", [n, ...space]);
  const area = map.data.length / n;
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < area; p++) {
      let sum = 0;
      let most = 0;
      for (let c = 0; c < channels; c++) {
        const v = values.data[(i * channels + c) * area + p]!;
        sum += v;
        most = Math.max(most, Math.abs(v));
      }
      map.data[i * area + p] = how === "sum" ? sum : most;
    }
  }
  return map;
}
