import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { WriteError } from "../../src/base/writeFileAtomic.ts";
import { DataError, type DataFault, readImage, strokes, writeImage } from "../../src/data/node.ts";
import { sharedFolder } from "../sharedFolder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-image-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function expectFault(promise: Promise<unknown>, fault: DataFault, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => expect.unreachable("should have failed"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).message).toMatch(message);
  expect((error as DataError).fault).toBe(fault);
}

const digit = (): NdArray<"u8"> => new NdArray("u8", [1, 28, 28], strokes({ split: "test", count: 1 }).images.data);
const inverted = (image: NdArray<"u8">) =>
  new NdArray(
    "u8",
    image.shape,
    image.data.map((v) => 255 - v),
  );

test("grey and colour survive a file unchanged", async () => {
  const path = join(folder, "a.png");
  await writeImage(path, digit());
  expect(await readImage(path, { channels: 1, height: 28, width: 28 })).toEqual(digit());
  const colour = new NdArray("u8", [3, 2, 2], new Uint8Array([1, 2, 3, 4, 50, 60, 70, 80, 255, 0, 255, 0]));
  await writeImage(path, colour);
  expect(await readImage(path, { channels: 3, height: 2, width: 2 })).toEqual(colour);
  await writeImage(path, new NdArray("u8", [28, 28], digit().data));
  expect(await readImage(path, { channels: 1, height: 28, width: 28 })).toEqual(digit());
  expect(await readdir(folder)).toEqual(["a.png"]);
});

test("dark ink on light ground is inverted for one channel, unless told otherwise", async () => {
  const path = join(folder, "a.png");
  await writeImage(path, inverted(digit()));
  const size = { channels: 1, height: 28, width: 28 } as const;
  expect(await readImage(path, size)).toEqual(digit());
  expect(await readImage(path, { ...size, invert: false })).toEqual(inverted(digit()));
  await writeImage(path, digit());
  expect(await readImage(path, { ...size, invert: true })).toEqual(inverted(digit()));
  const white = new NdArray("u8", [3, 2, 2], new Uint8Array(12).fill(250));
  await writeImage(path, white);
  expect(await readImage(path, { channels: 3, height: 2, width: 2 })).toEqual(white);
});

test("a picture of other proportions is fitted, the rest filled with its background", async () => {
  const path = join(folder, "wide.png");
  // A red block in the middle of a blue strip.
  const strip = new Uint8Array(40 * 20 * 3);
  for (let p = 0; p < 800; p++) strip.set(p % 40 > 12 && p % 40 < 28 && p > 120 && p < 680 ? [255, 0, 0] : [0, 0, 200], p * 3);
  await sharp(strip, { raw: { width: 40, height: 20, channels: 3 } })
    .png()
    .toFile(path);
  const image = await readImage(path, { channels: 3, height: 20, width: 20 });
  const at = (y: number, x: number) => [0, 1, 2].map((c) => image.data[c * 400 + y * 20 + x]);
  expect(at(0, 10)).toEqual([0, 0, 200]);
  expect(at(19, 0)).toEqual([0, 0, 200]);
  expect(at(10, 10)).toEqual([255, 0, 0]);
});

test("transparency lies on white, grey is luminance, palettes and 16 bits are read", async () => {
  const path = join(folder, "a.png");
  const size = { channels: 1, height: 8, width: 8, invert: false } as const;
  await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toFile(path);
  expect((await readImage(path, size)).data[0]).toBe(255);
  await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 255, g: 0, b: 0 } } })
    .png({ palette: true })
    .toFile(path);
  const red = (await readImage(path, size)).data[0]!;
  expect(red).toBeGreaterThan(40);
  expect(red).toBeLessThan(140);
  await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 100, g: 100, b: 100 } } })
    .toColourspace("rgb16")
    .png()
    .toFile(path);
  expect(Math.abs((await readImage(path, size)).data[0]! - 100)).toBeLessThanOrEqual(1);
});

test("what cannot be read is named", async () => {
  const size = { channels: 1, height: 8, width: 8 } as const;
  await expectFault(
    readImage(join(folder, "none.png"), size),
    "missing",
    /none\.png: picture could not be read, got .*missing.*\. Give a PNG/,
  );
  const path = join(folder, "bad.png");
  await writeFile(path, "not a picture");
  await expectFault(readImage(path, size), "image", /bad\.png: picture could not be read, got .*unsupported.*\. Give a PNG, JPEG/);
  await writeImage(path, digit());
  await expectFault(readImage(path, { ...size, height: 0 }), "image", /bad\.png: size must be whole numbers above zero, got 0x8\./);
});

test("what cannot be written is named", async () => {
  const images = new NdArray("u8", [2, 1, 4, 4]);
  await expectFault(writeImage(join(folder, "a.png"), images), "image", /a\.png: a picture must be \[h, w\].*, got \[2, 1, 4, 4\]/);
  await expectFault(writeImage(join(folder, "a.png"), new NdArray("u8", [2, 4, 4])), "image", /got \[2, 4, 4\]/);
  await expect(writeImage(join(folder, "none", "a.png"), digit())).rejects.toThrow(WriteError);
});

test("without sharp the error says what to install", async () => {
  vi.doMock("sharp", () => {
    throw new Error("Cannot find package 'sharp'");
  });
  try {
    const size = { channels: 1, height: 8, width: 8 } as const;
    await expectFault(
      readImage("a.png", size),
      "package",
      /^images: the package "sharp" is needed to read and write pictures, got .*\. Run: npm install sharp$/s,
    );
  } finally {
    vi.doUnmock("sharp");
  }
});

const photos = sharedFolder("data/images");
test.skipIf(!photos)("photographs: PNG and JPEG, grey and colour", async () => {
  for (const [file, channels] of [
    ["camera.png", 1],
    ["chelsea.png", 3],
    ["china.jpg", 3],
    ["astronaut.png", 1],
  ] as const) {
    const image = await readImage(join(photos!, file), { channels, height: 64, width: 96 });
    expect(image.shape).toEqual([channels, 64, 96]);
    expect(new Set(image.data).size, file).toBeGreaterThan(100);
  }
});
