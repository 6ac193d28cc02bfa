import { describe, expect, it } from "vitest";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { createModel, lenet5, models } from "../../src/models/index.ts";

const digits = { channels: 1, height: 28, width: 28, classes: 10 };

describe("createModel", () => {
  it.each(Object.keys(models))("%s fits any images of sensible size", (name) => {
    for (const [channels, height, width, classes] of [
      [1, 28, 28, 10],
      [3, 32, 32, 100],
      [2, 45, 33, 2],
    ] as const) {
      const model = createModel(name, { channels, height, width, classes });
      const y: Tensor = model.forward(input("x", [2, channels, height, width]));
      expect(y.shape).toEqual([2, classes]);
    }
  });

  it("lists the models where there is none of that name", () => {
    expect(() => createModel("lenet", digits)).toThrow(
      new OpError("", 'createModel: the models are lenet5, lenet5Tanh, got "lenet". Did you mean lenet5?'),
    );
    expect(() => createModel("toString", digits)).toThrow(
      new OpError("", 'createModel: the models are lenet5, lenet5Tanh, got "toString"'),
    );
  });
});

describe("lenet5", () => {
  it("has defaults for digits", () => {
    expect(lenet5().forward(input("x", [1, 1, 28, 28])).shape).toEqual([1, 10]);
  });

  it("says how small images may be", () => {
    expect(lenet5({ height: 12, width: 12 }).forward(input("x", [1, 1, 12, 12])).shape).toEqual([1, 10]);
    expect(() => lenet5({ height: 28, width: 11 })).toThrow("lenet5: images must be at least 12 x 12, got 28 x 11");
  });
});
