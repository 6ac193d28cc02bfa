import { input } from "../../../src/index.ts";
import { ConvTranspose1d } from "../../../src/nn/index.ts";
// @expect ConvTranspose1d: padding leaves nothing of the result (4 x 3)
new ConvTranspose1d(4, 2, 3, { padding: 3 }).forward(input("x", [1, 4, 3]));
