/**
 * What WebAssembly could do at most without fused multiply-add: the multiplications and additions of a convolution on vectors that never
 * leave registers, on as many threads as asked for (measured on one: registers are not shared).
 */
import { peakLoop } from "../../../dist/analysis/peak.js";
import { outputExtent } from "./networks.mjs";
import { serve } from "./serve.mjs";

await serve((threads) => ({
  version: "",
  prepare({ conv }) {
    const peak = peakLoop();
    const flops = 2 * conv.n * outputExtent(conv) ** 2 * conv.o * (conv.c / conv.g) * conv.k ** 2;
    const iterations = Math.ceil(flops / peak.flops / threads);
    return () => peak.run(iterations);
  },
}));
