import { f32 } from "../../src/index.ts";
import * as optim from "../../src/optim/index.ts";
import { CaseReader } from "./caseReader.ts";
import type { GoldenCase, Tensors } from "./manifest.ts";
import { Unsupported } from "./status.ts";

/** The schedule of a case, by PyTorch's name; PyTorch's defaults are the library's own, so only what is said is passed on. */
const SCHEDULES: Readonly<Record<string, (c: CaseReader) => optim.Schedule>> = {
  StepLR: (c) => optim.stepLR({ stepSize: c.number("step_size"), ...said("gamma", c.attr("gamma")) }),
  MultiStepLR: (c) => optim.multiStepLR({ milestones: c.numbers("milestones"), ...said("gamma", c.attr("gamma")) }),
  ExponentialLR: (c) => optim.exponentialLR({ gamma: c.number("gamma") }),
  CosineAnnealingLR: (c) => optim.cosineAnnealingLR({ tMax: c.number("T_max"), ...said("etaMin", c.attr("eta_min")) }),
  CosineAnnealingWarmRestarts: (c) =>
    optim.cosineAnnealingWarmRestarts({
      t0: c.number("T_0"),
      ...said("tMult", c.attr("T_mult")),
      ...said("etaMin", c.attr("eta_min")),
    }),
  LinearLR: (c) =>
    optim.linearLR({
      ...said("startFactor", c.attr("start_factor")),
      ...said("endFactor", c.attr("end_factor")),
      ...said("totalIters", c.attr("total_iters")),
    }),
  PolynomialLR: (c) => optim.polynomialLR({ totalIters: c.number("total_iters", 5), ...said("power", c.attr("power")) }),
  OneCycleLR(c) {
    // The rates are the same whether the momentum follows or not.
    c.described("cycle_momentum");
    return optim.oneCycleLR({
      maxLr: c.number("max_lr"),
      totalSteps: c.number("total_steps"),
      ...said("pctStart", c.attr("pct_start")),
      ...said("anneal", c.attr("anneal")),
      ...said("divFactor", c.attr("div_factor")),
      ...said("finalDivFactor", c.attr("final_div_factor")),
      ...said("threePhase", c.attr("three_phase")),
    });
  },
};

/** `{ [name]: value }` unless the case does not say it. */
const said = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/** How far a rate in f64 may be from PyTorch's, which is made from the one before it and gathers roundings. */
const RELATIVE = 1e-13;

/** Output lr: the rate of each step. It needs no backend; its f64 values are compared here, since outputs are f32. */
export function runSchedule(c: GoldenCase): Tensors {
  const reader = new CaseReader(c.attrs, {}, c.inputs);
  const type = String(reader.attr("schedule"));
  const make = SCHEDULES[type];
  if (!make) throw new Unsupported(`${type} does not exist yet`);
  const schedule = make(reader);
  const base = reader.number("base", 0.1);
  reader.finish();
  const expected = c.lr_f64 ?? Array.from(c.outputs.lr!.data);
  const run: optim.ScheduledRun = { lr: base, steps: expected.length, stepsPerEpoch: 1 };
  const rates = expected.map((_, step) => schedule(step, run));
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((rate, step) => {
    if (c.lr_f64 && !(Math.abs(rates[step]! - rate) <= RELATIVE * largest)) {
      throw new Error(`lr_f64[${step}] must be ${rate}, got ${rates[step]}`);
    }
  });
  return { lr: f32([rates.length], rates) };
}
