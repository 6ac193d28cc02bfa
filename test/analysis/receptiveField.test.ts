/** Receptive fields: published values, and what is said where there is no simple one. */
import { describe, expect, test } from "vitest";
import { fieldOf } from "../../src/analysis/receptiveField/fieldOf.ts";
import { receptiveField } from "../../src/analysis/receptiveField/receptiveField.ts";
import { type ReceptiveField, receptiveFields } from "../../src/analysis/receptiveField/receptiveFields.ts";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { lenet5 } from "../../src/models/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as ops from "../../src/ops/index.ts";

const CHANNELS = 4;
let weights = 0;
/** A convolution with as few channels as will do: they make no difference. */
function conv(x: Tensor, kernel: number, stride = 1, padding = 0, groups = 1): Tensor {
  const w = input(`w${weights++}`, [CHANNELS, x.shape[1]! / groups, kernel, kernel]);
  return ops.conv(x, w, undefined, { stride, padding, groups });
}
const pool = (x: Tensor, kernel: number, stride: number, padding = 0): Tensor => ops.maxPool(x, kernel, { stride, padding });

/** The field of the units that `fn` gives. */
function fieldFor(fn: (x: Tensor) => Tensor, shape: readonly number[] = [3, 224, 224]): ReceptiveField | undefined {
  const x = input("x", [1, ...shape]);
  const y = fn(x);
  return receptiveFields([y], x).get(y);
}

/** `strideLast`: the last block of a stage halves the image, as TF-Slim has it; else the first one of the next, as torchvision. */
function resnet(blocks: readonly number[], isBottleneck: boolean, strideLast = false) {
  return (x: Tensor): Tensor => {
    let y = pool(ops.relu(conv(x, 7, 2, 3)), 3, 2, 1);
    blocks.forEach((count, stage) => {
      for (let i = 0; i < count; i++) {
        const halves = strideLast ? i === count - 1 && stage < 3 : i === 0 && stage > 0;
        const stride = halves ? 2 : 1;
        const inner = ops.relu(conv(isBottleneck ? ops.relu(conv(y, 1)) : y, 3, stride, 1));
        const shortcut = halves || i === 0 ? conv(y, 1, stride) : y;
        y = ops.relu(ops.add(conv(inner, isBottleneck ? 1 : 3, 1, isBottleneck ? 0 : 1), shortcut));
      }
    });
    return y;
  };
}

const vgg16 = (x: Tensor): Tensor =>
  [2, 2, 3, 3, 3].reduce((y, count) => {
    let t = y;
    for (let i = 0; i < count; i++) t = ops.relu(conv(t, 3, 1, 1));
    return pool(t, 2, 2);
  }, x);

function alexnet(x: Tensor): Tensor {
  const early = pool(conv(pool(conv(x, 11, 4, 2), 3, 2), 5, 1, 2), 3, 2);
  return pool(conv(conv(conv(early, 3, 1, 1), 3, 1, 1), 3, 1, 1), 3, 2);
}

/** Expansion, channels, repeats, stride, as in its paper's table 2. */
const MOBILENET = [
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 2],
  [3, 1],
  [3, 2],
  [1, 1],
] as const;
function mobilenetV2(x: Tensor): Tensor {
  let y = conv(x, 3, 2, 1);
  for (const [repeats, first] of MOBILENET) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? first : 1;
      const z = conv(conv(conv(y, 1), 3, stride, 1, CHANNELS), 1);
      y = i === 0 ? z : ops.add(y, z);
    }
  }
  return conv(y, 1);
}

describe("published values", () => {
  const RESNETS = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3] } as const;
  // Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill 2019, and their tool.
  test.each([
    ["AlexNet", alexnet, 195, 32],
    ["VGG-16", vgg16, 212, 32],
    ["ResNet-18", resnet(RESNETS[18], false), 435, 32],
    ["ResNet-34", resnet(RESNETS[34], false), 899, 32],
    ["ResNet-50", resnet(RESNETS[50], true), 427, 32],
    ["ResNet-101", resnet(RESNETS[101], true), 971, 32],
    ["ResNet-152", resnet(RESNETS[152], true), 1451, 32],
    ["ResNet-50, strides of TF-Slim", resnet(RESNETS[50], true, true), 483, 32],
    ["ResNet-101, strides of TF-Slim", resnet(RESNETS[101], true, true), 1027, 32],
    ["ResNet-152, strides of TF-Slim", resnet(RESNETS[152], true, true), 1507, 32],
    ["MobileNet v2", mobilenetV2, 491, 32],
  ] as const)("%s", (name, net, size, stride) => {
    const field = fieldFor(net)!;
    expect(field.size).toEqual([size, size]);
    expect(field.stride).toEqual([stride, stride]);
    // The size of the image makes no difference, even if one unit is all that is left.
    const small = name === "AlexNet" ? [3, 63, 70] : [3, 32, 40];
    expect(fieldFor(net, small)).toEqual(field);
  });
});

describe("windows", () => {
  test("size, stride and centre by the rule: size + (k - 1) dilation stride, and so on", () => {
    expect(fieldFor((x) => conv(x, 3))).toEqual({ size: [3, 3], stride: [1, 1], center: [1, 1] });
    expect(fieldFor((x) => conv(x, 3, 1, 1))).toEqual({ size: [3, 3], stride: [1, 1], center: [0, 0] });
    expect(fieldFor((x) => pool(conv(x, 5), 2, 2))).toEqual({ size: [6, 6], stride: [2, 2], center: [2.5, 2.5] });
    const dilated = (x: Tensor): Tensor =>
      ops.conv(x, input("w", [1, 3, 3, 2]), undefined, { dilation: [4, 3], stride: [1, 2], padding: [4, 0] });
    expect(fieldFor(dilated)).toEqual({ size: [9, 4], stride: [1, 2], center: [0, 1.5] });
  });

  test("one axis, three axes, and tokens", () => {
    const line = input("w", [1, 2, 3]);
    expect(fieldFor((x) => ops.conv(x, line, undefined, { stride: 2 }), [2, 30])).toEqual({ size: [3], stride: [2], center: [1] });
    expect(fieldFor((x) => ops.avgPool(x, [1, 2, 3]), [2, 8, 8, 9])).toEqual({ size: [1, 2, 3], stride: [1, 2, 3], center: [0, 0.5, 1] });
    const tokens = input("tokens", [1, 12], "i32");
    const words = ops.permute(ops.embedding(tokens, input("table", [7, 2])), [0, 2, 1]);
    const y = ops.conv(words, line);
    expect(receptiveFields([y], tokens).get(y)).toEqual({ size: [3], stride: [1], center: [1] });
  });

  test("transposed convolution: fractions of a stride; phases see different sizes, the largest counts", () => {
    const up = (x: Tensor): Tensor => ops.convTranspose(x, input("w", [3, 2, 3, 3]), undefined, { stride: 2, padding: 1 });
    expect(fieldFor(up)).toEqual({ size: [2, 2], stride: [0.5, 0.5], center: [0, 0] });
    expect(fieldFor((x) => pool(up(x), 2, 2))).toEqual({ size: [2, 2], stride: [1, 1], center: [0.5, 0.5] });
  });

  test("shuffles, resizing, moves and algorithms", () => {
    expect(fieldFor((x) => ops.pixelShuffle(x, 2), [4, 8, 8])).toEqual({ size: [1, 1], stride: [0.5, 0.5], center: [0, 0] });
    expect(fieldFor((x) => ops.pixelUnshuffle(x, 3), [1, 9, 9])).toEqual({ size: [3, 3], stride: [3, 3], center: [1, 1] });
    expect(fieldFor((x) => ops.channelShuffle(x, 2), [4, 9, 9])).toEqual({ size: [1, 1], stride: [1, 1], center: [0, 0] });
    expect(fieldFor((x) => ops.interpolate(x, { scaleFactor: 2 }))?.stride).toEqual([0.5, 0.5]);
    expect(fieldFor((x) => ops.interpolate(x, { scaleFactor: 2, mode: "linear" }))).toMatchObject({ size: [2, 2], stride: [0.5, 0.5] });
    expect(fieldFor((x) => ops.flip(x))).toEqual({ size: [1, 1], stride: [-1, -1], center: [223, 223] });
    expect(fieldFor((x) => ops.slice(x, [[], [], [10, 200, 3]]))).toEqual({ size: [1, 1], stride: [3, 1], center: [10, 0] });
    expect(fieldFor((x) => conv(ops.pad(x, [2, 1], { mode: "reflect" }), 3))).toEqual({ size: [3, 3], stride: [1, 1], center: [-1, 0] });
    const lowered = (x: Tensor): Tensor => {
      const columns = ops.unfold(x, 3, { stride: 2 });
      return ops.reshape(ops.bmm(ops.reshape(input("w", [2, 27]), [1, 2, 27]), columns), [1, 2, 6, 4]);
    };
    expect(fieldFor(lowered, [3, 13, 9])).toEqual({ size: [3, 3], stride: [2, 2], center: [1, 1] });
  });

  test("of joined paths: the hull; of paths at two paces: the largest unit and the mean stride", () => {
    expect(
      fieldFor((x) =>
        ops.concat([conv(x, 3, 1, 1), conv(x, 7, 1, 3), pool(x, 2, 1)].map((t) => ops.slice(t, [[], [], [0, 200], [0, 200]]))),
      ),
    ).toEqual({ size: [7, 7], stride: [1, 1], center: [0, 0] });
    const paces = fieldFor((x) => ops.add(ops.slice(x, [[], [], [0, 4], [0, 4]]), ops.avgPool(x, 2)), [1, 8, 8]);
    // Unit 3 sees pixel 3 by one path, 6 and 7 by the other.
    expect(paces).toEqual({ size: [5, 5], stride: [1.5, 1.5], center: [0.5, 0.5] });
  });
});

describe("what sees all of the image", () => {
  const whole = { size: [20, 30], stride: [0, 0], center: [9.5, 14.5] };
  test("global pools, linear layers, squeeze and excite, and batch norms in training", () => {
    const shape = [3, 20, 30];
    expect(fieldFor((x) => ops.globalAvgPool(conv(x, 3, 1, 1)), shape)).toEqual(whole);
    expect(fieldFor((x) => ops.adaptiveAvgPool(x, 1), shape)).toEqual(whole);
    expect(fieldFor((x) => ops.linear(ops.flatten(x), input("w", [5, 1800])), shape)).toEqual(whole);
    expect(fieldFor((x) => ops.flatten(x), shape)).toBeUndefined();
    expect(fieldFor((x) => ops.mul(conv(x, 3, 1, 1), ops.sigmoid(ops.globalAvgPool(conv(x, 1)))), shape)).toEqual(whole);
    const net = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4));
    expect(receptiveField(net, [3, 20, 30], { layer: "1" })[0]!.field).toMatchObject({ size: [3, 3] });
    expect(receptiveField(net, [3, 20, 30], { layer: "1", mode: "train" })[0]!.field).toEqual(whole);
  });

  test("a pool that adapts sees what its windows read", () => {
    expect(fieldFor((x) => ops.adaptiveAvgPool(x, [5, 3]), [3, 20, 30])).toEqual({ size: [4, 10], stride: [4, 10], center: [1.5, 4.5] });
    expect(fieldFor((x) => ops.adaptiveAvgPool(x, 4), [3, 4, 4])).toEqual({ size: [1, 1], stride: [1, 1], center: [0, 0] });
  });

  test("nothing is said of what does not depend on the input", () => {
    const x = input("x", [1, 3, 8, 8]);
    const y = ops.relu(input("other", [1, 3, 8, 8]));
    expect(receptiveFields([ops.add(x, y)], x).has(y)).toBe(false);
  });
});

describe("by module", () => {
  test("fields grow with depth", () => {
    const rows = receptiveField(lenet5(), [1, 28, 28]);
    const of = (type: string): (number | undefined)[] => rows.filter((r) => r.type === type).map((r) => r.field?.size[0]);
    expect([of("Conv2d"), of("MaxPool2d"), of("Flatten"), of("Linear")]).toEqual([[5, 14], [6, 16], [undefined], [28, 28, 28]]);
    expect(rows[0]).toMatchObject({ path: "", output: [10], field: { stride: [0, 0] } });
    expect(() => receptiveField(lenet5(), [1, 28, 28], { layer: "nowhere" })).toThrow(OpError);
  });

  test("the box of one unit, clipped to the image", () => {
    const net = new nn.Sequential(new nn.Conv2d(1, 2, 3, { padding: 2, dilation: 2, stride: 2 }), new nn.Conv2d(2, 2, 3));
    expect(fieldOf(net, [1, 16, 16], "0", [0, 3])).toEqual({
      start: [0, 4],
      end: [3, 9],
      pixels: [
        [0, 2],
        [4, 6, 8],
      ],
    });
    expect(fieldOf(net, [1, 16, 16], "1", [0, 5])).toMatchObject({ start: [0, 8], end: [7, 15] });
    const reflected = new nn.Sequential(new nn.ReflectionPad2d(3), new nn.Conv2d(1, 1, 3));
    expect(fieldOf(reflected, [1, 9, 9], "1", [0, 10])).toMatchObject({ start: [1, 7], end: [4, 9] });
    expect(fieldOf(lenet5(), [1, 28, 28], "", [])).toMatchObject({ start: [0, 0], end: [28, 28] });
    expect(() => fieldOf(net, [1, 16, 16], "0", [0, 99])).toThrow(/unit must be a place/);
  });
});
