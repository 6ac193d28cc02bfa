/**
 * Peaks of a noisy signal, before and after smoothing with a Gaussian: a page with both plots.
 *
 *     npx tsx examples/signal-peaks.ts [signal-peaks.html]
 */
import { writeFile } from "node:fs/promises";
import { findPeaks, gaussianSmooth, type Peak } from "../src/analysis/index.ts";
import { RandomStream } from "../src/base/random.ts";
import { f32 } from "../src/index.ts";

const [WIDTH, HEIGHT, MARGIN] = [860, 240, 24];
const SIGMA = 6;

/** Four bumps of different widths under noise. */
function measured(n: number): Float32Array {
  const noise = new RandomStream(1, "noise");
  const bumps = [
    [0.14, 1, 0.02],
    [0.38, 0.7, 0.05],
    [0.62, 1.3, 0.03],
    [0.83, 0.5, 0.04],
  ] as const;
  return Float32Array.from({ length: n }, (_, i) => {
    const bump = bumps.reduce((sum, [at, height, width]) => sum + height * Math.exp(-(((i / n - at) / width) ** 2)), 0);
    return bump + 0.5 * (noise.uniform(i) - 0.5);
  });
}

/** A line with a dot on every peak. */
function plot(title: string, signal: ArrayLike<number>, peaks: readonly Peak[]): string {
  const values = Array.from(signal);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number): string => (MARGIN + (i / (values.length - 1)) * (WIDTH - 2 * MARGIN)).toFixed(1);
  const y = (v: number): string => (HEIGHT - MARGIN - ((v - low) / (high - low)) * (HEIGHT - 2 * MARGIN)).toFixed(1);
  const line = values.map((v, i) => `${x(i)},${y(v)}`).join(" ");
  const dots = peaks.map(
    (p) => `<circle cx="${x(p.index)}" cy="${y(p.height)}" r="3.5"><title>${p.index}: ${p.height.toFixed(3)}</title></circle>`,
  );
  return `<figure><figcaption>${title}: ${peaks.length} peaks</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}"><polyline points="${line}"/>${dots.join("")}</svg></figure>`;
}

const signal = measured(600);
const smooth = await gaussianSmooth(f32([signal.length], signal), SIGMA);
const found = findPeaks(smooth.data, { prominence: 0.1 });
const page = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Peaks of a signal</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: ${WIDTH}px; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
  figure { margin: 1.5rem 0 }
  svg { width: 100%; height: auto; border: 1px solid #ddd; border-radius: 4px }
  polyline { fill: none; stroke: #2563a8; stroke-width: 1.2 }
  circle { fill: #c2410c }
  @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } svg { border-color: #444 } polyline { stroke: #7db3e8 } circle { fill: #fb923c } }
</style>
<h1>Peaks of a signal</h1>
<p>Every wiggle of the noise is a peak. Smoothed with a Gaussian of ${SIGMA} samples, the tiny ones are gone; those that stand out
by 0.1 are left.</p>
${plot("As measured", signal, findPeaks(signal))}
${plot(`Smoothed, sigma ${SIGMA}`, smooth.data, found)}
</html>
`;
const out = process.argv[2] ?? "signal-peaks.html";
await writeFile(out, page);
console.log(
  `${findPeaks(signal).length} peaks in the noise, ${found.length} in the signal: at ${found.map((p) => p.index).join(", ")}. Written to ${out}`,
);
