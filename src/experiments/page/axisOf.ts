import { type Axis, linearAxis, logAxis, roundStep, type Tick } from "../../train/report/axis.ts";
import { count, short, size } from "../../train/report/format.ts";
import type { AxisSpec, Format } from "../report/report.ts";

/** Shortest text of a mark. */
const LABELS: { readonly [F in Format]: (value: number) => string } = {
  percent: (v) => `${short(v * 100)}%`,
  points: (v) => short(v * 100),
  count,
  number: (v) => (Math.abs(v) >= 1e4 ? count(v) : short(v)),
  bytes: size,
  milliseconds: short,
};
const MARKS = 7;

/** The axis of these values; ends that the specification leaves open are found from them. */
export function axisOf(spec: AxisSpec, values: readonly number[]): Axis {
  const label = LABELS[spec.format];
  const fit = values.filter((v) => Number.isFinite(v) && (spec.scale !== "log" || v > 0));
  const [least, most] = fit.length === 0 ? [1, 1] : [Math.min(...fit), Math.max(...fit)];
  let axis: Axis;
  if (spec.scale === "log") {
    const [low, high] = [spec.low ?? least, spec.high ?? most];
    const wide = high > low * 1.01 ? { low, high } : { low: low / 2, high: high * 2 };
    // Whole numbers given as marks are the ends; measured values get some air.
    axis = spec.ticks ? logAxis(wide.low, wide.high, label) : logAxis(wide.low / 1.15, wide.high * 1.15, label);
  } else {
    const step = roundStep(Math.max((spec.high ?? most) - (spec.low ?? least), 1e-12) / MARKS);
    const low = spec.low ?? Math.floor(least / step + 1e-9) * step;
    const high = spec.high ?? Math.ceil(most / step - 1e-9) * step;
    const end = high > low ? high : low + 1;
    // A share has no room above the whole.
    axis = linearAxis(spec.format === "percent" ? Math.max(0, low) : low, end, MARKS, label);
  }
  return spec.ticks ? { ticks: spec.ticks.filter((tick: Tick) => fit.includes(tick.value)), at: axis.at } : axis;
}
