import type { AxisSpec } from "./report.ts";

/** A logarithmic axis of whole numbers, with a mark at each that was measured. */
export const sizeAxis = (label: string, sizes: readonly number[]): AxisSpec => ({
  label,
  format: "count",
  scale: "log",
  ticks: sizes.map((value) => ({ value, label: `${value}` })),
});
