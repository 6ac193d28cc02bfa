/** Data sets, without anything that needs Node: generated strokes, parsers of the published formats, shuffled batches, augmentation. */
export type { Augmentation } from "./augment/augmentation.ts";
export { compose } from "./augment/compose.ts";
export type { Draws } from "./augment/draws.ts";
export type { FlipAndCrop } from "./augment/flipAndCrop.ts";
export { type RandomCropOptions, randomCrop } from "./augment/randomCrop.ts";
export { randomHorizontalFlip } from "./augment/randomHorizontalFlip.ts";
export { batches, epochOrder, gather } from "./batches.ts";
export { type CifarFault, parseCifar10 } from "./cifar.ts";
export { DataError, type DataFault } from "./dataError.ts";
export { channelStatistics, checkDataset, countOf, type Dataset, type ImageShape, type Split, slice } from "./dataset.ts";
export { gunzip } from "./gzip.ts";
export { type Description, type IdxFault, idxDataset, type NamedBytes, parseIdx, parseIdxImages, parseIdxLabels } from "./idx.ts";
export { type StrokesOptions, strokes } from "./strokes.ts";
