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
