/** Kernels made by hand, on pictures. */
import { describe, expect, test } from "vitest";
import { applyFilter, FILTER_NAMES, filterKernel, toGrey, viewable } from "../../src/analysis/index.ts";
import { f32, NdArray, OpError, reference } from "../../src/index.ts";

const sum = (k: NdArray): number => [...k.data].reduce((a, b) => a + b, 0);

describe("kernels", () => {
  test("as the books have them", () => {
    expect([...filterKernel("sobel-x").data]).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
    expect([...filterKernel("sobel-y").data]).toEqual([-1, -2, -1, 0, 0, 0, 1, 2, 1]);
    expect([...filterKernel("prewitt-x").data]).toEqual([-1, 0, 1, -1, 0, 1, -1, 0, 1]);
    expect([...filterKernel("scharr-y").data]).toEqual([-3, -10, -3, 0, 0, 0, 3, 10, 3]);
    expect([...filterKernel("laplacian").data]).toEqual([0, 1, 0, 1, -4, 1, 0, 1, 0]);
    expect([...filterKernel("box", { size: 2 }).data]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test("derivatives see nothing where all is alike, the others keep brightness", () => {
    for (const name of FILTER_NAMES) {
      if (name === "gabor") continue;
      const derivative = /sobel|prewitt|scharr|laplacian/.test(name);
      expect(sum(filterKernel(name)), name).toBeCloseTo(derivative ? 0 : 1, 6);
    }
  });

  test("gaussian: symmetric, falls off by its sigma, 3 sigma to both sides", () => {
    const k = filterKernel("gaussian", { sigma: 1.5 });
    expect(k.shape).toEqual([11, 11]);
    const at = (row: number, column: number): number => k.data[row * 11 + column]!;
    expect(at(5, 8) / at(5, 5)).toBeCloseTo(Math.exp(-9 / 4.5), 5);
    expect(at(2, 4)).toBe(at(8, 6));
    expect(filterKernel("gaussian", { sigma: 1.5, size: 5 }).shape).toEqual([5, 5]);
  });

  test("gabor: waves along its angle", () => {
    const k = filterKernel("gabor", { wavelength: 4, sigma: 100, size: 9, angle: 0 });
    expect([...k.data.subarray(0, 9)].map((v) => Math.round(v) + 0)).toEqual([1, 0, -1, 0, 1, 0, -1, 0, 1]);
    const down = filterKernel("gabor", { wavelength: 4, sigma: 100, size: 9, angle: 90 });
    expect([...down.data.subarray(18, 27)].every((v) => Math.round(v) === -1)).toBe(true);
  });

  test("what cannot be", () => {
    expect(() => filterKernel("sobelx" as "sobel-x")).toThrow(
      new OpError("filterKernel", "there is no kernel sobelx. Did you mean sobel-x?"),
    );
    expect(() => filterKernel("box", { size: 2.5 })).toThrow(new OpError("filterKernel", "size must be a whole number above 0, got 2.5"));
    expect(() => filterKernel("gaussian", { sigma: 0 })).toThrow(OpError);
  });
});

describe("on a picture", () => {
  /** Dark on the left, light on the right. */
  const step = new NdArray(
    "u8",
    [4, 6],
    Uint8Array.from({ length: 24 }, (_, i) => (i % 6 < 3 ? 10 : 110)),
  );

  test("sobel-x answers where it gets lighter to the right, and sees no edge at the border", async () => {
    const edges = await applyFilter(step, filterKernel("sobel-x"));
    expect(edges.shape).toEqual([4, 6]);
    expect([...edges.data.subarray(0, 6)]).toEqual([0, 0, 400, 400, 0, 0]);
    expect((await applyFilter(step, filterKernel("sobel-y"))).data.every((v) => v === 0)).toBe(true);
    const zeros = await applyFilter(step, filterKernel("sobel-x"), { border: "zeros", backend: reference() });
    expect(zeros.data[6]).toBe(40);
  });

  test("every channel by itself", async () => {
    const coloured = new NdArray("u8", [3, 4, 6]);
    coloured.data.set(step.data, 24);
    const edges = await applyFilter(coloured, filterKernel("prewitt-x"));
    expect(edges.data.subarray(0, 24).every((v) => v === 0)).toBe(true);
    expect([...edges.data.subarray(24, 30)]).toEqual([0, 0, 300, 300, 0, 0]);
  });

  test("colours to grey by a 1 x 1 convolution", async () => {
    const grey = await toGrey(f32([3, 1, 2], [100, 0, 0, 100, 0, 200]));
    expect(grey.shape).toEqual([1, 1, 2]);
    expect(grey.data[0]).toBeCloseTo(29.9, 4);
    expect(grey.data[1]).toBeCloseTo(81.5, 4);
    await expect(toGrey(step)).rejects.toThrow(OpError);
    await expect(applyFilter(step, f32([3], [1, 2, 1]))).rejects.toThrow("the kernel must be [rows, columns], got [3]");
  });

  test("results are made fit to look at, and it is said how", () => {
    const draw = (values: number[], kernel?: NdArray) => {
      const { image, range, shown } = viewable(f32([1, values.length], values), kernel);
      return { pixels: [...image.data], range, shown };
    };
    expect(draw([0, 7.6, 255])).toEqual({ pixels: [0, 8, 255], range: [0, 255], shown: "0 to 255, shown as they are" });
    expect(draw([100, 600])).toEqual({ pixels: [0, 255], range: [100, 600], shown: "100 to 600, stretched from black to white" });
    expect(draw([-50, 0, 100])).toEqual({
      pixels: [65, 128, 255],
      range: [-50, 100],
      shown: "-50 to 100, stretched: -100 is black, 0 middle grey, 100 white",
    });
    expect(draw([-50, 20, 300], filterKernel("sharpen"))).toEqual({
      pixels: [0, 20, 255],
      range: [-50, 300],
      shown: "-50 to 300, cut off below 0 (black) and above 255 (white)",
    });
  });
});
