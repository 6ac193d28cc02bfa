import { cosine } from "../base/math.ts";
import { logarithm } from "../base/power.ts";
import type { RandomStream } from "../base/random.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
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
    for (let i = 0; i < array.data.length; i++) array.data[i] = mean + deviation * normal(stream, i);
  };

/**
 * Normal with this mean and standard deviation, but never below `low` or above `high`: what falls outside is drawn again. Throws a
 * RangeError unless the mean lies between the two. PyTorch's trunc_normal_.
 */
export function truncatedNormalInit(mean = 0, deviation = 1, low = -2, high = 2): Init {
  if (!(low <= mean && mean <= high && low < high)) {
    throw new RangeError(`truncatedNormalInit: the mean must lie between low and high, got ${low}, ${mean}, ${high}`);
  }
  return (array, stream) => {
    const { length } = array.data;
    for (let i = 0; i < length; i++) {
      // The tries of element i are numbers of their own, so that it does not matter how often others were drawn.
      let x = Number.NaN;
      for (let at = i; !(x >= low && x <= high); at += length) x = mean + deviation * normal(stream, at);
      array.data[i] = x;
    }
  };
}

/** What the size of start values goes by: how many inputs each output sums, or how many outputs each input goes to. */
export type Fan = "fanIn" | "fanOut";

/**
 * Normal with deviation gain / sqrt(fan): signals, or for "fanOut" gradients, keep their size from layer to layer. The gain is sqrt 2
 * for layers before a ReLU, which is the default, and 1 for a sigmoid. For weights: [out, in, ...kernel].
 *
 * He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015. PyTorch's kaiming_normal_.
 */
export const kaimingNormalInit =
  (fan: Fan = "fanIn", gain: number = Math.SQRT2): Init =>
  (array, stream) =>
    normalInit(0, gain / Math.sqrt(fansOf(array.shape)[fan]))(array, stream);

/** The same deviation as `kaimingNormalInit`, but uniform. PyTorch's kaiming_uniform_. */
export const kaimingUniformInit =
  (fan: Fan = "fanIn", gain: number = Math.SQRT2): Init =>
  (array, stream) =>
    uniformInit(gain * Math.sqrt(3 / fansOf(array.shape)[fan]))(array, stream);

/**
 * Normal with deviation gain sqrt(2 / (fanIn + fanOut)): a compromise between signals and gradients, for layers without ReLU. For
 * weights: [out, in, ...kernel].
 *
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010. PyTorch's xavier_normal_.
 */
export const xavierNormalInit =
  (gain = 1): Init =>
  (array, stream) => {
    const { fanIn, fanOut } = fansOf(array.shape);
    normalInit(0, gain * Math.sqrt(2 / (fanIn + fanOut)))(array, stream);
  };

/** The same deviation as `xavierNormalInit`, but uniform. PyTorch's xavier_uniform_. */
export const xavierUniformInit =
  (gain = 1): Init =>
  (array, stream) => {
    const { fanIn, fanOut } = fansOf(array.shape);
    uniformInit(gain * Math.sqrt(6 / (fanIn + fanOut)))(array, stream);
  };

/**
 * Both fans of a weight [out, in, ...kernel]. Throws a RangeError if it has fewer than two axes.
 *
 * PyTorch: `fanOut` of a grouped convolution counts all outputs, as if each input went to each of them.
 */
function fansOf(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [out, ...rest] = shape;
  if (out === undefined || rest.length === 0) throw new RangeError(`init: fans need [out, in, ...kernel], got [${shape.join(", ")}]`);
  return { fanIn: sizeOf(rest), fanOut: out * sizeOf(rest.slice(1)) };
}

/** A normal number: number i of the stream's. */
function normal(stream: RandomStream, i: number): number {
  // Box and Muller: a length and a direction of a point in the plane give one coordinate. 1 - u is never 0.
  const length = Math.sqrt(-2 * logarithm(1 - stream.uniform(2 * i)));
  return length * cosine(2 * Math.PI * stream.uniform(2 * i + 1));
}
