import { cosine } from "../base/math.ts";
import { logarithm } from "../base/power.ts";
import type { Init } from "../ir/state.ts";

/** Uniform in [-bound, bound). */
export const uniformInit =
  (bound: number): Init =>
  (array, stream) => {
    for (let i = 0; i < array.data.length; i++) array.data[i] = (2 * stream.uniform(i) - 1) * bound;
  };

/**
 * Uniform within 1 / sqrt(fanIn), where fanIn is the number of inputs that each output sums.
 *
 * PyTorch: the default of Conv and Linear, for weights (kaiming_uniform with a = sqrt 5) and for biases.
 */
export const fanInInit = (fanIn: number): Init => uniformInit(1 / Math.sqrt(fanIn));

/** Normal with this mean and standard deviation; the same numbers on every machine. */
export const normalInit =
  (mean = 0, deviation = 1): Init =>
  (array, stream) => {
    for (let i = 0; i < array.data.length; i++) {
      // Box and Muller: a length and a direction of a point in the plane give one coordinate. 1 - u is never 0.
      const length = Math.sqrt(-2 * logarithm(1 - stream.uniform(2 * i)));
      array.data[i] = mean + deviation * length * cosine(2 * Math.PI * stream.uniform(2 * i + 1));
    }
  };
