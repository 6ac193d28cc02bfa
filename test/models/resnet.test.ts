import { describe, expect, it } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, f32, input, reference, type Tensor } from "../../src/index.ts";
import { reachable } from "../../src/ir/graph.ts";
import { zerosInit } from "../../src/ir/state.ts";
import { inputsOf, opOf } from "../../src/ir/tensor.ts";
import { withTrace } from "../../src/ir/trace.ts";
import {
  type NamedNetwork,
  resnet20,
  resnet32,
  resnet44,
  resnet50,
  resnet56,
  resnet101,
  resnet110,
  resnet152,
} from "../../src/models/index.ts";
import { ZeroChannels } from "../../src/models/zeroChannels.ts";
import type { Module } from "../../src/nn/index.ts";
import { trainSteps } from "./trainSteps.ts";

const parametersOf = (model: Module): number => model.parameters().reduce((n, p) => n + sizeOf(p.shape), 0);

/** The shape that each module gives, by path. */
function shapesOf(model: Module, shape: readonly number[]): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const onModule = (path: string, _: object, y: Tensor): void => void shapes.set(path, y.shape.slice(1));
  withTrace({ mode: "eval", updates: new Map(), onModule }, () => model.forward(input("x", [1, ...shape]) as never));
  return shapes;
}

describe("ResNet for CIFAR", () => {
  // He et al., 2015, table 6: millions of parameters.
  it.each([
    [resnet20, 0.27],
    [resnet32, 0.46],
    [resnet44, 0.66],
    [resnet56, 0.85],
    [resnet110, 1.7],
  ] as const)("%o has the paper's number of weights", (make, millions) => {
    const digits = millions < 1 ? 2 : 1;
    expect((parametersOf(make()) / 1e6).toFixed(digits)).toBe(millions.toFixed(digits));
  });

  it("has as many weights around blocks as projections need", () => {
    // 1 x 1 convolutions without bias and their norms.
    expect(parametersOf(resnet20({ shortcut: "projection" })) - parametersOf(resnet20())).toBe(16 * 32 + 2 * 32 + 32 * 64 + 2 * 64);
    expect([...resnet20().namedStates().keys()].filter((name) => name.includes("downsample"))).toEqual([]);
  });

  it("halves the image twice", () => {
    const shapes = shapesOf(resnet20({ width: 4 }), [3, 32, 32]);
    expect(["layer1", "layer2", "layer3", "avgpool"].map((path) => shapes.get(path))).toEqual([
      [4, 32, 32],
      [8, 16, 16],
      [16, 8, 8],
      [16, 1, 1],
    ]);
  });

  it("goes around a block by every second pixel and zeros", async () => {
    const block = resnet20({ width: 1 }).namedModules().get("layer2.0.downsample") as Module;
    const program = await compile(reference(), { x: [1, 1, 3, 4] }, ({ x }) => block.forward(x as never) as Tensor);
    const { output } = await program.run({ x: f32([1, 1, 3, 4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) });
    expect(output.shape).toEqual([1, 2, 2, 2]);
    expect([...output.data]).toEqual([1, 3, 9, 11, 0, 0, 0, 0]);
  });
});

describe("the way around a block", () => {
  it("lets gradients pass where the block itself stops them", async () => {
    const model = resnet20({ width: 4, classes: 3 });
    // torchvision: zero_init_residual. Each body gives nothing, so what comes out is what went in.
    for (const [name, state] of model.namedStates()) if (name.endsWith("bn2.weight")) state.init = zerosInit;
    const { gradients } = await trainSteps(model.initialize(1), [3, 32, 32], 3, { steps: 1 });
    for (const [name, size] of Object.entries(gradients)) {
      const stopped = /^layer.*(conv[12]\.|bn1\.)/.test(name);
      if (stopped) expect(size, name).toBe(0);
      else expect(size, name).toBeGreaterThan(0);
    }
  });
});

describe("ZeroChannels", () => {
  it("says what it takes", () => {
    expect(() => new ZeroChannels(8, 4)).toThrow("ZeroChannels: outChannels must be at least 8, got 4");
    expect(() => new ZeroChannels(2, 4).forward(input("x", [1, 3, 5, 5]) as never)).toThrow(
      "ZeroChannels takes 2 channels, but its input has 3 (3 x 5 x 5)",
    );
    // @ts-expect-error: ZeroChannels takes 2 channels, but its input has 3 (3 x 5 x 5)
    expect(() => new ZeroChannels(2, 4).forward(input("x", [1, 3, 5, 5]))).toThrow();
    const y: Tensor<[1, 4, 5, 6]> = new ZeroChannels(2, 4).forward(input("x", [1, 2, 5, 6]));
    expect(y.shape).toEqual([1, 4, 5, 6]);
  });
});

describe("where a bottleneck strides", () => {
  // He et al., 2015, table 1, says 3.8, 7.6 and 11.3 x 10^9 multiply-adds, where the first 1 x 1 convolution strides.
  it.each([
    ["ResNet-50", resnet50, 3.8],
    ["ResNet-101", resnet101, 7.6],
    ["ResNet-152", resnet152, 11.3],
  ] as const)("%s does the paper's work when it does so first", (_, make, billions) => {
    const work = (strideIn: "conv1" | "conv2"): number =>
      reachable([(make({ strideIn }) as NamedNetwork).forward(input("x", [1, 3, 224, 224]))]).reduce((sum, t) => {
        const node = opOf(t);
        return sum + (node?.op.counts?.(inputsOf(t), t, node.attrs)?.multiplyAdds ?? 0);
      }, 0);
    expect(Math.abs(work("conv1") / 1e9 - billions)).toBeLessThan(0.07);
    expect(work("conv2")).toBeGreaterThan(work("conv1") + 2e8);
  });

  it("has the same weights either way", () => {
    const dict = (strideIn: "conv1" | "conv2"): string[] =>
      [...resnet50({ strideIn }).namedStates()].map(([name, { shape }]) => `${name} ${shape}`);
    expect(dict("conv1")).toEqual(dict("conv2"));
  });

  it("halves the image there", () => {
    const sizes = (strideIn: "conv1" | "conv2"): (readonly number[] | undefined)[] => {
      const shapes = shapesOf(resnet50({ strideIn }), [3, 64, 64]);
      return ["layer2.0.conv1", "layer2.0.conv2", "layer2.1.conv1"].map((path) => shapes.get(path)?.slice(1));
    };
    expect(sizes("conv1")).toEqual([
      [8, 8],
      [8, 8],
      [8, 8],
    ]);
    expect(sizes("conv2")).toEqual([
      [16, 16],
      [8, 8],
      [8, 8],
    ]);
  });
});
