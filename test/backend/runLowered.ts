import type { LoweredKernel } from "../../src/backend/wasm/lowered.ts";
import { assembleModule } from "../../src/backend/wasm/module.ts";
import { BYTES, type TypedArrayOf } from "../../src/base/dtype.ts";
import type { Buffer } from "../../src/kernel/expr.ts";

export type Numbers = TypedArrayOf[keyof TypedArrayOf];
export type Data = (b: Buffer) => Numbers;

const CANARY = 0x5a;
const GAP = 48;

/** A lowered kernel in a memory of its own that ends where the last buffer does, as far as pages allow. */
export class Loaded {
  readonly #lowered: LoweredKernel;
  readonly #memory: WebAssembly.Memory;
  readonly #addresses: readonly number[];
  readonly #run: (...args: number[]) => void;

  /** `replaced` lies where the output does. */
  constructor(lowered: LoweredKernel, replaced?: Buffer) {
    this.#lowered = lowered;
    let top = 0;
    const starts = lowered.buffers.map((b) => {
      if (b === replaced) return 0;
      const at = top;
      top += Math.ceil((b.shape[0]! * BYTES[b.dtype]) / 4) * 4 + GAP;
      return at;
    });
    const pages = Math.ceil(top / 65536);
    // the first buffer lies at address 0 or the last ends with memory: both ends of memory are walls
    const slack = (top >> 4) % 2 === 0 ? 0 : pages * 65536 - (top - GAP);
    this.#addresses = starts.map((s) => s + slack);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const plan = { initial: pages, maximum: pages, import: { module: "m", name: "m" } };
    const module = new WebAssembly.Module(assembleModule({ exports: { run: lowered.fn }, memory: plan }));
    const instance = new WebAssembly.Instance(module, { m: { m: this.#memory } });
    this.#run = instance.exports.run as (...args: number[]) => void;
  }

  #view(b: Buffer): Numbers {
    const at = this.#addresses[this.#lowered.buffers.indexOf(b)]!;
    const n = b.shape[0]!;
    if (b.dtype === "f32") return new Float32Array(this.#memory.buffer, at, n);
    return b.dtype === "i32" ? new Int32Array(this.#memory.buffer, at, n) : new Uint8Array(this.#memory.buffer, at, n);
  }

  /** Runs over pieces of the items, in this order; gives a copy of the output. Fails if anything else has changed. */
  run(data: Data, pieces?: readonly (readonly [number, number])[]): Numbers {
    return this.runAll(data, 1, pieces)[0]!;
  }

  /** Likewise, for siblings with so many outputs. */
  runAll(data: Data, outputs: number, pieces: readonly (readonly [number, number])[] = [[0, this.#lowered.items]]): Numbers[] {
    const bytes = new Uint8Array(this.#memory.buffer);
    bytes.fill(CANARY);
    for (const b of this.#lowered.buffers) this.#view(b).set(data(b));
    const before = bytes.slice();
    for (const [lo, hi] of pieces) this.#run(...this.#addresses, lo, hi);
    const made = this.#lowered.buffers.slice(0, outputs).map((b) => this.#view(b));
    const isOutput = (i: number): boolean => made.some((out) => i >= out.byteOffset && i < out.byteOffset + out.byteLength);
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== before[i] && !isOutput(i)) throw new Error(`wrote at ${i}, where no output lies`);
    }
    return made.map((out) => out.slice());
  }
}

/** [0, items) cut at random into consecutive pieces, shuffled; `random` gives numbers in [0, 1). */
export function piecesOf(items: number, random: () => number): [number, number][] {
  const pieces: [number, number][] = [];
  for (let lo = 0; lo < items; ) {
    const hi = Math.min(items, lo + 1 + Math.floor(random() * Math.max(1, items / 3)));
    pieces.push([lo, hi]);
    lo = hi;
  }
  return pieces.sort(() => random() - 0.5);
}
