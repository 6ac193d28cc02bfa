/**
 * Learning rates that change from step to step. Each schedule is a pure function of the step in closed form, in f64 and with
 * the same bits on every engine: no state to save, and any step can be asked for at any time.
 *
 * PyTorch's schedulers by their names. Theirs are stepped by hand, once an epoch or once a batch; here `fit` asks at every
 * step, and `perEpoch` makes a schedule count epochs.
 */
import { cosine } from "../base/math.ts";
import { power } from "../base/power.ts";
import { OpError } from "../ir/op.ts";

/** The training that a schedule is part of. */
export interface ScheduledRun {
  /** The optimizer's own learning rate. */
  readonly lr: number;
  /** Steps in all. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** The learning rate of a step, counted from 0. */
export type Schedule = (step: number, run: ScheduledRun) => number;

/** The same rate from the first step to the last. */
export const constantSchedule: Schedule = (_, { lr }) => lr;

/** Half a cosine from the optimizer's rate down to 0, over all steps. */
export const cosineSchedule: Schedule = (step, run) => cosineAnnealingLR()(step, run);

/** Counts epochs instead of steps: `perEpoch(stepLR({ stepSize: 30 }))`. */
export const perEpoch =
  (schedule: Schedule): Schedule =>
  (step, { lr, steps, stepsPerEpoch }) =>
    schedule(Math.floor(step / stepsPerEpoch), { lr, steps: steps / stepsPerEpoch, stepsPerEpoch: 1 });

/**
 * Grows the rate over the first `steps` steps, in equal parts from `startFactor` (default 0) times the optimizer's, and then
 * follows `then`, which begins at its step 0. PyTorch's SequentialLR of LinearLR and another.
 */
export function linearWarmup(steps: number, then: Schedule, startFactor = 0): Schedule {
  whole("linearWarmup", "steps", steps, 0);
  return (step, run) =>
    step < steps
      ? run.lr * (startFactor + (1 - startFactor) * (step / steps))
      : then(step - steps, { ...run, steps: Math.max(1, run.steps - steps) });
}

/** lr * gamma^floor(step / stepSize). PyTorch's StepLR. */
export function stepLR({ stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number }): Schedule {
  whole("stepLR", "stepSize", stepSize, 1);
  return (step, { lr }) => lr * power(gamma, Math.floor(step / stepSize));
}

/** lr * gamma^(how many of `milestones` have been reached). PyTorch's MultiStepLR. */
export const multiStepLR =
  ({ milestones, gamma = 0.1 }: { readonly milestones: readonly number[]; readonly gamma?: number }): Schedule =>
  (step, { lr }) =>
    lr * power(gamma, milestones.filter((m) => m <= step).length);

/** lr * gamma^step. PyTorch's ExponentialLR. */
export const exponentialLR =
  ({ gamma }: { readonly gamma: number }): Schedule =>
  (step, { lr }) =>
    lr * power(gamma, step);

/** etaMin + (lr - etaMin) (1 + cos(pi at / length)) / 2. */
const annealed = (lr: number, etaMin: number, at: number, length: number): number =>
  etaMin + ((lr - etaMin) * (1 + cosine(Math.PI * (at / length)))) / 2;

/**
 * Half a cosine from the optimizer's rate to `etaMin` (default 0) at step `tMax` (default: all steps); then up again.
 * PyTorch's CosineAnnealingLR.
 *
 * Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
 */
export const cosineAnnealingLR =
  ({ tMax, etaMin = 0 }: { readonly tMax?: number; readonly etaMin?: number } = {}): Schedule =>
  (step, { lr, steps }) =>
    annealed(lr, etaMin, step, tMax ?? steps);

/**
 * Cosines from the optimizer's rate to `etaMin` (default 0), the first over `t0` steps, each next one over `tMult` (default 1)
 * times as many. PyTorch's CosineAnnealingWarmRestarts.
 */
export function cosineAnnealingWarmRestarts(options: { readonly t0: number; readonly tMult?: number; readonly etaMin?: number }): Schedule {
  const { t0, tMult = 1, etaMin = 0 } = options;
  whole("cosineAnnealingWarmRestarts", "t0", t0, 1);
  whole("cosineAnnealingWarmRestarts", "tMult", tMult, 1);
  return (step, { lr }) => {
    let [at, length] = [tMult === 1 ? step % t0 : step, t0];
    for (; at >= length; length *= tMult) at -= length;
    return annealed(lr, etaMin, at, length);
  };
}

/** lr * (1 - step / totalIters)^power, and 0 from step `totalIters` (default: all steps) on. PyTorch's PolynomialLR. */
export const polynomialLR =
  ({ totalIters, power: exponent = 1 }: { readonly totalIters?: number; readonly power?: number } = {}): Schedule =>
  (step, { lr, steps }) => {
    const total = totalIters ?? steps;
    return lr * power(1 - Math.min(step, total) / total, exponent);
  };

/** lr times a factor that goes in equal parts from `startFactor` to `endFactor` at step `totalIters`, and stays. PyTorch's LinearLR. */
export const linearLR =
  (options: { readonly startFactor?: number; readonly endFactor?: number; readonly totalIters?: number } = {}): Schedule =>
  (step, { lr }) => {
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    return lr * (startFactor + (endFactor - startFactor) * (Math.min(step, totalIters) / totalIters));
  };

export interface OneCycleOptions {
  readonly maxLr: number;
  /** Default: all steps. */
  readonly totalSteps?: number;
  /** The part of all steps in which the rate grows. Default 0.3. */
  readonly pctStart?: number;
  /** How it goes from one rate to the next. Default "cos". */
  readonly anneal?: "cos" | "linear";
  /** maxLr by the first rate. Default 25. */
  readonly divFactor?: number;
  /** The first rate by the last. Default 10000. */
  readonly finalDivFactor?: number;
  /** Whether the rate goes down to where it started as fast as it grew, and then on to its end. Default false. */
  readonly threePhase?: boolean;
}

/**
 * From maxLr / divFactor up to maxLr and down to maxLr / divFactor / finalDivFactor. PyTorch's OneCycleLR; the momentum's part
 * is `oneCycleMomentum`.
 *
 * Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2019.
 */
export function oneCycleLR(options: OneCycleOptions): Schedule {
  const { maxLr, divFactor = 25, finalDivFactor = 1e4 } = options;
  const first = maxLr / divFactor;
  return cycle(options, [first, maxLr, first], first / finalDivFactor);
}

export interface OneCycleMomentumOptions extends Omit<OneCycleOptions, "maxLr" | "divFactor" | "finalDivFactor"> {
  /** The momentum where the rate is largest. Default 0.85. */
  readonly baseMomentum?: number;
  /** The momentum at the start and the end. Default 0.95. */
  readonly maxMomentum?: number;
}

/**
 * The momentum (Adam's first beta) that goes with oneCycleLR: down while the rate grows, and up again. PyTorch's
 * cycle_momentum. Give it to `fit` as `momentum`, or to `Optimizer.step` as an input of the program.
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions = {}): Schedule {
  const { baseMomentum = 0.85, maxMomentum = 0.95 } = options;
  return cycle(options, [maxMomentum, baseMomentum, maxMomentum], maxMomentum);
}

/** From the first of three values to the second and back, and then to `last`; without three phases at once to `last`. */
function cycle(
  { totalSteps, pctStart = 0.3, anneal = "cos", threePhase = false }: Omit<OneCycleOptions, "maxLr">,
  [first, top, back]: readonly [number, number, number],
  last: number,
): Schedule {
  if (!(pctStart >= 0 && pctStart <= 1)) throw new OpError("oneCycleLR", `pctStart must be in [0, 1], got ${pctStart}`);
  return (step, { steps }) => {
    const total = totalSteps ?? steps;
    const ends = threePhase ? [pctStart * total - 1, 2 * pctStart * total - 2, total - 1] : [pctStart * total - 1, total - 1];
    const values = threePhase ? [first, top, back, last] : [first, top, last];
    const phase = ends.findIndex((end, i) => step <= end || i === ends.length - 1);
    const begin = phase === 0 ? 0 : ends[phase - 1]!;
    const [from, to] = [values[phase]!, values[phase + 1]!];
    const done = ends[phase]! === begin ? 1 : (step - begin) / (ends[phase]! - begin);
    return anneal === "linear" ? from + (to - from) * done : to + ((from - to) / 2) * (1 + cosine(Math.PI * done));
  };
}

function whole(op: string, what: string, n: number, least: number): void {
  if (!Number.isInteger(n) || n < least) throw new OpError(op, `${what} must be a whole number of at least ${least}, got ${n}`);
}
