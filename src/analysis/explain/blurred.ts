import { f32 } from "../../base/ndarray.ts";
import { constant, type Tensor } from "../../ir/tensor.ts";
import { conv } from "../../ops/conv.ts";
import { expand } from "../../ops/expand.ts";
import { gaussianWindow } from "../signal/smooth.ts";

/** x [n, channels, ...space] through a Gaussian of this deviation along each axis of space; x itself for 0. Edges go on as they are. */
export function blurred(x: Tensor, deviation: number): Tensor {
  if (deviation === 0) return x;
  const window = gaussianWindow(deviation);
  const [, channels = 0, ...space] = x.shape;
  return space.reduce((t: Tensor, _, d) => {
    const kernel = space.map((_, e) => (e === d ? window.data.length : 1));
    const weight = expand(constant(f32([1, 1, ...kernel], window.data)), [channels, 1, ...kernel]);
    return conv(t, weight, undefined, { padding: "same", paddingMode: "replicate", groups: channels });
  }, x);
}
