/** Data sets, without anything that needs Node: generated strokes, parsers of the published formats, shuffled batches. */
export { batches, epochOrder, gather } from "./batches.ts";
export { type CifarFault, parseCifar10 } from "./cifar.ts";
export { DataError, type DataFault } from "./dataError.ts";
export { channelStatistics, checkDataset, countOf, type Dataset, type ImageShape, type Split, slice } from "./dataset.ts";
export { gunzip } from "./gzip.ts";
export { type Description, type IdxFault, idxDataset, type NamedBytes, parseIdx, parseIdxImages, parseIdxLabels } from "./idx.ts";
export { type StrokesOptions, strokes } from "./strokes.ts";
