/** The report of a training run: one HTML page from plain data. Without anything that needs Node. */
export type { EpochMetrics, Example, FeatureMaps, Filters, LayerRow, Mistake, Numbers, ReportData, StepLoss } from "./data.ts";
export { renderReport } from "./page.ts";
