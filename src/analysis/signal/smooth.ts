import type { Backend } from "../../backend/backend.ts";
import { f32, type NdArray } from "../../base/ndarray.ts";
import { exponential } from "../../base/power.ts";
import { showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { constant } from "../../ir/tensor.ts";
import { conv } from "../../ops/conv.ts";
import { reshape } from "../../ops/reshape.ts";
import { compile } from "../../runtime/compile.ts";
import { wasm } from "../../runtime/wasm.ts";

/** e^(-t^2 / 2 sigma^2) at whole numbers within 4 sigma, with sum 1. */
export function gaussianWindow(sigma: number): NdArray<"f32"> {
  if (!(sigma > 0 && sigma <= 1e5)) throw new OpError("gaussianWindow", `sigma must be above 0, got ${sigma}`);
  const reach = Math.ceil(4 * sigma);
  const values = Array.from({ length: 2 * reach + 1 }, (_, i) => exponential(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const sum = values.reduce((a, b) => a + b, 0);
  return f32(
    [values.length],
    values.map((v) => v / sum),
  );
}

/**
 * The signal [n] convolved with a Gaussian of standard deviation `sigma`, in samples: what is narrower than that disappears. Beyond its
 * ends the signal is taken to stay as it ends.
 *
 * SciPy: ndimage.gaussian_filter1d with mode "nearest".
 */
export async function gaussianSmooth(signal: NdArray, sigma: number, backend: Backend = wasm({ threads: 1 })): Promise<NdArray<"f32">> {
  const [n] = signal.shape;
  if (signal.shape.length !== 1 || n === 0) throw new OpError("gaussianSmooth", `the signal must be [n], got ${showShape(signal.shape)}`);
  const window = gaussianWindow(sigma);
  const program = await compile(backend, { x: [n!] }, ({ x }) => {
    const weight = reshape(constant(window), [1, 1, window.data.length]);
    return reshape(conv(reshape(x, [1, 1, n!]), weight, undefined, { padding: "same", paddingMode: "replicate" }), [n!]);
  });
  const { output } = await program.run({ x: [...signal.data] });
  await program.close();
  return output as NdArray<"f32">;
}
