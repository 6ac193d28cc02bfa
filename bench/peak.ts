import { peakLoop } from "../src/analysis/peak.ts";
import { type Timing, time } from "./stopwatch.ts";

const ITERATIONS = 2_000_000;

/** What one core can do in WebAssembly at most: multiplications and additions of vectors that never leave registers. */
export async function measurePeak(): Promise<{ readonly timing: Timing; readonly gflops: number }> {
  const peak = peakLoop();
  const timing = await time(async () => peak.run(ITERATIONS));
  return { timing, gflops: (peak.flops * ITERATIONS) / timing.minimum / 1e6 };
}
