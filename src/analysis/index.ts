/** fovea/analysis: what a network is made of and what it costs. */
export { type Summary, type SummaryRow, type SummaryTotals, summary } from "./summary.ts";
