import type { Dataset } from "../../../src/data/index.ts";
import { i32, NdArray } from "../../../src/index.ts";
import { Concat, Conv2d, GlobalAvgPool, Sequential } from "../../../src/nn/index.ts";
import { SGD } from "../../../src/optim/index.ts";
import { fit } from "../../../src/train/index.ts";
const breeds: Dataset<[3, 8, 8], 12> = {
  name: "breeds", images: new NdArray("u8", [2, 3, 8, 8]), labels: i32([2], [1, 2]), imageShape: [3, 8, 8],
  classes: "abcdefghijkl".split("") as string[] & { length: 12 }, mean: [0, 0, 0], std: [1, 1, 1],
};
const net = new Sequential(new Concat(new Conv2d(3, 12, 1), new Conv2d(3, 12, 3, { padding: 1 })), new GlobalAvgPool());
// @expect the network has 24 outputs, but the data has 12 classes
await fit(net, { train: breeds, optimizer: new SGD({ lr: 0.1 }), batchSize: 2 });
