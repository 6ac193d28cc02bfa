import { describe, expect, it } from "vitest";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { withTrace } from "../../src/ir/trace.ts";
import { forwardFrom } from "../../src/nn/forwardFrom.ts";
import {
  Auxiliary,
  BatchNorm2d,
  Conv1d,
  Conv2d,
  Embedding,
  Flatten,
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Residual,
  Sequential,
} from "../../src/nn/index.ts";
import { maxPool, transpose } from "../../src/ops/index.ts";

const block = (from: number, to: number): Module =>
  new Sequential(new Conv2d(from, to, 3, { padding: 1 }), new BatchNorm2d(to), new ReLU(), new MaxPool2d(2));
/** Three blocks and a head. The compiler does not follow the shapes. */
function deep(head: readonly Module[]): Module {
  const features: Module = new Sequential(...([block(3, 4), block(4, 4), block(4, 8)] as never[]));
  const layers: Module = new Sequential(...(head as never[]));
  return new Sequential(["features", features], ["head", layers]);
}

const from = (model: Module, ...shape: readonly number[]): unknown => forwardFrom(model, input("x", shape));
const messageOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    if (error instanceof OpError) return error.message;
    throw error;
  }
  return "it worked";
};

describe("forwardFrom", () => {
  const pooled = deep([new GlobalAvgPool(), new Linear(8, 2)]);

  it("gives what forward gives", () => {
    expect((from(pooled, 2, 3, 8, 9) as Tensor).shape).toEqual([2, 2]);
  });

  it("says the sizes on the way and the smallest input that works, which does", () => {
    const message = messageOf(() => from(pooled, 1, 3, 4, 4));
    expect(message).toBe(
      "features.2.3: MaxPool2d: kernel 2 is larger than the input (8 x 1 x 1); sizes on the way: input 3 x 4 x 4, features.0.3 4 x 2 x 2, " +
        "features.1.3 4 x 1 x 1; the smallest input that works is 3 x 8 x 8",
    );
    expect((from(pooled, 1, 3, 8, 8) as Tensor).shape).toEqual([1, 2]);
    for (const shape of [
      [7, 8],
      [8, 7],
    ] as const)
      expect(messageOf(() => from(pooled, 1, 3, ...shape))).toContain("the smallest input that works is 3 x 8 x 8");
  });

  it("judges each axis by itself", () => {
    const wide = new Sequential(new Conv2d(1, 1, [3, 9]), new MaxPool2d(2), new GlobalAvgPool());
    expect(messageOf(() => from(wide, 1, 1, 2, 30))).toContain("the smallest input that works is 1 x 4 x 10");
  });

  it("finds the one size that a dense layer wants", () => {
    const dense = deep([new Flatten(), new Linear(8 * 3 * 3, 2)]);
    expect(messageOf(() => from(dense, 1, 3, 3, 3))).toContain("the smallest input that works is 3 x 24 x 24");
  });

  it("leaves alone what no size mends", () => {
    expect(messageOf(() => from(pooled, 1, 1, 4, 4))).toBe("features.0.0: Conv2d takes 3 channels, but its input has 1 (1 x 4 x 4)");
    const dense = deep([new Flatten(), new Linear(7, 2)]);
    expect(messageOf(() => from(dense, 1, 3, 8, 8))).toBe("head.1: Linear takes 7 features, but its input has 8 (8 x 1 x 1)");
    const broken = new (class extends Module {
      override forward(): Tensor {
        throw new RangeError("a fault of its own");
      }
    })();
    expect(() => from(broken, 1, 3, 4, 4)).toThrow(new RangeError("a fault of its own"));
  });

  it("works for modules that call ops, for residuals and for texts", () => {
    const own = new (class extends Module {
      readonly conv = new Conv2d(1, 2, 5);
      override forward(x: Tensor): Tensor {
        return maxPool(this.conv.forward(x as never), 3);
      }
    })();
    expect(messageOf(() => from(own, 1, 1, 6, 6))).toMatch(
      /; sizes on the way: input 1 x 6 x 6, conv 2 x 2 x 2; the smallest input that works is 1 x 7 x 7$/,
    );
    const residual = new Sequential(new MaxPool2d(2), new Residual(new Conv2d(2, 2, 3, { padding: 1 })), new MaxPool2d(2));
    expect(messageOf(() => from(residual, 1, 2, 2, 3))).toContain(
      "sizes on the way: input 2 x 2 x 3, 0 2 x 1 x 1; the smallest input that works is 2 x 4 x 4",
    );
    const text = new (class extends Module {
      readonly embedding = new Embedding(9, 4);
      readonly conv = new Conv1d(4, 2, 5);
      override forward(x: Tensor<[number, number]>): Tensor {
        return this.conv.forward(transpose(this.embedding.forward(x), 1, 2) as Tensor<[number, 4, number]>);
      }
    })();
    expect(messageOf(() => forwardFrom(text, input("x", [1, 3], "i32")))).toContain("the smallest input that works is 5");
  });

  it("finds what is too small for training alone, and does not blame the size for a batch of one", () => {
    const train = (model: Module, ...shape: readonly number[]): string =>
      messageOf(() => withTrace({ mode: "train", updates: new Map() }, () => from(model, ...shape)));
    const second = new Auxiliary(new Sequential(new Conv2d(2, 1, 5), new GlobalAvgPool()));
    const head = new Sequential(new MaxPool2d(2), second, new GlobalAvgPool());
    // The shapes of its head are judged in every mode.
    for (const message of [train(head, 1, 2, 4, 4), messageOf(() => from(head, 1, 2, 4, 4))])
      expect(message).toContain("sizes on the way: input 2 x 4 x 4, 0 2 x 2 x 2; the smallest input that works is 2 x 10 x 10");
    const norm = new Sequential(new Conv2d(1, 2, 3), new BatchNorm2d(2));
    expect(train(norm, 1, 1, 3, 3)).toBe("1: batchNorm: training needs more than one value per channel, got input [1, 2, 1, 1]");
  });

  it("leaves the network and the trace as they were", () => {
    const updates = new Map();
    const seen: string[] = [];
    withTrace({ mode: "train", updates, onModule: (path) => void seen.push(path) }, () => messageOf(() => from(pooled, 2, 3, 4, 4)));
    // Of the forward that failed alone: the search has a trace of its own, in which nothing is assigned.
    expect(seen).toEqual([]);
    expect([...pooled.namedModules().values()].some((m) => Object.hasOwn(m, "outputShape"))).toBe(false);
    expect((from(pooled, 1, 3, 8, 8) as Tensor).shape).toEqual([1, 2]);
  });
});
