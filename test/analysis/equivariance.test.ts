/** What moves with the image, what stays, and what borders and strides break. */
import { describe, expect, test } from "vitest";
import { equivariance, type ShiftDeviation } from "../../src/analysis/equivariance/equivariance.ts";
import { invariance } from "../../src/analysis/equivariance/invariance.ts";
import { rotated, shifted } from "../../src/analysis/equivariance/moved.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { f32, OpError, reference, wasm } from "../../src/index.ts";
import { lenet5 } from "../../src/models/index.ts";
import * as nn from "../../src/nn/index.ts";

function drawn(shape: Shape): ReturnType<typeof f32> {
  const stream = new RandomStream(8, `${shape}`);
  return f32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1),
  );
}
const backend = wasm({ threads: 1 });
const images = drawn([2, 1, 20, 22]);
const byLayer = (rows: readonly ShiftDeviation[], shift: readonly number[]): Map<string, ShiftDeviation> =>
  new Map(rows.filter((r) => `${r.shift}` === `${shift}`).map((r) => [r.layer, r]));

describe("moved arrays", () => {
  test("shifts lose nothing round the circle, and zeros come in elsewhere", () => {
    const x = f32([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    expect([...shifted(x, [0, 1], "circular").data]).toEqual([3, 1, 2, 6, 4, 5]);
    expect([...shifted(x, [1, -1], "zeros").data]).toEqual([0, 0, 0, 2, 3, 0]);
    expect(shifted(shifted(images, [3, -5], "circular"), [-3, 5], "circular")).toEqual(images);
  });

  test("quarter turns are exact; a turn and back is about the same", () => {
    const whole = { start: [0, 0], step: [1, 1] };
    const x = f32([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...rotated(x, 90, [1, 1], whole).data]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    expect(rotated(rotated(x, 90, [1, 1], whole), 270, [1, 1], whole)).toEqual(x);
    expect([...rotated(x, 180, [1, 1], whole).data]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    // The same points, counted in other pixels.
    expect([...rotated(x, 90, [6.5, 7.5], { start: [4.5, 5.5], step: [2, 2] }).data]).toEqual([3, 6, 9, 2, 5, 8, 1, 4, 7]);
    const ramp = f32(
      [1, 1, 9, 9],
      Float32Array.from({ length: 81 }, (_, i) => (i % 9) + 2 * Math.floor(i / 9)),
    );
    const back = rotated(rotated(ramp, 10, [4, 4], whole), -10, [4, 4], whole);
    for (const i of [30, 40, 41, 50]) expect(back.data[i]!).toBeCloseTo(ramp.data[i]!, 4);
  });
});

describe("equivariance", () => {
  test("stride 1 and circular padding: exactly 0, everywhere, whatever is in between", async () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 3, 3, { padding: "same", paddingMode: "circular" }),
      new nn.ReLU(),
      new nn.Conv2d(3, 2, 5, { padding: "same", paddingMode: "circular", dilation: 2 }),
    ).initialize(1);
    const { shifts } = await equivariance(net, images, {
      shifts: [
        [0, 1],
        [3, -2],
        [7, 11],
      ],
      backend,
    });
    expect(shifts.length).toBe(9);
    for (const s of shifts) {
      expect(s.all, `${s.layer} ${s.shift}`).toMatchObject({ relative: 0, largest: 0 });
      expect([s.outputShift, s.divisible]).toEqual([s.shift, true]);
    }
  });

  test("zeros at the border break it there and nowhere else", async () => {
    const net = new nn.Sequential(new nn.Conv2d(1, 3, 3, { padding: 1 }), new nn.ReLU(), new nn.Conv2d(3, 2, 3, { padding: 1 })).initialize(
      1,
    );
    for (const edge of ["circular", "zeros"] as const) {
      const { shifts } = await equivariance(net, images, {
        shifts: [
          [0, 2],
          [-3, 1],
        ],
        edge,
        backend,
      });
      for (const s of shifts) {
        expect(s.interior, `${s.layer} ${s.shift}`).toMatchObject({ relative: 0, largest: 0 });
        expect(s.interior!.units).toBeGreaterThan(100);
        expect(s.interior!.units + s.border!.units).toBe(s.all.units);
        expect(s.border!.relative).toBeGreaterThan(0.01);
      }
    }
  });

  test("convolution, relu and pool: exact away from borders, for shifts by whole strides", async () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 2, 3, { padding: 1, stride: 2 }),
    ).initialize(2);
    const { shifts } = await equivariance(net, images, {
      shifts: [
        [0, 1],
        [0, 2],
        [4, 0],
      ],
      backend,
    });
    const [one, two, four] = [byLayer(shifts, [0, 1]), byLayer(shifts, [0, 2]), byLayer(shifts, [4, 0])];
    const exact = (rows: typeof one): string[] => [...rows.values()].filter((r) => r.interior!.largest === 0).map((r) => r.layer);
    expect([exact(one), exact(two), exact(four)]).toEqual([
      ["0", "1"],
      ["0", "1", "2"],
      ["0", "1", "2", "3"],
    ]);
    for (const rows of [one, two, four]) for (const r of rows.values()) expect(r.interior!.largest === 0).toBe(r.divisible);
    expect(one.get("2")!.interior!.relative).toBeGreaterThan(0.05);
    expect(four.get("3")!.outputShift).toEqual([1, 0]);
  });

  test("upsampling: exact for shifts by the stride that was there before", async () => {
    const net = new nn.Sequential(
      new nn.AvgPool2d(2),
      new nn.Upsample({ scaleFactor: 2 }),
      new nn.ConvTranspose2d(1, 1, 4, { stride: 2, padding: 1 }),
    ).initialize(2);
    const { shifts } = await equivariance(net, images, {
      shifts: [
        [0, 1],
        [2, 2],
      ],
      backend,
    });
    for (const s of shifts) expect(s.interior!.largest === 0, `${s.layer} ${s.shift}`).toBe(s.shift[0] === 2);
    expect(byLayer(shifts, [2, 2]).get("2")!.outputShift).toEqual([4, 4]);
  });

  test("rotation: a kernel that looks the same turned turns with the image; others do not", async () => {
    const [plain, sobel] = [
      [0, 1, 0, 1, -4, 1, 0, 1, 0],
      [1, 0, -1, 2, 0, -2, 1, 0, -1],
    ].map((values) => {
      const conv = new nn.Conv2d(1, 1, 3, { padding: 1, bias: false });
      conv.weight.write(f32([1, 1, 3, 3], values));
      return new nn.Sequential(conv, new nn.AvgPool2d(2));
    });
    const squares = drawn([2, 1, 20, 20]);
    const options = { shifts: [], angles: [90, 180, 20], backend };
    const turning = (await equivariance(plain!, squares, options)).rotations;
    for (const r of turning.filter((r) => r.angle !== 20)) expect(r.all.relative, `${r.layer} ${r.angle}`).toBeLessThan(1e-6);
    for (const r of turning.filter((r) => r.angle === 20)) expect(r.interior!.relative).toBeGreaterThan(0.01);
    const other = (await equivariance(sobel!, squares, options)).rotations;
    for (const r of other) expect(r.interior!.relative, `${r.layer} ${r.angle}`).toBeGreaterThan(r.angle === 20 ? 0.2 : 0.5);
    expect(other[0]!.interior!.units).toBeGreaterThan(50);
  });

  test("is said in plain data, of layers with places only, and wrong uses are refused", async () => {
    const net = lenet5().initialize(1);
    const digits = drawn([1, 1, 28, 28]);
    const { shifts } = await equivariance(net, digits, { shifts: [[4, 4]], backend });
    expect(JSON.parse(JSON.stringify(shifts))).toEqual(shifts);
    expect(shifts.map((s) => s.type)).toEqual(["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d"]);
    await expect(equivariance(net, digits, { shifts: [[0.5, 0]], backend })).rejects.toThrow(OpError);
    await expect(equivariance(net, digits, { layers: [""], backend })).rejects.toThrow(/no units apart in space/);
  });
});

describe("invariance", () => {
  test("curves start at 0 and grow; pooling makes the change smaller, over everything it makes it none", async () => {
    const blob = Float32Array.from({ length: 576 }, (_, i) => Math.exp(-(((i % 24) - 11.5) ** 2 + (Math.floor(i / 24) - 11.5) ** 2) / 18));
    const same = new nn.Conv2d(1, 1, 1, { bias: false });
    same.weight.write(f32([1, 1, 1, 1], [1]));
    const net = new nn.Sequential(same, new nn.AvgPool2d(4), new nn.GlobalMaxPool());
    const [raw, , largest] = await invariance(net, f32([1, 1, 24, 24], blob), { backend: reference() });
    expect(raw!.shifts.map((p) => p.amount)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(raw!.rotations.length).toBe(10);
    for (const curve of [raw!.shifts, raw!.rotations]) expect(curve[0]!.distance).toBe(0);
    for (let i = 1; i < 9; i++) expect(raw!.shifts[i]!.distance).toBeGreaterThan(raw!.shifts[i - 1]!.distance);
    for (let i = 1; i < 9; i++) expect(raw!.shifts[i]!.cosine).toBeLessThan(raw!.shifts[i - 1]!.cosine);
    // A round blob turned is the same blob, about.
    expect(raw!.rotations.at(-1)!.distance).toBeLessThan(0.1);
    expect(largest!.shifts[4]!.distance).toBe(0);
    const noise = f32([1, 1, 24, 24], drawn([1, 1, 24, 24]).data.map(Math.abs));
    const [rough, pooled] = await invariance(net, noise, { edge: "circular", angles: [], backend: reference() });
    for (let i = 1; i < 9; i++) expect(pooled!.shifts[i]!.distance).toBeLessThan(0.6 * rough!.shifts[i]!.distance);
  });

  test("global pools after circular convolutions are invariant; a linear layer on places is not", async () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 3, 3, { padding: "same", paddingMode: "circular" }),
      new nn.ReLU(),
      new nn.GlobalAvgPool(),
      new nn.Linear(3, 2),
    ).initialize(1);
    const layers = await invariance(net, images, { edge: "circular", direction: [1, 1], angles: [], backend });
    const at = (type: string): number => layers.find((l) => l.type === type)!.shifts.at(-1)!.distance;
    expect(at("Conv2d")).toBeGreaterThan(0.3);
    expect(at("Linear")).toBeLessThan(1e-6);
    const placed = await invariance(lenet5().initialize(1), drawn([1, 1, 28, 28]), { shifts: [4], angles: [20], backend });
    expect(placed.at(-1)!.shifts[0]!.distance).toBeGreaterThan(1e-3);
    expect(placed.at(-1)!.rotations[0]!.cosine).toBeLessThan(1);
    expect(JSON.parse(JSON.stringify(placed))).toEqual(placed);
  });

  test("wrong uses are refused", async () => {
    await expect(invariance(lenet5(), drawn([1, 1, 28, 28]), { shifts: [40], backend })).rejects.toThrow(/whole pixels/);
    await expect(invariance(lenet5(), drawn([1, 1, 28, 28]), { direction: [1], backend })).rejects.toThrow(OpError);
  });
});
