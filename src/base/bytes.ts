/** Writes bytes one after another, little-endian, with WebAssembly's LEB128 integers, into an array that grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  byte(b: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = b;
    return this;
  }

  bytes(source: Uint8Array): this {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
    return this;
  }

  /** Unsigned LEB128 of a whole number below 2^32. */
  unsigned(n: number): this {
    while (n > 0x7f) {
      this.byte((n & 0x7f) | 0x80);
      n >>>= 7;
    }
    return this.byte(n);
  }

  /** Signed LEB128 of a 32-bit integer; unsigned values are taken as their two's complement. */
  signed(n: number): this {
    n |= 0;
    while (n < -0x40 || n > 0x3f) {
      this.byte((n & 0x7f) | 0x80);
      n >>= 7;
    }
    return this.byte(n & 0x7f);
  }

  /** Signed LEB128 of a 64-bit integer; unsigned values are taken as their two's complement. */
  signed64(n: bigint): this {
    n = BigInt.asIntN(64, n);
    while (n < -0x40n || n > 0x3fn) {
      this.byte(Number(n & 0x7fn) | 0x80);
      n >>= 7n;
    }
    return this.byte(Number(n & 0x7fn));
  }

  /** A 32-bit integer in four bytes. */
  i32(n: number): this {
    this.#reserve(4);
    this.#view.setInt32(this.#length, n, true);
    this.#length += 4;
    return this;
  }

  f32(x: number): this {
    this.#reserve(4);
    this.#view.setFloat32(this.#length, x, true);
    this.#length += 4;
    return this;
  }

  f64(x: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, x, true);
    this.#length += 8;
    return this;
  }

  /** UTF-8 text, its length in front. */
  text(s: string): this {
    return this.sized(new TextEncoder().encode(s));
  }

  /** Bytes with their number in front. */
  sized(source: Uint8Array): this {
    return this.unsigned(source.length).bytes(source);
  }

  /** What was written: a view, valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was written: a copy. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(n: number): void {
    const needed = this.#length + n;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.view());
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what ByteWriter writes. */
export class ByteReader {
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#view.byteLength;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  bytes(n: number): Uint8Array {
    const start = this.#view.byteOffset + this.#at;
    this.#at += n;
    return new Uint8Array(this.#view.buffer as ArrayBuffer, start, n);
  }

  unsigned(): number {
    let [n, shift, b] = [0, 0, 0x80];
    for (; b & 0x80; shift += 7) {
      b = this.byte();
      n |= (b & 0x7f) << shift;
    }
    return n >>> 0;
  }

  signed(): number {
    return Number(this.signed64());
  }

  signed64(): bigint {
    let [n, shift, b] = [0n, 0n, 0x80];
    for (; b & 0x80; shift += 7n) {
      b = this.byte();
      n |= BigInt(b & 0x7f) << shift;
    }
    return BigInt.asIntN(Number(shift), n);
  }

  i32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  f32(): number {
    this.#at += 4;
    return this.#view.getFloat32(this.#at - 4, true);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }
}
