import { Adam, AdamW } from "../optim/adam.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { RMSprop } from "../optim/rmsprop.ts";
import { SGD } from "../optim/sgd.ts";

/** What an optimizer is made with. */
export interface Rates {
  readonly lr: number;
  /** Adam's first beta. */
  readonly momentum: number;
  readonly weightDecay: number;
}

/** An optimizer as `--optimizer` names it. */
interface NamedOptimizer {
  /** Where nothing else is asked for. */
  readonly rates: Rates;
  make(rates: Rates): Optimizer;
}

export type OptimizerName = "sgd" | "adam" | "adamw" | "rmsprop";

/** Adam's second beta stays PyTorch's. */
const betas = ({ momentum }: Rates): readonly [number, number] => [momentum, 0.999];

/** Optimizers by name. A new one adds its line here. */
export const OPTIMIZERS: Readonly<Record<OptimizerName, NamedOptimizer>> = {
  sgd: { rates: { lr: 0.05, momentum: 0.9, weightDecay: 0 }, make: (rates) => new SGD(rates) },
  adam: { rates: { lr: 0.001, momentum: 0.9, weightDecay: 0 }, make: (rates) => new Adam({ ...rates, betas: betas(rates) }) },
  adamw: { rates: { lr: 0.001, momentum: 0.9, weightDecay: 0.01 }, make: (rates) => new AdamW({ ...rates, betas: betas(rates) }) },
  rmsprop: { rates: { lr: 0.001, momentum: 0, weightDecay: 0 }, make: (rates) => new RMSprop(rates) },
};

/** The default of one rate, as help says it: `0.05; 0.001 with adam, adamw, rmsprop`. */
export function defaultOf(rate: keyof Rates): string {
  const { sgd, ...others } = OPTIMIZERS;
  const first = sgd.rates[rate];
  const names = new Map<number, string[]>();
  for (const [name, { rates }] of Object.entries(others))
    if (rates[rate] !== first) names.set(rates[rate], [...(names.get(rates[rate]) ?? []), name]);
  return [`${first}`, ...[...names].map(([value, by]) => `${value} with ${by.join(", ")}`)].join("; ");
}
