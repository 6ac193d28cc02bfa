import type { Dataset } from "../../../src/data/index.ts";
import { i32, NdArray } from "../../../src/index.ts";
import { Conv2d, Flatten, Linear, Sequential } from "../../../src/nn/index.ts";
import { SGD } from "../../../src/optim/index.ts";
import { fit } from "../../../src/train/index.ts";
const breeds: Dataset<[3, 8, 8], 12> = {
  name: "breeds", images: new NdArray("u8", [2, 3, 8, 8]), labels: i32([2], [1, 2]), imageShape: [3, 8, 8],
  classes: "abcdefghijkl".split("") as string[] & { length: 12 }, mean: [0, 0, 0], std: [1, 1, 1],
};
const net = new Sequential(new Conv2d(3, 4, 3), new Flatten(), new Linear(400, 12));
// @expect 2: Linear takes 400 features, but its input has 144 (4 x 6 x 6)
await fit(net, { train: breeds, optimizer: new SGD({ lr: 0.1 }), batchSize: 2 });
