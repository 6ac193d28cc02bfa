import { describe, expect, it } from "vitest";
import { type Ran, runCli } from "./runCli.ts";

const fovea = async (...args: readonly string[]): Promise<string> => {
  const ran = await runCli(["summary", ...args]);
  expect(ran.stderr).toBe("");
  expect(ran.code).toBe(0);
  return ran.stdout;
};

describe("fovea summary", () => {
  it("has layers and totals of one shape, and says what the bytes are for", async () => {
    const found = JSON.parse(await fovea("lenet5", "--json")) as Record<string, unknown>;
    expect(Object.keys(found)).toEqual(expect.arrayContaining(["model", "input", "layers", "total", "batch", "optimizer"]));
    expect(found).toMatchObject({ model: "lenet5", input: [1, 28, 28], batch: 1, optimizer: "SGD without momentum" });
    expect((found.layers as unknown[])[0]).toEqual({
      name: "0",
      type: "Conv2d",
      outputShape: [6, 28, 28],
      weights: 156,
      units: 4704,
      connections: 117_600,
      connectionsWithBias: 122_304,
      multiplyAdds: 117_600,
      receptiveField: { size: [5, 5], stride: [1, 1], center: [0, 0] },
    });
    const { bytes, ...sums } = found.total as Record<string, unknown>;
    expect(sums).toEqual({ weights: 61_706, units: 8094, connections: 422_824, connectionsWithBias: 429_342, multiplyAdds: 416_520 });
    expect(Object.keys(bytes as object)).toEqual(["training", "inference"]);
  });

  it("writes the same bytes each time, in 80 columns, also for deep networks", async () => {
    const text = await fovea("resnet20");
    expect(await fovea("resnet20")).toBe(text);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain("multiply-adds    40,551,040 forward");
  });

  it("counts what the options ask for", async () => {
    const more = JSON.parse(await fovea("lenet5", "--input", "3x32x32", "--classes", "100", "--json"));
    expect(more).toMatchObject({ input: [3, 32, 32], total: { weights: 6 * 76 + 16 * 151 + 120 * 577 + 84 * 121 + 100 * 85 } });
    const plain = JSON.parse(await fovea("lenet5", "--json"));
    const adam = JSON.parse(await fovea("lenet5", "--optimizer", "adam", "--batch-size", "8", "--json"));
    expect(adam).toMatchObject({ batch: 8, optimizer: "Adam" });
    // Two moments of each weight, at the least.
    expect(adam.total.bytes.training).toBeGreaterThan(plain.total.bytes.training + 2 * 4 * 61_706);
    expect(adam.total.bytes.inference).toBeGreaterThan(plain.total.bytes.inference);
  });

  it("writes Markdown", async () => {
    const text = await fovea("lenet5", "--markdown");
    expect(text).toMatch(/^## lenet5 for inputs of 1 x 28 x 28\n\n\| layer \| type \|/);
    expect(text).toContain("| `0` | Conv2d | 6x28x28 | 156 | 4,704 | 117,600 | 122,304 | 117,600 | 5/1 |");
    expect(text.trimEnd().endsWith("```")).toBe(true);
  });

  const fails = async (...args: readonly string[]): Promise<Ran> => {
    const ran = await runCli(["summary", ...args, "--json"]);
    expect(ran.stdout).toBe("");
    expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1);
    return ran;
  };

  it("says which input is too small, where, and what would do", async () => {
    const ran = await fails("vgg11", "--input", "3x8x8");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe(
      "fovea: features.15: MaxPool2d: kernel 2 is larger than the input (512 x 1 x 1); sizes on the way: input 3 x 8 x 8, features.2 64 x 4 x 4, " +
        "features.5 128 x 2 x 2, features.10 256 x 1 x 1; the smallest input that works is 3 x 32 x 32\n",
    );
  });

  it.each([
    [["lenet5", "--input", "28x28"], "fovea: --input must be 3 sizes such as 1x28x28, got 28x28\n"],
    [["lenet5", "--input", "big"], "fovea: --input must be sizes such as 3x224x224, got big\n"],
    [["lenet5", "--batch-size", "0"], "fovea: --batch-size must be a whole number of at least 1, got 0\n"],
    [["lenet5", "--optimizer", "adm"], "fovea: --optimizer must be sgd, momentum, adam, adamw or rmsprop, got adm. Did you mean adam?\n"],
  ])("%j", async (args, line) => {
    const ran = await fails(...args);
    expect([ran.code, ran.stderr]).toEqual([2, line]);
  });
});
