/** Layers that move and resize: values, options that cannot be, inputs that do not fit. */
import { describe, expect, it } from "vitest";
import { compile, input, OpError, reference, type Tensor } from "../../src/index.ts";
import * as nn from "../../src/nn/index.ts";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The layer's output for x, on the reference backend. */
async function run(layer: nn.Module, shape: number[], values: number[]): Promise<{ shape: readonly number[]; data: number[] }> {
  const program = await compile(reference(), { x: shape }, ({ x }) => layer.forward(x as never) as Tensor);
  const { output } = await program.run({ x: values });
  return { shape: output.shape, data: [...output.data] };
}
const set = (layer: nn.Module, values: Record<string, number[]>): void => {
  for (const [name, state] of layer.namedStates()) {
    const array = state.read();
    array.data.set(values[name]!);
    state.write(array);
  }
};

describe("Conv", () => {
  const sum = (layer: nn.Module): nn.Module => {
    const weight = layer.namedStates().get("weight")!;
    set(layer, { weight: new Array<number>(weight.shape.reduce((a, b) => a * b, 1)).fill(1) });
    return layer;
  };

  it("same padding with strides lies as TensorFlow's does", async () => {
    // 5 elements, kernel 2, stride 2: 3 windows, of which the last reads one zero.
    expect((await run(sum(new nn.Conv1d(1, 1, 2, { padding: "same", stride: 2, bias: false })), [1, 1, 5], [1, 2, 4, 8, 16])).data).toEqual(
      [3, 12, 16],
    );
    // 6 elements, kernel 3, stride 2: one zero, after the end.
    expect(
      (await run(sum(new nn.Conv1d(1, 1, 3, { padding: "same", stride: 2, bias: false })), [1, 1, 6], [1, 2, 4, 8, 16, 32])).data,
    ).toEqual([7, 28, 48]);
    // A stride larger than the window needs none.
    expect((await run(sum(new nn.Conv1d(1, 1, 1, { padding: "same", stride: 2, bias: false })), [1, 1, 4], [1, 2, 4, 8])).data).toEqual([
      1, 4,
    ]);
  });

  it("full and causal padding", async () => {
    expect((await run(sum(new nn.Conv1d(1, 1, 2, { padding: "full", bias: false })), [1, 1, 3], [1, 2, 4])).data).toEqual([1, 3, 6, 4]);
    expect((await run(sum(new nn.Conv1d(1, 1, 2, { padding: "causal", dilation: 2, bias: false })), [1, 1, 4], [1, 2, 4, 8])).data).toEqual(
      [1, 2, 5, 10],
    );
  });

  it.each([
    ["zeros", [1, 3, 6, 12, 8]],
    ["reflect", [3, 3, 6, 12, 12]],
    ["replicate", [2, 3, 6, 12, 16]],
    ["symmetric", [2, 3, 6, 12, 16]],
    ["circular", [9, 3, 6, 12, 9]],
  ] as const)("padding mode %s", async (paddingMode, data) => {
    const layer = sum(new nn.Conv1d(1, 1, 2, { padding: 1, paddingMode, bias: false }));
    expect((await run(layer, [1, 1, 4], [1, 2, 4, 8])).data).toEqual(data);
  });

  it("over volumes: 32 x 32 x 3 in, 32 x 32 x 1 out", () => {
    const layer = new nn.Conv3d(1, 1, [3, 3, 3], { padding: [0, 1, 1] });
    expect(layer.forward(input("x", [1, 1, 3, 32, 32])).shape).toEqual([1, 1, 1, 32, 32]);
    expect(layer.weight.shape).toEqual([1, 1, 3, 3, 3]);
  });
});

describe("ConvTranspose", () => {
  it("spreads windows and adds where they overlap; groups, bias and output padding", async () => {
    const layer = new nn.ConvTranspose1d(1, 1, 3, { stride: 2, outputPadding: 1 });
    set(layer, { weight: [1, 10, 100], bias: [1000] });
    expect((await run(layer, [1, 1, 2], [1, 2])).data).toEqual([1001, 1010, 1102, 1020, 1200, 1000]);
    const grouped = new nn.ConvTranspose2d(2, 4, 1, { groups: 2, padding: [[0, 1], 0] });
    expect(grouped.weight.shape).toEqual([2, 2, 1, 1]);
    set(grouped, { weight: [1, 2, 3, 4], bias: [0, 0, 0, 5] });
    expect(await run(grouped, [1, 2, 2, 1], [1, 9, 10, 9])).toEqual({ shape: [1, 4, 1, 1], data: [1, 2, 30, 45] });
  });

  it("undoes the shape of a convolution", () => {
    for (const [stride, padding, dilation] of [
      [2, 1, 1],
      [3, 0, 2],
      [1, 2, 1],
    ] as const) {
      const options = { stride, padding, dilation };
      const x = input("x", [1, 2, 11, 11] as number[]);
      const y = new nn.Conv2d(2, 2, 3, options).forward(x);
      const lost = x.shape.slice(2).map((n, d) => n - new nn.ConvTranspose2d(2, 2, 3, options).outputShape(y.shape)![d + 2]!);
      const back = new nn.ConvTranspose2d(2, 2, 3, { ...options, outputPadding: lost as [number, number] });
      expect(back.forward(y).shape).toEqual(x.shape);
    }
  });
});

describe("LocallyConnected", () => {
  it("has a filter for each position", async () => {
    const layer = new nn.LocallyConnected1d(1, 1, 3, 2);
    expect(layer.weight.shape).toEqual([1, 1, 2, 2]);
    set(layer, { weight: [1, 10, 100, 1000], bias: [0.5, 0.25] });
    expect((await run(layer, [1, 1, 3], [1, 2, 3])).data).toEqual([21.5, 3200.25]);
  });

  it("is a convolution where its filters are alike", async () => {
    const conv = new nn.Conv2d(2, 3, 3, { padding: "same", stride: 2 });
    const local = new nn.LocallyConnected2d(2, 3, [5, 4], 3, { padding: "same", stride: 2 });
    conv.initialize(3);
    const [w, b] = [conv.weight.read(), conv.bias!.read()];
    const filters = local.weight.read();
    for (let oc = 0; oc < 6; oc++) for (let p = 0; p < 6; p++) filters.data.set(w.data.subarray(oc * 9, oc * 9 + 9), (oc * 6 + p) * 9);
    local.weight.write(filters);
    const biases = local.bias!.read();
    biases.data.forEach((_, i) => (biases.data[i] = b.data[Math.floor(i / 6)]!));
    local.bias!.write(biases);
    const x = range(40).map((i) => Math.sin(i));
    const [one, other] = [await run(conv, [1, 2, 5, 4], x), await run(local, [1, 2, 5, 4], x)];
    expect(other.shape).toEqual(one.shape);
    other.data.forEach((v, i) => expect(v).toBeCloseTo(one.data[i]!, 6));
  });
});

describe("margins, shuffles, resizing, columns", () => {
  it("pads", async () => {
    expect(
      (
        await run(
          new nn.ZeroPad2d([
            [1, 0],
            [0, 1],
          ]),
          [1, 1, 1, 2],
          [1, 2],
        )
      ).data,
    ).toEqual([0, 0, 0, 1, 2, 0]);
    expect((await run(new nn.ConstantPad1d([[-1, 2]], 7), [1, 1, 3], [1, 2, 3])).data).toEqual([2, 3, 7, 7]);
    expect((await run(new nn.ReflectionPad1d([[2, 1]]), [1, 1, 3], [1, 2, 3])).data).toEqual([3, 2, 1, 2, 3, 2]);
    expect((await run(new nn.ReplicationPad1d(2), [1, 1, 2], [1, 2])).data).toEqual([1, 1, 1, 2, 2, 2]);
    expect((await run(new nn.CircularPad1d([[1, 2]]), [1, 1, 3], [1, 2, 3])).data).toEqual([3, 1, 2, 3, 1, 2]);
    expect(await run(new nn.ReplicationPad3d(1), [1, 1, 1, 1, 1], [5])).toEqual({ shape: [1, 1, 3, 3, 3], data: new Array(27).fill(5) });
  });

  it("shuffles pixels and channels as PyTorch does", async () => {
    expect((await run(new nn.PixelShuffle(2), [1, 4, 1, 2], range(8))).data).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect((await run(new nn.PixelUnshuffle(2), [1, 1, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7])).data).toEqual(range(8));
    expect((await run(new nn.ChannelShuffle(2), [1, 6, 1], range(6))).data).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("resizes", async () => {
    expect((await run(new nn.Upsample({ scaleFactor: 2 }), [1, 1, 2], [1, 2])).data).toEqual([1, 1, 2, 2]);
    expect((await run(new nn.Upsample({ scaleFactor: 2, mode: "linear" }), [1, 1, 2], [1, 2])).data).toEqual([1, 1.25, 1.75, 2]);
    expect((await run(new nn.Upsample({ size: 3, mode: "linear", alignCorners: true }), [1, 1, 2], [1, 2])).data).toEqual([1, 1.5, 2]);
  });

  it("lays windows out as columns, and back", async () => {
    expect((await run(new nn.Unfold([1, 2]), [1, 2, 1, 3], range(6))).data).toEqual([0, 1, 1, 2, 3, 4, 4, 5]);
    expect((await run(new nn.Fold([1, 3], [1, 2]), [1, 2, 2], [1, 2, 10, 20])).data).toEqual([1, 12, 20]);
  });
});

describe("options and inputs that cannot be", () => {
  it.each([
    [() => new nn.ConvTranspose2d(4, 6, 3, { groups: 4 as number }), "ConvTranspose2d: groups must divide 4 channels in and 6 out, got 4"],
    [
      () => new nn.ConvTranspose1d(4, 6, 3, { stride: 2, outputPadding: 2 }),
      "ConvTranspose1d: outputPadding must be whole numbers below stride or dilation [2], got [2]",
    ],
    [() => new nn.LocallyConnected1d(1, 1, 3, 5), "LocallyConnected1d: kernel 5 is larger than the input (1 x 3)"],
    [() => new nn.ReflectionPad1d([[-1, 0]]), "ReflectionPad1d: padding must not be negative, got [[-1,0]]. ConstantPad crops"],
    [() => new nn.PixelShuffle(0), "PixelShuffle: upscaleFactor must be a whole number of at least 1, got 0"],
    [() => new nn.Upsample({}), "Upsample: needs a size or a scaleFactor, and not both"],
    [() => new nn.Upsample({ size: 2, scaleFactor: 2 }), "Upsample: needs a size or a scaleFactor, and not both"],
    [() => new nn.ReflectionPad1d(3).forward(input("x", [1, 1, 3])), "ReflectionPad1d: padding 3 reaches beyond the input (1 x 3)"],
    [() => new nn.ConstantPad1d(-2, 0).forward(input("x", [1, 1, 3])), "ConstantPad1d: padding leaves nothing of the input (1 x 3)"],
    [() => new nn.Upsample({ size: 2 }).forward(input("x", [1, 3] as number[])), "Upsample takes channels and space, but its input is 3"],
    [
      () => new nn.Sequential(new nn.Unfold(2), new nn.Fold(5, 2)).forward(input("x", [1, 2, 6, 6] as number[]) as never),
      "1: Fold takes channels * 4 x 16, but its input is 8 x 25",
    ],
    [
      () => new nn.PixelUnshuffle(2).forward(input("x", [1, 1, 3, 4] as number[]) as never),
      "PixelUnshuffle: height and width must be multiples of 2 (1 x 3 x 4)",
    ],
    [
      () => new nn.ChannelShuffle(2).forward(input("x", [1, 3, 4] as number[]) as never),
      "ChannelShuffle: groups 2 must divide the channels (3 x 4)",
    ],
  ] as const)("%s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});
