/** A data set so small that even the reference backend learns it in a second: a bright square whose corner is the class. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RandomStream } from "../../src/base/random.ts";

export const SIDE = 12;
export const CLASSES = 3;

/** One idx file: magic number, sizes, bytes. */
export function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent);
  file.set(bytes, 4 + 4 * shape.length);
  return file;
}

/** Images u8 [count, side, side] and their labels. */
export function tinyImages(count: number, name: string): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const stream = new RandomStream(1, name);
  const images = new Uint8Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, (_, i) => stream.below(CLASSES, i));
  images.forEach((_, at) => {
    const [y, x] = [Math.floor(at / SIDE) % SIDE, at % SIDE];
    const label = labels[Math.floor(at / (SIDE * SIDE))]!;
    const bright = Math.floor(y / 6) * 2 + Math.floor(x / 6) === label;
    images[at] = (bright ? 180 : 0) + stream.below(60, count + at);
  });
  return { images, labels };
}

/** Writes the four files into `folder`, and gives it back. */
export function writeTinyData(folder: string, { train = 48, test = 24 }: { readonly train?: number; readonly test?: number } = {}): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, count] of [["train", train] as const, ["t10k", test] as const]) {
    const { images, labels } = tinyImages(count, name);
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idx([count, SIDE, SIDE], images));
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
  return folder;
}
