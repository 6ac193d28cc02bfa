import { describe, expect, it } from "vitest";
import { input, OpError, type Tensor } from "../../src/index.ts";
import { createModel, lenet5, models } from "../../src/models/index.ts";

describe("createModel", () => {
  it.each(Object.keys(models))("%s runs at its published size, and for other classes", (name) => {
    const { input: shape, dtype, classes } = models[name]!;
    for (const [options, n] of [
      [{}, classes],
      [{ classes: 7 }, 7],
    ] as const) {
      const x = input("x", [2, ...shape], dtype);
      expect((createModel(name, options).forward(x) as Tensor).shape).toEqual([2, n]);
    }
  });

  it("makes networks for other images", () => {
    const model = createModel("lenet5", { input: [2, 45, 33], classes: 3 });
    expect(model.forward(input("x", [2, 2, 45, 33])).shape).toEqual([2, 3]);
    expect(() => createModel("lenet5", { input: [28, 28] })).toThrow(
      new OpError("", "createModel: lenet5 takes inputs of 3 sizes, such as 1x28x28, got 28x28"),
    );
  });

  it("lists the models where there is none of that name", () => {
    const names = Object.keys(models).join(", ");
    expect(() => createModel("lenet")).toThrow(new OpError("", `createModel: the models are ${names}, got "lenet". Did you mean lenet5?`));
    expect(() => createModel("toString")).toThrow(new OpError("", `createModel: the models are ${names}, got "toString"`));
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
