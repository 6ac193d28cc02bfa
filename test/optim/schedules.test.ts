/** Schedules in closed form against PyTorch's schedulers, which make each rate from the one before. */
import { describe, expect, it, test } from "vitest";
import { OpError } from "../../src/index.ts";
import type { OneCycleOptions, Schedule, ScheduledRun } from "../../src/optim/index.ts";
import * as optim from "../../src/optim/index.ts";

const LR = 0.3;
const STEPS = 60;
const RUN: ScheduledRun = { lr: LR, steps: STEPS, stepsPerEpoch: 10 };

/** PyTorch's get_lr: the rate of step t from the one before it; `lr` is the optimizer's own at step 0. */
type GetLr = (t: number, lr: number) => number;

function expectSame(schedule: Schedule, getLr: GetLr): void {
  let lr = LR;
  for (let t = 0; t < STEPS; t++) {
    lr = getLr(t, lr);
    expect(Math.abs(schedule(t, RUN) - lr), `step ${t}: ${schedule(t, RUN)}, PyTorch ${lr}`).toBeLessThan(1e-13);
  }
}

const cosineStep =
  (tMax: number, etaMin: number): GetLr =>
  (t, lr) => {
    if (t === 0) return lr;
    if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + ((LR - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2;
    return ((1 + Math.cos((Math.PI * t) / tMax)) / (1 + Math.cos((Math.PI * (t - 1)) / tMax))) * (lr - etaMin) + etaMin;
  };

/** T_cur and T_i as PyTorch's step() moves them on. */
function warmRestarts(t0: number, tMult: number, etaMin: number): GetLr {
  let [at, length] = [-1, t0];
  return () => {
    at++;
    if (at >= length) [at, length] = [at - length, length * tMult];
    return etaMin + ((LR - etaMin) * (1 + Math.cos((Math.PI * at) / length))) / 2;
  };
}

interface Phase {
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** OneCycleLR's loop over phases. */
const oneCycle =
  (phases: readonly Phase[], anneal: (from: number, to: number, pct: number) => number): GetLr =>
  (t) => {
    let start = 0;
    for (const [i, { end, from, to }] of phases.entries()) {
      if (t <= end || i === phases.length - 1) return anneal(from, to, (t - start) / (end - start));
      start = end;
    }
    throw new Error("no phase");
  };
const cos = (from: number, to: number, pct: number): number => to + ((from - to) / 2) * (Math.cos(Math.PI * pct) + 1);
const linear = (from: number, to: number, pct: number): number => (to - from) * pct + from;

describe("as PyTorch's", () => {
  test("StepLR", () => {
    expectSame(optim.stepLR({ stepSize: 7, gamma: 0.3 }), (t, lr) => (t === 0 || t % 7 !== 0 ? lr : lr * 0.3));
    expect(optim.stepLR({ stepSize: 1 })(1, RUN)).toBe(LR * 0.1);
  });

  test("MultiStepLR", () => {
    const milestones = [20, 3, 40, 20];
    expectSame(optim.multiStepLR({ milestones, gamma: 0.5 }), (t, lr) => lr * 0.5 ** milestones.filter((m) => m === t).length);
  });

  test("ExponentialLR", () => expectSame(optim.exponentialLR({ gamma: 0.93 }), (t, lr) => (t === 0 ? lr : lr * 0.93)));

  test("LinearLR", () => {
    const [start, end, total] = [0.2, 0.9, 13];
    expectSame(optim.linearLR({ startFactor: start, endFactor: end, totalIters: total }), (t, lr) => {
      if (t === 0) return lr * start;
      return t > total ? lr : lr * (1 + (end - start) / (total * start + (t - 1) * (end - start)));
    });
    expect([0, 5, 50].map((t) => optim.linearLR()(t, RUN))).toEqual([LR / 3, LR, LR]);
  });

  test.each([1, 2, 0.9])("PolynomialLR, power %d", (power) => {
    const total = 31;
    expectSame(optim.polynomialLR({ totalIters: total, power }), (t, lr) =>
      t === 0 || t > total ? lr : lr * ((1 - t / total) / (1 - (t - 1) / total)) ** power,
    );
    // Over all steps.
    expect(optim.polynomialLR()(STEPS / 2, RUN)).toBe(LR / 2);
  });

  test("CosineAnnealingLR, down and up again", () => {
    expectSame(optim.cosineAnnealingLR({ tMax: 17, etaMin: 0.01 }), cosineStep(17, 0.01));
    expectSame(optim.cosineAnnealingLR({ tMax: STEPS }), cosineStep(STEPS, 0));
  });

  test.each([1, 2, 3])("CosineAnnealingWarmRestarts, T_mult %d", (tMult) =>
    expectSame(optim.cosineAnnealingWarmRestarts({ t0: 4, tMult, etaMin: 0.02 }), warmRestarts(4, tMult, 0.02)),
  );

  describe.each([
    ["cos", cos],
    ["linear", linear],
  ] as const)("OneCycleLR, %s", (anneal, curve) => {
    const options: OneCycleOptions = { maxLr: 0.8, totalSteps: STEPS, pctStart: 0.27, divFactor: 10, finalDivFactor: 100, anneal };
    test("two phases", () => {
      const phases = [
        { end: 0.27 * STEPS - 1, from: 0.08, to: 0.8 },
        { end: STEPS - 1, from: 0.8, to: 0.0008 },
      ];
      expectSame(optim.oneCycleLR(options), oneCycle(phases, curve));
    });
    test("three phases", () => {
      const phases = [
        { end: 0.27 * STEPS - 1, from: 0.08, to: 0.8 },
        { end: 2 * 0.27 * STEPS - 2, from: 0.8, to: 0.08 },
        { end: STEPS - 1, from: 0.08, to: 0.0008 },
      ];
      expectSame(optim.oneCycleLR({ ...options, threePhase: true }), oneCycle(phases, curve));
    });
    test("momentum", () => {
      const phases = [
        { end: 0.27 * STEPS - 1, from: 0.95, to: 0.8 },
        { end: STEPS - 1, from: 0.8, to: 0.95 },
      ];
      expectSame(optim.oneCycleMomentum({ ...options, baseMomentum: 0.8 }), oneCycle(phases, curve));
      const last = { end: STEPS - 1, from: 0.95, to: 0.95 };
      const three = [phases[0]!, { end: 2 * 0.27 * STEPS - 2, from: 0.8, to: 0.95 }, last];
      expectSame(optim.oneCycleMomentum({ ...options, baseMomentum: 0.8, threePhase: true }), oneCycle(three, curve));
    });
  });

  test("OneCycleLR's defaults, over all steps", () => {
    const schedule = optim.oneCycleLR({ maxLr: 1 });
    const momentum = optim.oneCycleMomentum();
    for (const [t, rate, beta] of [
      [0, 1 / 25, 0.95],
      [17, 1, 0.85],
      [59, 1 / 25 / 1e4, 0.95],
    ] as const) {
      expect(schedule(t, RUN)).toBeCloseTo(rate, 15);
      expect(momentum(t, RUN)).toBeCloseTo(beta, 15);
    }
    // One step to grow in: it grows at once.
    expect(optim.oneCycleLR({ maxLr: 1, totalSteps: 4, pctStart: 0.25 })(0, RUN)).toBe(1);
  });
});

describe("ours", () => {
  const rates = (schedule: Schedule, steps: readonly number[], run = RUN): number[] => steps.map((t) => schedule(t, run));

  it("constant, and half a cosine over all steps", () => {
    expect(rates(optim.constantSchedule, [0, 59])).toEqual([LR, LR]);
    expect(rates(optim.cosineSchedule, [0, 30, 60])).toEqual([LR, LR / 2, 0]);
  });

  it("perEpoch counts epochs", () => {
    expect(rates(optim.perEpoch(optim.stepLR({ stepSize: 2, gamma: 0.5 })), [0, 19, 20, 39, 40])).toEqual([LR, LR, LR / 2, LR / 2, LR / 4]);
    // A cosine over six epochs: half way in the fourth.
    expect(rates(optim.perEpoch(optim.cosineSchedule), [30, 39])).toEqual([LR / 2, LR / 2]);
  });

  it("linearWarmup grows, and then the other schedule begins, over what is left", () => {
    const warm = optim.linearWarmup(10, optim.cosineSchedule);
    expect(rates(warm, [0, 5, 10, 35, 60])).toEqual([0, LR / 2, LR, LR / 2, 0]);
    expect(rates(optim.linearWarmup(2, optim.exponentialLR({ gamma: 0.5 }), 0.5), [0, 1, 2, 3])).toEqual([
      LR * 0.5,
      LR * 0.75,
      LR,
      LR * 0.5,
    ]);
    expect(rates(optim.linearWarmup(0, optim.constantSchedule), [0])).toEqual([LR]);
  });

  it("the same bits on every engine", () => {
    expect(optim.exponentialLR({ gamma: 0.9 })(23, RUN)).toBe(0.026588814358957533);
    expect(optim.polynomialLR({ power: 0.9 })(23, RUN)).toBe(0.1941630927250569);
  });
});

describe("ReduceLROnPlateau", () => {
  const fed = (options: Omit<optim.ReduceLROnPlateauOptions, "lr">, metrics: readonly number[]): number[] => {
    const plateau = new optim.ReduceLROnPlateau({ lr: 1, ...options });
    return metrics.map((m) => plateau.step(m));
  };

  it("waits `patience` metrics without progress", () => {
    expect(fed({ factor: 0.5, patience: 2 }, [3, 2, 2, 2, 2, 2, 2, 2])).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25]);
    expect(fed({ factor: 0.5, patience: 0, mode: "max" }, [3, 4, 4, 3, 5])).toEqual([1, 1, 0.5, 0.25, 0.25]);
  });

  it("counts as progress what is better by the threshold", () => {
    const relative = { factor: 0.5, patience: 0, threshold: 0.1 };
    expect(fed(relative, [10, 9.5, 8.9])).toEqual([1, 0.5, 0.5]);
    expect(fed({ ...relative, thresholdMode: "abs" }, [10, 9.95, 9.5])).toEqual([1, 0.5, 0.5]);
    expect(fed({ ...relative, mode: "max" }, [10, 10.5, 11.5])).toEqual([1, 0.5, 0.5]);
    // The threshold is a part of the best, not of the size: -1.1 is not better than -1 by a tenth of it.
    expect(fed(relative, [-1, -0.95])).toEqual([1, 1]);
    expect(fed({ patience: 0 }, [1, Number.NaN])[1]).toBe(0.1);
  });

  it("rests after it went down, stops at minLr, and makes no change below eps", () => {
    expect(fed({ factor: 0.5, patience: 0, cooldown: 2 }, [1, 1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
    expect(fed({ factor: 0.5, patience: 0, minLr: 0.4 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.4, 0.4]);
    expect(fed({ factor: 0.5, patience: 0, eps: 0.3 }, [1, 1, 1, 1])).toEqual([1, 0.5, 0.5, 0.5]);
  });

  it("can be read", () => expect(new optim.ReduceLROnPlateau({ lr: 0.3 }).lr).toBe(0.3));
});

describe("what cannot be", () => {
  it.each([
    [() => optim.stepLR({ stepSize: 0 }), "stepLR: stepSize must be a whole number of at least 1, got 0"],
    [
      () => optim.cosineAnnealingWarmRestarts({ t0: 5, tMult: 1.5 }),
      "cosineAnnealingWarmRestarts: tMult must be a whole number of at least 1, got 1.5",
    ],
    [() => optim.linearWarmup(-1, optim.constantSchedule), "linearWarmup: steps must be a whole number of at least 0, got -1"],
    [() => optim.oneCycleLR({ maxLr: 1, pctStart: 2 }), "oneCycleLR: pctStart must be in [0, 1], got 2"],
    [() => new optim.ReduceLROnPlateau({ lr: 1, factor: 1 }), "ReduceLROnPlateau: factor must be below 1, got 1"],
  ] as const)("%#: %s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});
