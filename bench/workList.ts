import { readFile } from "node:fs/promises";

/** A convolution over square images: x [n, c, h, h], w [o, c / g, k, k], stride s, padding p, groups g. */
export interface ConvWork {
  readonly id: string;
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly o: number;
  readonly k: number;
  readonly s: number;
  readonly p: number;
  readonly g: number;
}

/** A pool over square images; "gap" is the mean over the whole plane. */
export interface PoolWork {
  readonly id: string;
  readonly kind: "max" | "avg" | "gap";
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly k: number;
  readonly s: number;
  readonly p: number;
}

/** A network of the zoo on n images: its forward pass, or a training step. */
export interface NetworkWork {
  readonly id: string;
  readonly model: string;
  readonly n: number;
  readonly passes: readonly ("fwd" | "step")[];
}

export interface WorkList {
  readonly convs: readonly ConvWork[];
  readonly pools: readonly PoolWork[];
  readonly networks: readonly NetworkWork[];
}

/** The layers and networks to time, the same that other libraries are timed with. */
export async function readWorkList(file: string): Promise<WorkList> {
  return JSON.parse(await readFile(file, "utf8")) as WorkList;
}

const outputExtent = (w: { readonly h: number; readonly k: number; readonly s: number; readonly p: number }): number =>
  Math.floor((w.h + 2 * w.p - w.k) / w.s) + 1;

/** Floating-point operations of one forward pass: two for each multiply-add. */
export const flopsOf = (w: ConvWork): number => 2 * w.n * outputExtent(w) ** 2 * w.o * (w.c / w.g) * w.k * w.k;

/** Bytes that a pool's forward pass cannot avoid: each input read and each output written, once. */
export const forwardBytes = (w: PoolWork): number => 4 * w.n * w.c * (w.h ** 2 + outputExtent(w) ** 2);

/** The same forward and backward: dy read and dx written besides; max also reads x again, to find the winners. */
export const trainingBytes = (w: PoolWork): number => 2 * forwardBytes(w) + (w.kind === "max" ? 4 * w.n * w.c * w.h ** 2 : 0);
