/** Pictures in files, by way of sharp (libvips), which a user installs if they want this. */
import { NdArray } from "../base/ndarray.ts";
import { showShape } from "../base/shape.ts";
import { writeFileAtomic } from "../base/writeFileAtomic.ts";
import { DataError } from "./dataError.ts";

export interface ReadImageOptions {
  /** 1 for grey, 3 for red, green, blue. */
  readonly channels: 1 | 3;
  /** In pixels. */
  readonly height: number;
  readonly width: number;
  /**
   * Whether to swap light and dark. "auto" does so where the background is light, because networks trained on MNIST and its
   * like expect light ink on dark ground. Default: "auto" for one channel, false for three.
   */
  readonly invert?: boolean | "auto";
}

/**
 * The picture in a PNG, JPEG, WebP, GIF or TIFF file: u8 [channels, height, width].
 *
 * It is scaled to fit with its proportions kept, and the rest is filled with its background: per channel, the median of its
 * border pixels. Transparency is laid on white; the camera's orientation is obeyed; grey is the luminance of sRGB.
 *
 * Throws DataError: "package" if sharp is not installed, "missing" or "image" if the file cannot be read as a picture.
 */
export async function readImage(path: string, options: ReadImageOptions): Promise<NdArray<"u8">> {
  const { channels, height, width } = options;
  if (![height, width].every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
    throw new DataError(
      "image",
      `${path}: size must be whole numbers above zero, got ${height}x${width}. Give the size of the network's input.`,
    );
  }
  const sharp = await loadSharp();
  try {
    const upright = sharp(path).rotate().flatten({ background: "#ffffff" });
    const coloured = channels === 1 ? upright.toColourspace("b-w") : upright.toColourspace("srgb");
    const full = await coloured.raw().toBuffer({ resolveWithObject: true });
    const background = borderMedian(full.data, full.info.width, full.info.height, full.info.channels);
    const [r = 0, g = r, b = r] = background;
    const raw = { width: full.info.width, height: full.info.height, channels: full.info.channels };
    const scaled = await sharp(full.data, { raw })
      .resize(width, height, { fit: "contain", background: { r, g, b } })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    const light = background.reduce((sum, v) => sum + v, 0) / background.length > 127.5;
    const { invert = channels === 1 ? "auto" : false } = options;
    return planes(scaled.data, scaled.info.channels, options, invert === "auto" ? light : invert);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const fault = reason.includes("missing") ? "missing" : "image";
  return new DataError(fault, `${path}: picture could not be read, got ${reason}. Give a PNG, JPEG, WebP, GIF or TIFF file.`, { cause });
}

/** Extents of the picture in a file, upright; channels are 1 for grey and 3 for colour. Throws DataError as readImage does. */
export async function imageSize(path: string): Promise<{ readonly channels: 1 | 3; readonly height: number; readonly width: number }> {
  const sharp = await loadSharp();
  try {
    const { width, height, orientation = 1, space } = await sharp(path).metadata();
    // Orientations 5 to 8 are turned by a quarter.
    const [w, h] = orientation < 5 ? [width, height] : [height, width];
    return { channels: space === "b-w" || space === "grey16" ? 1 : 3, height: h, width: w };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Writes u8 [h, w], [1, h, w] (grey) or [3, h, w] (red, green, blue) as a PNG file, whole or not at all. Throws DataError and WriteError. */
export async function writeImage(path: string, image: NdArray<"u8">): Promise<void> {
  const [channels = 0, height = 0, width = 0] = image.shape.length === 2 ? [1, ...image.shape] : image.shape;
  if (image.shape.length > 3 || (channels !== 1 && channels !== 3) || height * width === 0) {
    throw new DataError(
      "image",
      `${path}: a picture must be [h, w], [1, h, w] or [3, h, w], got ${showShape(image.shape)}. Write one image at a time.`,
    );
  }
  const sharp = await loadSharp();
  const interleaved = new Uint8Array(image.data.length);
  const plane = height * width;
  for (let p = 0; p < plane; p++) for (let c = 0; c < channels; c++) interleaved[p * channels + c] = image.data[c * plane + p]!;
  const png = sharp(interleaved, { raw: { width, height, channels } }).toColourspace(channels === 1 ? "b-w" : "srgb");
  await writeFileAtomic(path, await png.png().toBuffer());
}

/** Interleaved pixels as planes; grey may come with equal or further channels, of which the first counts. */
function planes(pixels: Uint8Array, stride: number, { channels, height, width }: ReadImageOptions, invert: boolean): NdArray<"u8"> {
  const image = new NdArray("u8", [channels, height, width]);
  const plane = height * width;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < plane; p++) {
      const value = pixels[p * stride + Math.min(c, stride - 1)]!;
      image.data[c * plane + p] = invert ? 255 - value : value;
    }
  }
  return image;
}

/** Per channel, the median of the outermost pixels of interleaved data. */
function borderMedian(pixels: Uint8Array, width: number, height: number, channels: number): readonly number[] {
  return Array.from({ length: channels }, (_, c) => {
    const border: number[] = [];
    for (let y = 0; y < height; y++) {
      const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
      for (let x = 0; x < width; x += step) border.push(pixels[(y * width + x) * channels + c]!);
    }
    border.sort((a, b) => a - b);
    return border[border.length >> 1]!;
  });
}

type Sharp = typeof import("sharp").default;

/** sharp is an optional peer: nothing else needs it, so only reading or writing a picture asks for it. */
async function loadSharp(): Promise<Sharp> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new DataError(
      "package",
      `images: the package "sharp" is needed to read and write pictures, got ${String(cause)}. Run: npm install sharp`,
      { cause },
    );
  }
}
