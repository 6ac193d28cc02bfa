import { Conv2d, Sequential, Subsampling2d } from "../../../src/nn/index.ts";
// @expect Subsampling2d takes 4 channels, but its input has 6 (6 x ? x ?)
new Sequential(new Conv2d(1, 6, 5), new Subsampling2d(4, 2));
