/** What the others in this folder import: its cost is taken off theirs. */
import { summary } from "../../../src/analysis/index.ts";
import { AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, type Network, ReLU, Sequential, Tanh } from "../../../src/nn/index.ts";

export { AvgPool2d, Conv2d, Flatten, Linear, MaxPool2d, type Network, ReLU, Sequential, summary, Tanh };
