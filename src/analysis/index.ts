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
export {
  type Equivariance,
  type EquivarianceOptions,
  equivariance,
  type MapDeviation,
  type RotationDeviation,
  type ShiftDeviation,
} from "./equivariance/equivariance.ts";
export { type InvarianceOptions, type InvariancePoint, invariance, type LayerInvariance } from "./equivariance/invariance.ts";
export * from "./explain/index.ts";
export { type ApplyFilterOptions, applyFilter, toGrey, type Viewable, viewable } from "./filters/applyFilter.ts";
export { FILTER_NAMES, type FilterName, type FilterOptions, filterKernel } from "./filters/kernels.ts";
export { type Coverage, type CoverageOptions, coverage } from "./geometry/coverage.ts";
export { type InputCoverage, inputCoverage } from "./geometry/inputCoverage.ts";
export { type AxisWindow, type ExplainedSize, transposedSize, windowSize } from "./geometry/size.ts";
export { type SizeReason, whySize } from "./geometry/whySize.ts";
export {
  type GradientData,
  type GradientLoss,
  type GradientNorm,
  type GradientNorms,
  type GradientNormsOptions,
  gradientNorms,
  type OutputGradient,
  type ParameterGradient,
} from "./gradientNorms.ts";
export { type Profile, type ProfiledKernel, type ProfiledLayer, type ProfiledStep, type ProfileOptions, profile } from "./profile.ts";
export { type EffectiveField, type EffectiveFieldOptions, effectiveField } from "./receptiveField/effectiveField.ts";
export { fieldOf, type UnitField } from "./receptiveField/fieldOf.ts";
export { type ReceptiveFieldOptions, type ReceptiveFieldRow, receptiveField } from "./receptiveField/receptiveField.ts";
export { type ReceptiveField, receptiveFields } from "./receptiveField/receptiveFields.ts";
export { type Separability, separability } from "./separability/separability.ts";
export { type Replacement, type SeparableRow, type SeparableSavings, separableSavings } from "./separability/separableSavings.ts";
export { type Svd, svd } from "./separability/svd.ts";
export { findPeaks, type Peak, type PeakOptions } from "./signal/findPeaks.ts";
export { gaussianSmooth, gaussianWindow } from "./signal/smooth.ts";
export {
  type Summary,
  type SummaryBackward,
  type SummaryBytes,
  type SummaryLayer,
  type SummaryOptions,
  type SummarySums,
  type SummaryTotal,
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
export { type DenseCounts, type EquivalentDense, equivalentDense } from "./weights/equivalentDense.ts";
export { type LadderLayer, type LadderRung, type LadderWindow, type ParameterLadder, parameterLadder } from "./weights/parameterLadder.ts";
