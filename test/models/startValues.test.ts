/** Weights begin as torchvision's do. */
import { expect, it } from "vitest";
import { createModel } from "../../src/models/index.ts";

/** Zeros; normal with a deviation; or uniform within a bound. */
type Start = 0 | { readonly normal: number } | { readonly uniform: number };
const DEFAULT_BIAS_OF = (fanIn: number): Start => ({ uniform: 1 / Math.sqrt(fanIn) });

const cases: Readonly<Record<string, Readonly<Record<string, Start>>>> = {
  alexnet: { "features.3.weight": { uniform: 1 / Math.sqrt(64 * 25) }, "features.3.bias": DEFAULT_BIAS_OF(64 * 25) },
  vgg11: {
    "features.3.weight": { normal: Math.sqrt(2 / (128 * 9)) },
    "features.3.bias": 0,
    "classifier.6.weight": { normal: 0.01 },
    "classifier.6.bias": 0,
  },
  vgg11_bn: { "features.4.weight": { normal: Math.sqrt(2 / (128 * 9)) }, "features.4.bias": 0 },
  resnet18: {
    "layer2.0.conv1.weight": { normal: Math.sqrt(2 / (128 * 9)) },
    "layer3.0.downsample.0.weight": { normal: Math.sqrt(2 / 256) },
    "fc.weight": { uniform: 1 / Math.sqrt(512) },
    "fc.bias": DEFAULT_BIAS_OF(512),
  },
  resnext50_32x4d: { "layer2.1.conv2.weight": { normal: Math.sqrt(2 / (256 * 9)) } },
  resnet20: { "layer3.1.conv1.weight": { normal: Math.sqrt(2 / (64 * 9)) } },
  densenet121: {
    "features.denseblock1.denselayer1.conv2.weight": { normal: Math.sqrt(2 / (128 * 9)) },
    "features.transition1.conv.weight": { normal: Math.sqrt(2 / 256) },
    "classifier.weight": { uniform: 1 / Math.sqrt(1024) },
    "classifier.bias": 0,
  },
  r3d_18: { "stem.0.weight": { normal: Math.sqrt(2 / (64 * 3 * 49)) }, "fc.weight": { normal: 0.01 }, "fc.bias": 0 },
  tinyvgg: { "output.weight": { uniform: 1 / Math.sqrt(1690) } },
};

it.each(Object.entries(cases))("%s", (name, starts) => {
  const states = createModel(name, { classes: 10 }).namedStates();
  for (const [path, start] of Object.entries(starts)) {
    const state = states.get(path)!;
    state.initialize(1);
    const values = [...state.read().data];
    const [n, largest] = [values.length, values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)];
    const deviation = Math.sqrt(values.reduce((a, b) => a + b * b, 0) / n);
    if (start === 0) expect(largest, path).toBe(0);
    else if ("uniform" in start) {
      expect(largest, path).toBeLessThanOrEqual(start.uniform);
      expect(largest, path).toBeGreaterThan(start.uniform * (1 - 10 / n));
    } else {
      // Four standard errors.
      expect(Math.abs(deviation / start.normal - 1), path).toBeLessThan(4 / Math.sqrt(2 * n));
      expect(largest, path).toBeGreaterThan(2.5 * start.normal);
    }
  }
});
