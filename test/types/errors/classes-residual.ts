import type { Dataset } from "../../../src/data/index.ts";
import { i32, NdArray } from "../../../src/index.ts";
import { Conv2d, GlobalAvgPool, Linear, ReLU, Residual, Sequential } from "../../../src/nn/index.ts";
import { SGD } from "../../../src/optim/index.ts";
import { fit } from "../../../src/train/index.ts";
const breeds: Dataset<[3, 8, 8], 12> = {
  name: "breeds", images: new NdArray("u8", [2, 3, 8, 8]), labels: i32([2], [1, 2]), imageShape: [3, 8, 8],
  classes: "abcdefghijkl".split("") as string[] & { length: 12 }, mean: [0, 0, 0], std: [1, 1, 1],
};
const net = new Sequential(
  new Conv2d(3, 8, 3),
  new Residual(new Sequential(new Conv2d(8, 8, 3, { padding: 1 }), new ReLU())),
  new GlobalAvgPool(),
  new Linear(8, 10),
);
// @expect the network has 10 outputs, but the data has 12 classes
await fit(net, { train: breeds, optimizer: new SGD({ lr: 0.1 }), batchSize: 2 });
