import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { augmentBatch } from "../../src/data/augment/augmentBatch.ts";
import { Draws, epochStream } from "../../src/data/augment/draws.ts";
import { flipAndCrop } from "../../src/data/augment/flipAndCrop.ts";
import { move } from "../../src/data/augment/randomCrop.ts";
import { flipHorizontally } from "../../src/data/augment/randomHorizontalFlip.ts";
import { type Augmentation, compose, type ImageShape, randomCrop, randomHorizontalFlip } from "../../src/data/index.ts";

/** Pixels 1, 2, 3, ... */
const counting = (...shape: ImageShape): NdArray<"u8"> =>
  new NdArray(
    "u8",
    shape,
    Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => 1 + (i % 255)),
  );

const drawsOf = (image: number, seed = 1, epoch = 0): Draws => new Draws(epochStream(seed, epoch), image);

/** What padding on all sides and cutting at (top, left) means, pixel by pixel. */
function cut(image: NdArray<"u8">, padding: number, top: number, left: number, fill: number): number[] {
  const [channels = 0, height = 0, width = 0] = image.shape;
  const pixels: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = top - padding; y < top - padding + height; y++)
      for (let x = left - padding; x < left - padding + width; x++) {
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        pixels.push(inside ? image.data[(c * height + y) * width + x]! : fill);
      }
  return pixels;
}

const shapes = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
const indices = fc.nat({ max: 2 ** 29 - 1 });

describe("randomHorizontalFlip", () => {
  it("exchanges left and right in every channel", () => {
    expect([...flipHorizontally(counting(2, 2, 3)).data]).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]);
    expect([...flipHorizontally(counting(1, 1, 4)).data]).toEqual([4, 3, 2, 1]);
  });

  it("twice is the image again, and the image itself stays", () => {
    const always = randomHorizontalFlip({ p: 1 });
    fc.assert(
      fc.property(shapes, indices, (shape, index) => {
        const image = counting(...shape);
        expect(compose(always, always)(image, drawsOf(index)).data).toEqual(image.data);
        expect(image.data).toEqual(counting(...shape).data);
      }),
    );
  });

  it("does so with its probability", () => {
    const image = counting(1, 1, 2);
    const flips = (augment: Augmentation): number =>
      Array.from({ length: 10_000 }, (_, i) => augment(image, drawsOf(i)).data[0]!).filter((left) => left === 2).length;
    // Three standard deviations of 10,000 draws: 150 and 130.
    expect(Math.abs(flips(randomHorizontalFlip()) - 5000)).toBeLessThan(150);
    expect(Math.abs(flips(randomHorizontalFlip({ p: 0.25 })) - 2500)).toBeLessThan(130);
    expect(flips(randomHorizontalFlip({ p: 0 }))).toBe(0);
  });
});

describe("randomCrop", () => {
  it("is cutting out of the padded image at the place that is drawn, row first", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 8 }), fc.constantFrom(0, 7), indices, (shape, padding, fill, index) => {
        const image = counting(...shape);
        const same = drawsOf(index);
        const [top, left] = [same.below(2 * padding + 1), same.below(2 * padding + 1)];
        const cropped = randomCrop({ padding, fill })(image, drawsOf(index));
        expect(cropped.shape).toEqual(shape);
        expect([...cropped.data]).toEqual(cut(image, padding, top, left, fill));
        expect(image.data).toEqual(counting(...shape).data);
      }),
    );
  });

  it("has these places for seed 1", () => {
    const at = (i: number, seed: number, epoch: number): readonly number[] => {
      const draws = drawsOf(i, seed, epoch);
      return [draws.below(9), draws.below(9)];
    };
    expect([0, 1, 2, 3].map((i) => at(i, 1, 0))).toEqual([
      [7, 4],
      [4, 6],
      [3, 2],
      [0, 1],
    ]);
    expect([0, 1, 2, 3].map((i) => at(i, 1, 1))).toEqual([
      [8, 4],
      [8, 4],
      [6, 3],
      [4, 8],
    ]);
    expect([0, 1, 2, 3].map((i) => at(i, 2, 0))).toEqual([
      [6, 6],
      [8, 7],
      [2, 0],
      [4, 1],
    ]);
  });

  it("comes to every place equally often", () => {
    // One bright pixel in the middle says where the image has gone.
    const image = new NdArray("u8", [1, 9, 9]);
    image.data[4 * 9 + 4] = 1;
    const found = new Array<number>(81).fill(0);
    const augment = randomCrop({ padding: 4 });
    for (let i = 0; i < 81 * 200; i++) found[augment(image, drawsOf(i)).data.indexOf(1)]!++;
    // Chi-square with 80 degrees of freedom: its mean is 80, and only one in 10,000 is above 135.
    const chiSquare = found.reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    expect(chiSquare).toBeLessThan(135);
    expect(chiSquare).toBeGreaterThan(39);
  });

  it("may move everything out of sight", () => {
    expect([...move(counting(1, 2, 2), 0, 2, 9).data]).toEqual([9, 9, 9, 9]);
    expect([...move(counting(1, 2, 2), -3, 0).data]).toEqual([0, 0, 0, 0]);
  });

  it.each([
    [() => randomCrop({ padding: -1 }), "randomCrop: padding must be a whole number of at least 0, got -1."],
    [() => randomCrop({ padding: 1.5 }), "randomCrop: padding must be a whole number of at least 0, got 1.5."],
    [() => randomCrop({ padding: 1, fill: 256 }), "randomCrop: fill must be a whole number from 0 to 255, got 256."],
    [() => randomHorizontalFlip({ p: 2 }), "randomHorizontalFlip: p must be from 0 to 1, got 2."],
    [() => randomHorizontalFlip({ p: Number.NaN }), "randomHorizontalFlip: p must be from 0 to 1, got NaN."],
    [() => drawsOf(2 ** 29), "Draws: image must be a whole number below 2^29, got 536870912."],
  ] as const)("%s is refused", (make, message) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });
});

describe("flipAndCrop", () => {
  it("crops first and flips then, each if asked", () => {
    const image = counting(3, 5, 4);
    const equal = (options: Parameters<typeof flipAndCrop>[0], augment: Augmentation): void => {
      for (let i = 0; i < 20; i++) expect(flipAndCrop(options)(image, drawsOf(i)).data).toEqual(augment(image, drawsOf(i)).data);
    };
    equal({ flip: true, crop: 2 }, compose(randomCrop({ padding: 2 }), randomHorizontalFlip()));
    equal({ flip: true }, randomHorizontalFlip());
    equal({ crop: 1 }, randomCrop({ padding: 1 }));
    equal({ flip: false, crop: 0 }, (same) => same);
  });
});

describe("augmentBatch", () => {
  const shape: ImageShape = [1, 4, 4];
  const augment = flipAndCrop({ flip: true, crop: 2 });
  /** The images at `indices`, each of which is `counting`, augmented. */
  const batch = (indices: readonly number[], seed = 1, epoch = 0): Uint8Array[] => {
    const images = new Uint8Array((indices.length + 1) * 16);
    indices.forEach((_, i) => void images.set(counting(...shape).data, i * 16));
    augmentBatch(images, shape, Int32Array.from(indices), augment, epochStream(seed, epoch));
    // Room that no image has is not touched.
    expect([...images.subarray(indices.length * 16)]).toEqual(new Array(16).fill(0));
    return indices.map((_, i) => images.slice(i * 16, (i + 1) * 16));
  };

  it("depends on seed, epoch and image, not on the place in the batch", () => {
    const [a, b, c] = batch([5, 900, 31]);
    expect(batch([31, 5])).toEqual([c, a]);
    expect(batch([900])).toEqual([b]);
    const many = Array.from({ length: 50 }, (_, i) => i);
    expect(batch(many)).toEqual(batch(many));
    expect(batch(many, 2)).not.toEqual(batch(many));
    expect(batch(many, 1, 1)).not.toEqual(batch(many));
  });

  it("refuses an image of another shape", () => {
    const smaller: Augmentation = () => new NdArray("u8", [1, 2, 2]);
    expect(() => augmentBatch(new Uint8Array(16), shape, Int32Array.of(0), smaller, epochStream(1, 0))).toThrow(
      "augment: an image must stay [1, 4, 4], got [1, 2, 2].",
    );
  });
});
