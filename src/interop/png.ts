/**
 * A PNG writer without compression: the zlib stream consists of stored blocks. Bytes in, a little more bytes out, in any
 * engine and with the same result everywhere. Enough for small pictures inside a page.
 *
 * Source: PNG specification, third edition (W3C 2025); RFC 1950 (zlib), RFC 1951 (stored blocks).
 */

/** Red, green, blue and opacity, each 0 to 255. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** Pixels row by row from the top left, 8 bits per sample. `indexed` has one byte per pixel that points into `palette`. */
export type PngImage =
  | { readonly kind: "grey" | "rgb" | "rgba"; readonly width: number; readonly height: number; readonly pixels: ArrayLike<number> }
  | {
      readonly kind: "indexed";
      readonly width: number;
      readonly height: number;
      readonly pixels: ArrayLike<number>;
      /** 1 to 256 colours. */
      readonly palette: readonly Rgba[];
    };

/** Samples per pixel, and the format's number for the kind. */
const KINDS = {
  grey: { samples: 1, colourType: 0 },
  rgb: { samples: 3, colourType: 2 },
  rgba: { samples: 4, colourType: 6 },
  indexed: { samples: 1, colourType: 3 },
} as const;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const STORED_LIMIT = 65_535;
const SIDE_LIMIT = 2 ** 31 - 1;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** The file's bytes. Throws RangeError if the pixels do not fit the sizes or the palette. */
export function encodePng(image: PngImage): Uint8Array<ArrayBuffer> {
  const { kind, width, height, pixels } = image;
  const { samples, colourType } = KINDS[kind];
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > SIDE_LIMIT) {
      throw new RangeError(`png: width and height must be whole numbers above zero, got ${width} x ${height}.`);
    }
  }
  const stride = width * samples;
  if (pixels.length !== stride * height) {
    throw new RangeError(`png: ${width} x ${height} ${kind} pixels take ${stride * height} bytes, got ${pixels.length}.`);
  }
  const chunks = [chunk("IHDR", header(width, height, colourType))];
  if (image.kind === "indexed") chunks.push(...paletteChunks(image.palette, pixels));
  const rows = new Uint8Array((stride + 1) * height);
  // Each row has its filter in front: 0, none.
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    to++;
    for (let x = 0; x < stride; x++) rows[to++] = pixels[from++]!;
  }
  chunks.push(chunk("IDAT", storedZlib(rows)), chunk("IEND", new Uint8Array(0)));
  return joined([Uint8Array.from(SIGNATURE), ...chunks]);
}

/** Sizes, 8 bits per sample, the colour type; the only methods of compression and filtering there are; not interlaced. */
function header(width: number, height: number, colourType: number): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set([8, colourType, 0, 0, 0], 8);
  return bytes;
}

/** Colours, and their opacities where one is not opaque. */
function paletteChunks(palette: readonly Rgba[], pixels: ArrayLike<number>): Uint8Array[] {
  if (palette.length < 1 || palette.length > 256) throw new RangeError(`png: a palette holds 1 to 256 colours, got ${palette.length}.`);
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i]! >= palette.length) throw new RangeError(`png: pixel ${i} points at colour ${pixels[i]} of ${palette.length}.`);
  }
  const colours = chunk("PLTE", Uint8Array.from(palette.flatMap((colour) => colour.slice(0, 3))));
  if (palette.every((colour) => colour[3] === 255)) return [colours];
  return [
    colours,
    chunk(
      "tRNS",
      Uint8Array.from(palette, (colour) => colour[3]),
    ),
  ];
}

/** Length, type, body, and a checksum of the two last. */
function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

function storedZlib(data: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(data.length / STORED_LIMIT));
  const bytes = new Uint8Array(2 + blocks * 5 + data.length + 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x78, 0x01]);
  let at = 2;
  for (let block = 0; block < blocks; block++) {
    const part = data.subarray(block * STORED_LIMIT, (block + 1) * STORED_LIMIT);
    bytes[at] = block === blocks - 1 ? 1 : 0;
    view.setUint16(at + 1, part.length, true);
    view.setUint16(at + 3, ~part.length & 0xffff, true);
    bytes.set(part, at + 5);
    at += 5 + part.length;
  }
  view.setUint32(at, adler32(data));
  return bytes;
}

/** CRC-32 of IEEE 802.3. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function adler32(bytes: Uint8Array): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
