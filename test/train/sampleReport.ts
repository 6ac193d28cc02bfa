/** Reports of runs that never happened, but might have: for the tests of the page, and for looking at it. */
import { RandomStream } from "../../src/base/random.ts";
import { strokes } from "../../src/data/index.ts";
import type { EpochMetrics, FeatureMaps, Mistake, Numbers, ReportData } from "../../src/train/report/index.ts";

const random = new RandomStream(7, "sample report");
let drawn = 0;
const uniform = (): number => random.uniform(drawn++);
const around = (width: number): number => (uniform() + uniform() - 1) * width;

const DIGITS = strokes({ split: "test", count: 400 });
const CLASSES = DIGITS.classes;
/** Pairs that look alike. */
const ALIKE = [
  [4, 9],
  [9, 4],
  [7, 1],
  [3, 5],
  [5, 3],
  [8, 3],
  [7, 9],
  [2, 7],
  [0, 6],
  [6, 0],
] as const;

/** LeNet-5 on generated digits, 5 epochs. */
export function lenetReport(): ReportData {
  drawn = 0;
  const confusion = CLASSES.map((_, t) => CLASSES.map((_, p) => (t === p ? 0 : 0)));
  for (const [i, [t, p]] of ALIKE.entries()) confusion[t]![p] = Math.max(1, 6 - i);
  for (let t = 0; t < 10; t++) confusion[t]![t] = 200 + Math.round(around(18)) - confusion[t]!.reduce((n, c) => n + c, 0);
  const right = confusion.reduce((n, row, t) => n + row[t]!, 0);
  const images = confusion.flat().reduce((n, c) => n + c, 0);
  const weight = smoothFilters(6, 1, 5);
  const epochs = curve(5, right / images);
  return {
    title: "LeNet-5 on handwritten strokes",
    model: "lenet5",
    dataset: "strokes",
    date: "2026-05-03T14:20:07.000Z",
    seed: 1,
    threads: 2,
    wallSeconds: 14.83,
    command: "fovea train --data strokes --model lenet5 --epochs 5 --batch-size 64 --lr 0.05 --momentum 0.9 --seed 1",
    environment: { Fovea: "0.1.0", Node: "20.20.2", Backend: "wasm", Processor: "AMD EPYC, 2 cores" },
    weightsSha256: "9f2c1d7be04a6835c9b1f0d2e87a4463b5517c90aa3e2f81d6c4b7908e5f3a12",
    bitExact: true,
    parameters: 61_706,
    memory: { weights: 246_824, activations: 4_193_280, gradients: 2_981_888, optimizer: 246_824, scratch: 618_496, total: 8_287_312 },
    epochs,
    stepsPerEpoch: 188,
    steps: Array.from({ length: 940 }, (_, i) => ({ step: i + 1, loss: lossAt((i + 1) / 188) * Math.exp(around(0.9)) })),
    classes: CLASSES,
    confusion,
    mistakes: ALIKE.flatMap(([t, p], i) => (confusion[t]![p]! > 1 ? [mistake(i, t, p), mistake(i + 60, t, p)] : [mistake(i, t, p)])),
    filters: { path: "0", weight },
    example: example(weight),
    layers: LAYERS.map(([path, type, outputShape, parameters, multiplyAdds]) => ({ path, type, outputShape, parameters, multiplyAdds })),
  };
}

const LAYERS = [
  ["0", "Conv2d", [6, 28, 28], 156, 117_600],
  ["1", "ReLU", [6, 28, 28], 0, 0],
  ["2", "MaxPool2d", [6, 14, 14], 0, 0],
  ["3", "Conv2d", [16, 10, 10], 2_416, 240_000],
  ["4", "ReLU", [16, 10, 10], 0, 0],
  ["5", "MaxPool2d", [16, 5, 5], 0, 0],
  ["6", "Flatten", [400], 0, 0],
  ["7", "Linear", [120], 48_120, 48_000],
  ["8", "ReLU", [120], 0, 0],
  ["9", "Linear", [84], 10_164, 10_080],
  ["10", "ReLU", [84], 0, 0],
  ["11", "Linear", [10], 850, 840],
] as const;

/** A colour network with many classes. */
export function colourReport(classCount = 100, epochs = 60): ReportData {
  const lenet = lenetReport();
  const classes = Array.from({ length: classCount }, (_, k) => `${["striped", "spotted", "plain", "dark"][k % 4]} thing ${k}`);
  const confusion = classes.map((_, t) =>
    classes.map((_, p) => {
      if (t === p) return 55 + Math.round(around(30));
      return Math.floor(t / 5) === Math.floor(p / 5) ? Math.round(uniform() * 9) : Math.max(0, Math.round(uniform() * 3 - 2));
    }),
  );
  const accuracy = confusion.reduce((n, row, t) => n + row[t]!, 0) / confusion.flat().reduce((n, c) => n + c, 0);
  const image = colourImage(32);
  const weight = smoothFilters(32, 3, 5);
  const probabilities = softened(classCount, 17, 42 % classCount, 0.71);
  return {
    ...lenet,
    title: "A small ResNet on coloured things",
    model: "resnet20",
    dataset: "cifar100",
    wallSeconds: 4213,
    epochs: curve(epochs, accuracy),
    stepsPerEpoch: 940 / epochs,
    classes,
    confusion,
    mistakes: Array.from({ length: 30 }, (_, i) => ({
      index: i * 37,
      image: colourImage(32),
      trueClass: i % classCount,
      predictedClass: (i + 3) % classCount,
      probabilities: softened(classCount, (i + 3) % classCount, i % classCount, 0.6 + uniform() * 0.39),
    })),
    filters: { path: "conv1", weight },
    example: {
      index: 4,
      image,
      trueClass: 42 % classCount,
      probabilities,
      maps: [32, 32, 16, 8].map((side, k) => ({ path: `layer${k}.conv1`, type: "Conv2d", values: maps(16 << k, side) })),
    },
  };
}

const lossAt = (epoch: number): number => 0.03 + 2.2 * Math.exp(-2.1 * Math.min(epoch, 1.3)) * Math.exp(-0.55 * Math.max(0, epoch - 1.3));

function curve(epochs: number, accuracy: number): readonly EpochMetrics[] {
  return Array.from({ length: epochs }, (_, i) => {
    const t = ((i + 1) * 5) / epochs;
    const last = i === epochs - 1;
    return {
      trainLoss: lossAt(t - 2.5 / epochs) * (1 + around(0.05)),
      trainAccuracy: 1 - 0.18 * lossAt(t - 2.5 / epochs) - 0.001,
      testLoss: lossAt(t) + 0.022 * (1 + around(0.3)),
      testAccuracy: last ? accuracy : accuracy - 0.14 * (lossAt(t) - lossAt(5)) + around(0.001),
      seconds: 2.71 + around(0.1),
      imagesPerSecond: 12_000 / (2.71 + around(0.1)),
      lr: 0.05 * 0.5 ** Math.floor((3 * i) / epochs),
    };
  });
}

/** Edges and bars in all directions. */
function smoothFilters(out: number, channels: number, side: number): Numbers {
  const data = new Float32Array(out * channels * side * side);
  for (let o = 0, at = 0; o < out; o++) {
    const angle = (Math.PI * o) / out;
    for (let c = 0; c < channels; c++) {
      const tint = 0.7 + around(0.5);
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const u = (x - side / 2 + 0.5) * Math.cos(angle) + (y - side / 2 + 0.5) * Math.sin(angle);
          data[at++] = 0.42 * tint * Math.sin(1.1 * u + (o % 2)) * Math.exp(-(u * u) / 9) + around(0.09);
        }
      }
    }
  }
  return { shape: [out, channels, side, side], data };
}

function mistake(i: number, trueClass: number, predictedClass: number): Mistake {
  const labels = [...DIGITS.labels.data];
  const index = labels.indexOf(trueClass, i * 4);
  const share = 0.5 + 0.49 * uniform();
  return { index, image: digit(index), trueClass, predictedClass, probabilities: softened(10, predictedClass, trueClass, share) };
}

const digit = (index: number): Numbers => ({ shape: [1, 28, 28], data: DIGITS.images.data.slice(index * 784, (index + 1) * 784) });

function softened(n: number, first: number, second: number, share: number): number[] {
  return Array.from({ length: n }, (_, k) => (k === first ? share : k === second ? (1 - share) * 0.8 : ((1 - share) * 0.2) / (n - 2)));
}

/** A real first convolution, ReLU and pool; what follows is made up. */
function example(weight: Numbers): NonNullable<ReportData["example"]> {
  const index = 33;
  const image = digit(index);
  const conv = convolved(image, weight);
  const layer = (path: number, values: Numbers): FeatureMaps => ({ path: String(path), type: LAYERS[path]![1], values });
  const relu = (x: Numbers) => ({ shape: x.shape, data: Array.from(x.data, (v) => Math.max(0, v)) });
  const conv2 = maps(16, 10);
  const [fc1, fc2, fc3] = [120, 84, 10].map((n) => ({ shape: [n], data: Array.from({ length: n }, () => around(4)) }));
  const trueClass = DIGITS.labels.data[index]!;
  const values = [conv, relu(conv), pooled(relu(conv)), conv2, relu(conv2), pooled(relu(conv2))];
  const flat = { shape: [400], data: values[5]!.data };
  const vectors = [flat, fc1!, relu(fc1!), fc2!, relu(fc2!), fc3!];
  const probabilities = softened(10, trueClass, (trueClass + 5) % 10, 0.962);
  return { index, image, trueClass, probabilities, maps: [...values, ...vectors].map((v, path) => layer(path, v)) };
}

function convolved(image: Numbers, { shape, data }: Numbers): Numbers {
  const [out, , k] = shape as readonly [number, number, number, number];
  const result = new Float32Array(out * 784);
  for (let at = 0; at < result.length; at++) {
    const [o, y, x] = [Math.floor(at / 784), Math.floor(at / 28) % 28, at % 28];
    for (let tap = 0; tap < k * k; tap++) {
      const [yy, xx] = [y + Math.floor(tap / k) - 2, x + (tap % k) - 2];
      if (yy >= 0 && yy < 28 && xx >= 0 && xx < 28) result[at]! += (data[o * k * k + tap]! * image.data[yy * 28 + xx]!) / 255;
    }
  }
  return { shape: [out, 28, 28], data: result };
}

function pooled({ shape, data }: Numbers): Numbers {
  const [c, h, w] = shape as readonly [number, number, number];
  const side = h / 2;
  const at = (i: number, dy: number, dx: number) => {
    const [plane, y, x] = [Math.floor(i / (side * side)), Math.floor(i / side) % side, i % side];
    return data[plane * h * w + (2 * y + dy) * w + 2 * x + dx]!;
  };
  return {
    shape: [c, side, side],
    data: Array.from({ length: c * side * side }, (_, i) => Math.max(at(i, 0, 0), at(i, 0, 1), at(i, 1, 0), at(i, 1, 1))),
  };
}

/** Soft blobs. */
function maps(channels: number, side: number): Numbers {
  const data: number[] = [];
  for (let c = 0; c < channels; c++) {
    const [fx, fy, phase, sharp] = [around(6), around(6), around(4), 0.5 + uniform()];
    for (let p = 0; p < side * side; p++) {
      const [y, x] = [Math.floor(p / side) / side, (p % side) / side];
      data.push(sharp * Math.sin(fx * x + fy * y + phase) + 0.6 * Math.sin(9 * x * fy + phase) * y + around(0.2));
    }
  }
  return { shape: [channels, side, side], data };
}

function colourImage(side: number): Numbers {
  const values = maps(3, side);
  return { shape: values.shape, data: Uint8Array.from(values.data as number[], (v) => Math.min(255, Math.max(0, 128 + 90 * v))) };
}
