/**
 * Random bits inside kernels: Philox2x32-10, a function of a counter and a key, so that any thread may draw any number and
 * each has the same bits. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; it passes BigCrush.
 */
import { mulHigh } from "../base/random.ts";

export const ROUNDS = 10;
export const MULTIPLIER = 0xd256d193;
/** What the key grows by from round to round. */
export const KEY_STEP = 0x9e3779b9;

/** The low and the high word of a counter of 64 bits under a key of 32, mixed. Unsigned. */
export function philox2x32(low: number, high: number, key: number): readonly [number, number] {
  let [left, right, k] = [low >>> 0, high >>> 0, key >>> 0];
  for (let round = 0; round < ROUNDS; round++) {
    [left, right] = [(mulHigh(MULTIPLIER, left) ^ k ^ right) >>> 0, Math.imul(MULTIPLIER, left) >>> 0];
    k = (k + KEY_STEP) >>> 0;
  }
  return [left, right];
}

/** 32 random bits as an i32: the first word of counter (n, 0) under `key`. */
export const randomBits = (n: number, key: number): number => philox2x32(n, 0, key)[0] | 0;
