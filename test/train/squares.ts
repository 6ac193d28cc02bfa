import { NdArray } from "../../src/base/ndarray.ts";
import { RandomStream } from "../../src/base/random.ts";
import type { Dataset } from "../../src/data/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, type Network, ReLU, Sequential } from "../../src/nn/index.ts";

/** Noisy 8 x 8 images with a bright quarter, which is the class. */
export function squares(count: number, name = "squares"): Dataset<readonly [1, 8, 8], 4> {
  const stream = new RandomStream(1, name);
  const labels = new NdArray(
    "i32",
    [count],
    Int32Array.from({ length: count }, (_, i) => stream.below(4, i)),
  );
  const images = new NdArray("u8", [count, 1, 8, 8]);
  images.data.forEach((_, at) => {
    const quarter = (Math.floor(at / 32) % 2) * 2 + (Math.floor(at / 4) % 2);
    images.data[at] = stream.below(80, count + at) + (quarter === labels.data[Math.floor(at / 64)] ? 120 : 0);
  });
  const classes = ["a", "b", "c", "d"] as const;
  return { name, images, labels, classes, imageShape: [1, 8, 8], mean: [0.25], std: [0.2] };
}

/** A network for them. */
export const tinyNet = (): Network<[1, 8, 8], [4]> =>
  new Sequential(new Conv2d(1, 4, 3, { padding: 1 }), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(64, 4));
