/** Sizes, coverage and what is said about them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coverage, summary, transposedSize, whySize, windowSize } from "../../src/analysis/index.ts";
import { compile, constant, f32, pullback, reference, type Tensor } from "../../src/index.ts";
import { lenet5 } from "../../src/models/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as ops from "../../src/ops/index.ts";
import { trace } from "../../src/runtime/compile.ts";

const f32Constant = (value: number): Tensor => constant(f32([], [value]));
const input1 = (shape: readonly number[]): Tensor => ops.expand(f32Constant(1), shape);

describe("sizes with the formula filled in", () => {
  test.each([
    [windowSize(28, { kernel: 5, padding: 2 }), 28, "floor((28 + 2*2 - 1*(5-1) - 1)/1) + 1 = 28"],
    [windowSize(224, { kernel: 7, stride: 2, padding: 3 }), 112, "floor((224 + 2*3 - 1*(7-1) - 1)/2) + 1 = 112"],
    [windowSize(10, { kernel: 3, stride: 2, padding: [1, 0], dilation: 2 }), 4, "floor((10 + 1 + 0 - 2*(3-1) - 1)/2) + 1 = 4"],
    [windowSize(10, { kernel: 3, padding: [-1, 2] }), 9, "floor((10 - 1 + 2 - 1*(3-1) - 1)/1) + 1 = 9"],
    [windowSize(10, { kernel: 2, padding: -2 }), 5, "floor((10 - 2*2 - 1*(2-1) - 1)/1) + 1 = 5"],
    [windowSize(6, { kernel: 3, stride: 2 }, true), 3, "ceil((6 + 2*0 - 1*(3-1) - 1)/2) + 1 = 3"],
    [windowSize(3, { kernel: 1, stride: 3, padding: 0 }, true), 1, "ceil((3 + 2*0 - 1*(1-1) - 1)/3) + 1 - 1 beyond the end = 1"],
    [windowSize(3, { kernel: 5 }), 0, "3 + 2*0 is less than the window's 5"],
    [transposedSize(14, { kernel: 4, stride: 2, padding: 1 }), 28, "(14-1)*2 - 2*1 + 1*(4-1) + 0 + 1 = 28"],
    [transposedSize(7, { kernel: 3, stride: 2, padding: [1, 0], dilation: 2 }, 1), 17, "(7-1)*2 - 1 - 0 + 2*(3-1) + 1 + 1 = 17"],
  ])("%o", (explained, size, formula) => {
    expect(explained).toEqual({ size, formula });
  });

  test("the formula, calculated, is the size", () => {
    const small = fc.integer({ min: 1, max: 7 });
    const side = fc.integer({ min: -2, max: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), small, small, side, side, small, (n, kernel, stride, before, after, dilation) => {
        const { size, formula } = windowSize(n, { kernel, stride, padding: [before, after], dilation });
        if (size === 0) return;
        const [left, right] = formula.split(" = ") as [string, string];
        const value: unknown = new Function("floor", `return ${left}`)(Math.floor);
        expect(value).toBe(size);
        expect(right).toBe(`${size}`);
        const back = transposedSize(size, { kernel, stride, padding: [before, after], dilation });
        const again: unknown = new Function(`return ${back.formula.split(" = ")[0]}`)();
        expect(again).toBe(back.size);
        expect(windowSize(back.size, { kernel, stride, padding: [before, after], dilation }).size).toBe(size);
      }),
    );
  });
});

describe("coverage", () => {
  test("edges are looked at less; padding evens it out", () => {
    expect(`${coverage([5, 5], { kernel: 3 })}`).toBe("1 2 3 2 1\n2 4 6 4 2\n3 6 9 6 3\n2 4 6 4 2\n1 2 3 2 1");
    expect(coverage([5, 5], { kernel: 3 }).range).toEqual([1, 9]);
    expect(coverage([5, 5], { kernel: 3, padding: 1 }).range).toEqual([4, 9]);
    expect(coverage([5, 5], { kernel: 3, padding: "full" }).range).toEqual([9, 9]);
  });

  test("stride 3 on 5 x 5: what is skipped is counted, shown, and mended", () => {
    const c = coverage([5, 5], { kernel: 3, stride: 3 });
    expect(c.skipped).toBe(16);
    expect(`${c}`).toBe("1 1 1 . .\n1 1 1 . .\n1 1 1 . .\n. . . . .\n. . . . .");
    expect(c.remedy).toContain("padding [[0, 1], [0, 1]] for one window more");
    expect(
      coverage([5, 5], {
        kernel: 3,
        stride: 3,
        padding: [
          [0, 1],
          [0, 1],
        ],
      }).skipped,
    ).toBe(0);
    const gaps = coverage([8], { kernel: 2, stride: 3 });
    expect(`${gaps}`).toBe("1 1 . 1 1 . 1 1");
    expect(gaps.remedy).toBe("Use a stride of at most 2, or less dilation");
    expect(coverage([5, 5], { kernel: 3, stride: 2 }).remedy).toBeUndefined();
  });

  test("is the gradient of the sum of windows of ones", async () => {
    for (const options of [
      {
        kernel: [3, 2],
        stride: [2, 3],
        padding: [
          [1, 0],
          [2, 3],
        ] as const,
        dilation: [1, 2],
      },
      { kernel: [2, 4], stride: [3, 1], padding: "same" as const, dilation: [2, 1] },
    ]) {
      const program = await compile(reference(), { x: [1, 1, 9, 8] }, ({ x }) => {
        const { kernel, ...rest } = options;
        const ones = ops.expand(f32Constant(1), [1, 1, ...kernel]);
        const y = ops.conv(x, ones, undefined, rest);
        return pullback(y, ops.expand(f32Constant(1), y.shape), [x])[0]!;
      });
      const { output } = await program.run({ x: new Float32Array(72) });
      expect([...coverage([9, 8], options).counts.data]).toEqual([...output.data]);
    }
  });

  test("of volumes, plane by plane", () => {
    expect(`${coverage([2, 1, 3], { kernel: [1, 1, 2] })}`).toBe("1 2 1\n\n1 2 1");
  });
});

describe("warnings", () => {
  const warningsOf = (fn: (x: Tensor) => Tensor, shape: number[]): string[] =>
    trace({ x: shape }, ({ x }) => fn(x)).warnings.map((w) => w.message);

  test("say what is skipped, and what to do", () => {
    expect(warningsOf((x) => ops.conv(x, input1([1, 1, 3, 3]), undefined, { stride: 3 }), [1, 1, 5, 6])).toEqual([
      "conv2d: no window reads the last 2 of 5 rows: 12 of 30 elements are skipped. Use padding [[0, 1], [0, 0]] for one window more (a pool: ceilMode), or [[0, -2], [0, 0]] to crop them on purpose",
    ]);
    expect(warningsOf((x) => ops.maxPool(x, 2, { stride: 3 }), [1, 1, 8])).toEqual([
      "maxPool: no window reads 2 of 8 elements between windows: 2 of 8 elements are skipped. Use a stride of at most 2, or less dilation",
    ]);
    expect(warningsOf((x) => ops.avgPool(x, 2), [1, 1, 5, 4])).toHaveLength(1);
  });

  test("speak of the input also where its margin is not zeros", () => {
    const reflected = { stride: 3, padding: [[1, 0], 0] as const, paddingMode: "reflect" } as const;
    expect(warningsOf((x) => ops.conv(x, input1([1, 1, 3, 3]), undefined, reflected), [1, 1, 6, 6])).toEqual([
      "conv2d: no window reads the last 1 of 6 rows: 6 of 36 elements are skipped. Use padding [[1, 2], [0, 0]] for one window more (a pool: ceilMode), or [[1, -1], [0, 0]] to crop them on purpose",
    ]);
  });

  test("not of what is cropped on purpose, of single pixels, of padding, of ceil mode", () => {
    expect(warningsOf((x) => ops.conv(x, input1([1, 1, 3, 3]), undefined, { stride: 3, padding: [[0, -2], 0] }), [1, 1, 5, 6])).toEqual([]);
    expect(warningsOf((x) => ops.conv(x, input1([1, 1, 1, 1]), undefined, { stride: 2 }), [1, 1, 6, 6])).toEqual([]);
    expect(warningsOf((x) => ops.conv(x, input1([1, 1, 7, 7]), undefined, { stride: 2, padding: 3 }), [1, 1, 224, 224])).toEqual([]);
    expect(warningsOf((x) => ops.maxPool(x, 2, { ceilMode: true }), [1, 1, 5, 5])).toEqual([]);
  });

  test("come once for each module, with its path, and not again for gradients", async () => {
    class Twice extends nn.Module {
      readonly stem = new nn.Conv2d(2, 2, 2, { stride: 2 });
      readonly head = new nn.Sequential(new nn.MaxPool2d(2));
      override forward(x: Tensor<[number, 2, 7, 7]>) {
        return ops.add(this.head.forward(this.stem.forward(x)), this.head.forward(this.stem.forward(ops.neg(x) as typeof x)));
      }
    }
    const net = new Twice();
    const program = await compile(reference(), { x: [1, 2, 7, 7] }, ({ x }) => {
      const y = net.forward(x);
      return { y, dx: pullback(y, y, [x])[0]! };
    });
    expect(program.warnings.map((w) => [w.path, w.message.slice(0, 48)])).toEqual([
      ["stem", "stem: conv2d: no window reads the last 1 of 7 ro"],
      ["head.0", "head.0: maxPool: no window reads the last 1 of 3"],
    ]);
    const found = summary(net, [2, 7, 7]);
    expect(found.warnings).toEqual(program.warnings);
    expect(`${found}`).toContain(`\nwarning: ${program.warnings[1]!.message}`);
    expect(summary(lenet5(), [1, 28, 28]).warnings).toEqual([]);
  });
});

describe("why a layer has its size", () => {
  test("of every layer of LeNet-5", () => {
    const rows = whySize(lenet5(), [1, 28, 28]);
    expect(rows.map((r) => `${r.path} ${r.type} ${r.output.join(" x ")}: ${r.reasons.join("; ")}`).join("\n")).toMatchSnapshot();
  });

  test("of layers that pad, spread, shuffle and resize, and of one's own", () => {
    class Own extends nn.Module {
      readonly conv = new nn.Conv2d(4, 4, 3, { padding: "same", stride: [2, 1] });
      override forward(x: Tensor<[number, 4, number, number]>) {
        return ops.concat([this.conv.forward(x), ops.avgPool(x, [2, 1])]);
      }
    }
    const net = new nn.Sequential(
      new nn.ReflectionPad2d([[1, 2], 0]),
      new nn.ConvTranspose2d(3, 4, 4, { stride: 2, padding: 1, outputPadding: [0, 1] }),
      new Own(),
      new nn.PixelShuffle(2),
      new nn.Upsample({ size: 7, mode: "bilinear" }),
      new nn.ReLU(),
    );
    const rows = whySize(net as nn.Module, [3, 5, 6]);
    expect(rows.map((r) => `${r.path} ${r.type} ${r.output.join(" x ")}: ${r.reasons.join("; ")}`).join("\n")).toMatchSnapshot();
  });
});
