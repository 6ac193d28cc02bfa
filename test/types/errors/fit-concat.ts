import type { Dataset } from "../../../src/data/index.ts";
import { i32, NdArray } from "../../../src/index.ts";
import { Auxiliary, Concat, Conv2d, Flatten, GlobalAvgPool, Linear, Sequential } from "../../../src/nn/index.ts";
import { SGD } from "../../../src/optim/index.ts";
import { fit } from "../../../src/train/index.ts";
const breeds: Dataset<[3, 8, 8], 12> = {
  name: "breeds", images: new NdArray("u8", [2, 3, 8, 8]), labels: i32([2], [1, 2]), imageShape: [3, 8, 8],
  classes: "abcdefghijkl".split("") as string[] & { length: 12 }, mean: [0, 0, 0], std: [1, 1, 1],
};
const net = new Sequential(
  ["mixed", new Concat(["a", new Conv2d(3, 6, 1)], ["b", new Conv2d(3, 6, 3)])],
  ["aux", new Auxiliary(new Sequential(new Flatten(), new Linear(768, 12)))],
  ["pool", new GlobalAvgPool()],
  ["fc", new Linear(12, 12)],
);
// @expect mixed: Concat: b gives 6 x 6 x 6, but a gives 6 x 8 x 8
await fit(net, { train: breeds, optimizer: new SGD({ lr: 0.1 }), batchSize: 2 });
