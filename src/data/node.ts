/** Data sets in Node: everything of data/index.ts, and what needs files, the network or sharp. */
export { cacheFolder } from "./cache.ts";
export { cifar10 } from "./cifar10.ts";
export { type DownloadOptions, download, type Progress, type Published } from "./download.ts";
export type { Part } from "./idxFolder.ts";
export { imageSize, type ReadImageOptions, readImage, writeImage } from "./image.ts";
export * from "./index.ts";
export { DATA_NAMES, loadData } from "./loadData.ts";
export { fashionMnist, type LoadOptions, mnist } from "./mnist.ts";
