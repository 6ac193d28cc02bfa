import { input } from "../../../src/index.ts";
import { googlenet } from "../../../src/models/index.ts";
// @includes is not assignable to parameter of type 'Tensor<readonly [number, 3, number, number]>'
googlenet().forward(input("x", [1, 3, 224]));
// @runtime conv1.conv: Conv2d takes channels x height x width, but its input is 3 x 224
