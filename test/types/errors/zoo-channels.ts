import { summary } from "../../../src/analysis/index.ts";
import { resnet18 } from "../../../src/models/index.ts";
// @expect forward takes 3 x ? x ?, but its input is 1 x 224 x 224
summary(resnet18(), [1, 224, 224]);
// @runtime conv1: Conv2d takes 3 channels, but its input has 1 (1 x 224 x 224)
