import { input } from "../../../src/index.ts";
import { GlobalAvgPool } from "../../../src/nn/index.ts";
// @expect GlobalAvgPool takes channels and space, but its input is flat, with 10 features
new GlobalAvgPool().forward(input("x", [1, 10]));
