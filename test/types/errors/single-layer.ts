import { input } from "../../../src/index.ts";
import { Linear } from "../../../src/nn/index.ts";
// @expect Linear takes 10 features, but its input has 12
new Linear(10, 4).forward(input("x", [8, 12]));
