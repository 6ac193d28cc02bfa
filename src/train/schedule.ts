import { cosine } from "../base/math.ts";

/** What the optimizer's learning rate is multiplied by when this share of all steps is done: 0 at the first step, almost 1 at the last. */
export type Schedule = (progress: number) => number;

/** The same rate from the first step to the last. */
export const constantSchedule: Schedule = () => 1;

/** Half a cosine from 1 down to 0. PyTorch's CosineAnnealingLR, advanced every step. The same bits on every engine. */
export const cosineSchedule: Schedule = (progress) => (1 + cosine(Math.PI * progress)) / 2;
