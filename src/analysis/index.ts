/** fovea/analysis: what a network is made of and what it costs. */
export {
  type AlgorithmComparison,
  type AlgorithmFigures,
  type AlgorithmRow,
  type CompareOptions,
  type ConvPass,
  type ConvWorkload,
  compareAlgorithms,
} from "./algorithms.ts";
export * from "./explain/index.ts";
export { type ApplyFilterOptions, applyFilter, toGrey, type Viewable, viewable } from "./filters/applyFilter.ts";
export { FILTER_NAMES, type FilterName, type FilterOptions, filterKernel } from "./filters/kernels.ts";
export { type Coverage, type CoverageOptions, coverage } from "./geometry/coverage.ts";
export { type AxisWindow, type ExplainedSize, transposedSize, windowSize } from "./geometry/size.ts";
export { type SizeReason, whySize } from "./geometry/whySize.ts";
export { findPeaks, type Peak, type PeakOptions } from "./signal/findPeaks.ts";
export { gaussianSmooth, gaussianWindow } from "./signal/smooth.ts";
export {
  type Summary,
  type SummaryBackward,
  type SummaryBytes,
  type SummaryLayer,
  type SummaryOptions,
  type SummaryRow,
  type SummarySums,
  type SummaryTotal,
  type SummaryTotals,
  summary,
} from "./summary.ts";
export {
  type ConvFilter,
  type Convolution,
  type CsrToeplitz,
  type DenseToeplitz,
  type ToeplitzOptions,
  toeplitz,
} from "./toeplitz.ts";
