import type { NdArray } from "../base/ndarray.ts";
import { OpError } from "../ir/op.ts";
import type { Program } from "../runtime/program.ts";
import { pauses } from "./pauses.ts";

/** How many images a program takes. */
export interface BatchSize {
  /** Images per run. Default 250. It changes the memory needed, not the results. */
  readonly batchSize?: number;
}

/** Programs for batches of many images. */
export interface Batchwise<P> {
  /** Visits images 0 to `images` in batches; the short last one has a program of its own. */
  each(images: number, visit: (program: P, from: number, to: number) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Programs by the number of images they take, each made when it is first needed and kept. */
export function batchwise<P extends Pick<Program, "close">>(
  { batchSize = 250 }: BatchSize,
  make: (images: number) => Promise<P>,
): Batchwise<P> {
  checkCount("batchSize", batchSize);
  const programs = new Map<number, P>();
  return {
    async each(images, visit) {
      const pause = pauses();
      for (let from = 0; from < images; from += batchSize) {
        const to = Math.min(from + batchSize, images);
        const program = programs.get(to - from) ?? (await make(to - from));
        programs.set(to - from, program);
        await visit(program, from, to);
        await pause();
      }
    },
    close: async () => void (await Promise.all([...programs.values()].map((p) => p.close()))),
  };
}

/** Throws an OpError unless `value` is a whole number of at least 1. */
export function checkCount(what: string, value: number, scope = ""): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new OpError(scope, `${what} must be a whole number of at least 1, got ${value}`);
}

/** Images `from` to `to` (without) of [n, c, h, w]: their bytes, not copied. */
export function pixelsOf(images: NdArray<"u8">, from: number, to: number): Uint8Array {
  const size = images.data.length / images.shape[0]!;
  return images.data.subarray(from * size, to * size);
}
