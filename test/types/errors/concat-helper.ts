import { Concat, Conv2d, MaxPool2d, ReLU, Sequential } from "../../../src/nn/index.ts";
function inception<I extends number, A extends number, B extends number>(i: I, a: A, b: B) {
  return new Concat(
    ["branch1", new Conv2d(i, a, 1)],
    ["branch2", new Sequential(new Conv2d(i, b, 1), new ReLU(), new Conv2d(b, b, 3, { padding: 1 }))],
    ["pool", new MaxPool2d(3, { stride: 1, padding: 1 })],
  );
}
export const net = new Sequential(
  new Conv2d(3, 8, 3),
  inception(8, 4, 4),
  inception(16, 16, 32),
  // @expect branch1: Conv2d takes 48 channels, but its input has 64 (64 x ? x ?)
  inception(48, 16, 16),
);
