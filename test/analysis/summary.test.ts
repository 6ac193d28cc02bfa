import { describe, expect, it } from "vitest";
import { type Summary, summary } from "../../src/analysis/index.ts";
import { OpError, Parameter, type Tensor } from "../../src/index.ts";
import { lenet5, lenet5Tanh } from "../../src/models/index.ts";
import { Conv2d, Flatten, Linear, Module, ReLU, Sequential } from "../../src/nn/index.ts";
import { add, flatten, maxPool, mul, relu } from "../../src/ops/index.ts";

/** A module of its own: functions, an array of layers, one layer used twice, one never. */
class Net extends Module {
  readonly stem = new Conv2d(1, 4, 3, { padding: 1 });
  readonly twice = new Conv2d(4, 4, 3, { padding: 1, bias: false });
  readonly heads = [new Linear(64, 10), new Linear(64, 2)];
  readonly scale = new Parameter([10]);
  override forward(x: Tensor<[number, 1, 8, 8]>): Tensor {
    let y: Tensor = maxPool(relu(this.stem.forward(x)), 2);
    for (let i = 0; i < 2; i++) y = add(y, this.twice.forward(y as Tensor<[number, 4, 4, 4]>));
    return mul(this.heads[0]!.forward(flatten(y)), this.scale.tensor);
  }
}

describe("summary", () => {
  it("counts LeNet-5 as the books do", () => {
    const { rows, totals, input } = summary(lenet5(), [1, 28, 28]);
    expect(input).toEqual([1, 28, 28]);
    expect(totals).toEqual({ parameters: 61_706, multiplyAdds: 416_520, connections: 422_824 });
    expect(rows).toHaveLength(13);
    expect(rows[0]).toEqual({ path: "", type: "Sequential", output: [10], parameters: 0, multiplyAdds: 0, connections: 0 });
    expect(rows[4]).toEqual({
      path: "3",
      type: "Conv2d",
      output: [16, 10, 10],
      parameters: 2416,
      multiplyAdds: 240_000,
      connections: 240_000,
    });
    expect(rows[6]).toEqual({ path: "5", type: "MaxPool2d", output: [16, 5, 5], parameters: 0, multiplyAdds: 0, connections: 1600 });
  });

  it("counts shared weights once and their work each time, and says what is not used", () => {
    const { rows, totals } = summary(new Net(), [1, 8, 8]);
    const row = (path: string) => rows.find((r) => r.path === path)!;
    expect(row("twice")).toMatchObject({ parameters: 144, multiplyAdds: 2 * 144 * 16 });
    expect(row("heads.1")).toMatchObject({ output: undefined, parameters: 130, multiplyAdds: 0 });
    // The pool is called by the network itself.
    expect(row("")).toMatchObject({ type: "Net", output: [10], parameters: 10, connections: 4 * 16 * 4 });
    expect(totals.parameters).toBe(40 + 144 + 650 + 130 + 10);

    const tied = new Linear(3, 3);
    expect(summary(new Sequential(tied, new ReLU(), tied), [3]).totals).toEqual({ parameters: 12, multiplyAdds: 18, connections: 18 });
  });

  it("reads no weight", () => {
    const model = lenet5();
    summary(model, [1, 28, 28]);
    expect(model.parameters().some((p) => p.initialized)).toBe(false);
  });

  it("fails as the network does", () => {
    expect(() => summary(lenet5(), [1, 32, 32])).toThrow(
      new OpError("", "7: Linear takes 400 features, but its input has 576 (16 x 6 x 6)"),
    );
  });
});

describe("its table", () => {
  it("is a tree", () => {
    expect(`${summary(lenet5Tanh(), [1, 28, 28])}\n`).toMatchSnapshot();
    expect(`${summary(new Net(), [1, 8, 8])}\n`).toMatchSnapshot();
    expect(`${summary(new Linear(3, 2), [3])}\n`).toMatchSnapshot();
  });

  const widest = (s: Summary): number => Math.max(...`${s}`.split("\n").map((line) => line.length));

  it("fits 80 columns: by shorter numbers, then by shorter names", () => {
    const big = new Sequential(
      ["features", new Sequential(new Conv2d(512, 4096, 3, { padding: "same" }), new ReLU())],
      ["flatten", new Flatten()],
    );
    const text = summary(big, [512, 224, 224]);
    expect(`${text}\n`).toMatchSnapshot();
    expect(widest(text)).toBeLessThanOrEqual(80);
    const long = new Sequential(["a".repeat(90), new Sequential(["b".repeat(90), new Conv2d(512, 4096, 3)])]);
    expect(widest(summary(long, [512, 224, 224]))).toBe(80);
  });
});
