/** What one core can do in WebAssembly at most: the measure of every kernel. */
import { FunctionBuilder } from "../backend/wasm/function.ts";
import { assembleModule } from "../backend/wasm/module.ts";

/** Independent sums: enough to hide the latency of a multiplication and an addition, and few enough for 16 registers. */
const SUMS = 12;
const LANES = 4;

/** Multiplications and additions of vectors that never leave registers. */
export interface PeakLoop {
  /** Runs so many iterations. */
  run(iterations: number): number;
  /** Floating-point operations of one iteration. */
  readonly flops: number;
}

/** The loop, as a module of its own. */
export function peakLoop(): PeakLoop {
  const kernel = new FunctionBuilder("peak", ["i32"], ["f32"]);
  const left = kernel.param(0);
  const [x, y] = [kernel.local("v128"), kernel.local("v128")];
  const sums = Array.from({ length: SUMS }, () => kernel.local("v128"));
  kernel.f32x4(0.5).set(x).f32x4(0.25).set(y);
  for (const s of sums) kernel.f32x4(1).set(s);
  kernel.loop(() => {
    for (const s of sums) kernel.get(s).get(x).op("f32x4.mul").get(y).op("f32x4.add").set(s);
    kernel.get(left).i32(1).op("i32.sub").tee(left).brIf(0);
  });
  // All sums go into the result, so that none can be left out.
  kernel.get(sums[0]!);
  for (const s of sums.slice(1)) kernel.get(s).op("f32x4.add");
  kernel.lane("f32x4.extract_lane", 0);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembleModule({ exports: { peak: kernel } })));
  return { run: exports.peak as (iterations: number) => number, flops: 2 * SUMS * LANES };
}

const ITERATIONS = 200_000;

/** GFLOP/s of one core, from the fastest of the runs that take so long: a peak is what nothing exceeds, so what disturbs a run must not lower it. */
export function measurePeak(milliseconds: number): number {
  const peak = peakLoop();
  let fastest = Number.POSITIVE_INFINITY;
  // Half as long again, first, until the engine has compiled the loop for good.
  for (const until of [milliseconds / 2, milliseconds]) {
    const start = performance.now();
    for (let now = start; now - start < until; ) {
      peak.run(ITERATIONS);
      const end = performance.now();
      fastest = Math.min(fastest, end - now);
      now = end;
    }
  }
  return (peak.flops * ITERATIONS) / fastest / 1e6;
}
