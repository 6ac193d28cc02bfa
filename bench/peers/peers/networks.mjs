/** The networks' shapes, for libraries without a zoo, and the numbers that go in. */

export const sizeOf = (shape) => shape.reduce((n, extent) => n * extent, 1);

/** Numbers in -scale..scale, the same in every run. */
export function uniform(length, scale = 1) {
  const numbers = new Float32Array(length);
  let state = 2463534242;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    numbers[i] = ((state >>> 0) / 2 ** 31 - 1) * scale;
  }
  return numbers;
}

/** Output extent of a window over a square image. */
export const outputExtent = ({ h, k, s, p }) => Math.floor((h + 2 * p - k) / s) + 1;

/** Residual blocks of two 3 x 3 convolutions each: { from, to, stride }. */
const blocks = (widths, depth) =>
  widths.flatMap((to, i) =>
    Array.from({ length: depth }, (_, j) => ({ from: j > 0 ? to : (widths[i - 1] ?? to), to, stride: j === 0 && i > 0 ? 2 : 1 })),
  );

/** ResNet-18 for 224 x 224, its batch norms folded into the convolutions' biases. */
export const RESNET18 = { blocks: blocks([64, 128, 256, 512], 2), classes: 1000, image: [3, 224, 224] };

/** ResNet-20 for CIFAR, with batch norm; around blocks that halve the image go every second pixel and zeros, as published. */
export const RESNET20 = { blocks: blocks([16, 32, 64], 3), classes: 10, image: [3, 32, 32] };

export const LENET5 = { classes: 10, image: [1, 28, 28] };

export const NETWORKS = { lenet5: LENET5, resnet18: RESNET18, resnet20: RESNET20 };

/** How all train: stochastic gradient descent with momentum, on labels 0, 1, 2, ... */
export const TRAINING = { lr: 0.01, momentum: 0.9 };
export const labels = (n, classes) => Int32Array.from({ length: n }, (_, i) => i % classes);
