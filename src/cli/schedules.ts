import {
  constantSchedule,
  cosineSchedule,
  linearWarmup,
  multiStepLR,
  oneCycleLR,
  oneCycleMomentum,
  type Schedule,
} from "../optim/schedules.ts";

/** How the learning rate changes, as `--schedule` names it. */
interface NamedSchedule {
  readonly help: string;
  readonly lr: Schedule;
  /** Goes with it, for optimizers that have a momentum. */
  readonly momentum?: Schedule;
  /** Whether it grows at first by itself. */
  readonly warmsUp?: boolean;
}

export type ScheduleName = "cosine" | "multistep" | "onecycle" | "constant";

/** Schedules of the learning rate by name. A new one adds its line here. */
export const SCHEDULES: Readonly<Record<ScheduleName, NamedSchedule>> = {
  cosine: { help: "down to 0", lr: cosineSchedule },
  // He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015: after 32,000 and 48,000 of 64,000 steps.
  multistep: {
    help: "a tenth of it from half of the steps on, a hundredth from three quarters",
    lr: (step, run) => multiStepLR({ milestones: [0.5 * run.steps, 0.75 * run.steps] })(step, run),
  },
  onecycle: {
    help: "up for three tenths of the steps and down, the momentum against it",
    lr: (step, run) => oneCycleLR({ maxLr: run.lr })(step, run),
    momentum: oneCycleMomentum(),
    warmsUp: true,
  },
  constant: { help: "never changes", lr: constantSchedule },
};

/** The schedule of that name, after `epochs` in which the rate grows from 0 to where it begins. */
export const warmedUp =
  (name: ScheduleName, epochs: number): Schedule =>
  (step, run) =>
    linearWarmup(Math.round(epochs * run.stepsPerEpoch), SCHEDULES[name].lr)(step, run);
