import { OpError } from "../ir/op.ts";

export interface ReduceLROnPlateauOptions {
  /** The rate to begin with: the optimizer's. */
  readonly lr: number;
  /** Whether the metric should fall (a loss) or rise (an accuracy). Default "min". */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by. Default 0.1. */
  readonly factor?: number;
  /** How many metrics without progress are borne before the rate goes down. Default 10. */
  readonly patience?: number;
  /** How much better than the best so far counts as progress. Default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a part of the best so far, or an amount. Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** How many metrics do not count after the rate went down. Default 0. */
  readonly cooldown?: number;
  /** The rate goes no lower. Default 0. */
  readonly minLr?: number;
  /** A change of the rate that is no larger is not made. Default 1e-8. */
  readonly eps?: number;
}

/**
 * Lowers the learning rate when a metric has stopped getting better. It is no function of the step, so it is an object that is
 * fed with metrics, once an epoch say. PyTorch's ReduceLROnPlateau.
 *
 *     const plateau = new ReduceLROnPlateau({ lr: optimizer.lr, patience: 3 });
 *     await fit(model, { ..., schedule: () => plateau.lr, onEpoch: (e) => void plateau.step(e.validation!.loss) });
 */
export class ReduceLROnPlateau {
  readonly #options: Required<ReduceLROnPlateauOptions>;
  #lr: number;
  #best: number;
  #badEpochs = 0;
  #resting = 0;

  constructor(options: ReduceLROnPlateauOptions) {
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    if (!(this.#options.factor < 1)) throw new OpError("ReduceLROnPlateau", `factor must be below 1, got ${this.#options.factor}`);
    this.#lr = options.lr;
    this.#best = this.#options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** The learning rate now. */
  get lr(): number {
    return this.#lr;
  }

  /** Takes the next metric, and gives the learning rate after it. */
  step(metric: number): number {
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    if (this.#better(metric)) {
      this.#best = metric;
      this.#badEpochs = 0;
    } else this.#badEpochs++;
    if (this.#resting > 0) {
      this.#resting--;
      this.#badEpochs = 0;
    }
    if (this.#badEpochs > patience) {
      const lower = Math.max(this.#lr * factor, minLr);
      if (this.#lr - lower > eps) this.#lr = lower;
      this.#resting = cooldown;
      this.#badEpochs = 0;
    }
    return this.#lr;
  }

  #better(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const wanted = thresholdMode === "rel" ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return sign * metric > sign * wanted;
  }
}
