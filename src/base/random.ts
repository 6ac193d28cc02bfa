/**
 * Counter-based random numbers: every number is a pure function of (seed, stream, index), so that any thread may draw any
 * number in any order and every machine gets the same bits.
 *
 * Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function mulHigh(a: number, b: number): number {
  const ah = a >>> 16;
  const al = a & 0xffff;
  const bh = b >>> 16;
  const bl = b & 0xffff;
  const low = al * bl;
  const mid1 = ah * bl + (low >>> 16);
  const mid2 = al * bh + (mid1 & 0xffff);
  // Both are below 2^32, so that a shift is the division.
  return (ah * bh + (mid1 >>> 16) + (mid2 >>> 16)) >>> 0;
}

/** Ten rounds of Philox on a 128-bit counter under a 64-bit key; `out` receives four unsigned 32-bit words. */
export function philox(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(0xd2511f53, c0);
    const l0 = Math.imul(0xd2511f53, c0) >>> 0;
    const h1 = mulHigh(0xcd9e8d57, c2);
    const l1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (h1 ^ c1 ^ k0) >>> 0;
    c1 = l1;
    c2 = (h0 ^ c3 ^ k1) >>> 0;
    c3 = l0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** FNV-1a over UTF-16 code units: turns a name into a stream number. */
export function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** One stream of random numbers, addressed by index. Streams of different names are independent. */
export class RandomStream {
  readonly #seed: number;
  readonly #stream: number;
  readonly #block: Uint32Array = new Uint32Array(4);
  #at = -1;

  /** `seed` is an integer of up to 53 bits. */
  constructor(seed: number, name: string) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`random: seed must be an integer, got ${seed}`);
    this.#seed = seed;
    this.#stream = hashName(name);
  }

  /** The unsigned 32-bit integer at `index` (a whole number below 2^53). */
  bits(index: number): number {
    const block = Math.floor(index / 4);
    if (block !== this.#at) {
      const high = Math.floor(this.#seed / 4294967296);
      philox(block >>> 0, Math.floor(block / 4294967296), this.#stream, 0, this.#seed >>> 0, high >>> 0, this.#block);
      this.#at = block;
    }
    return this.#block[index % 4]!;
  }

  /** Uniform in [0, 1), a multiple of 2^-24, so exact in f32. */
  uniform(index: number): number {
    return (this.bits(index) >>> 8) / 16777216;
  }

  /** A whole number in [0, n), by multiplication, with a bias below n / 2^32. */
  below(n: number, index: number): number {
    return Math.floor((this.bits(index) * n) / 4294967296);
  }
}

/** The whole numbers below n in random order (Fisher-Yates). */
export function permutation(n: number, stream: RandomStream): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = stream.below(i + 1, i);
    const t = order[i]!;
    order[i] = order[j]!;
    order[j] = t;
  }
  return order;
}
