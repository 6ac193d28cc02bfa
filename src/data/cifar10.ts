/** CIFAR-10: binary batches, from a folder or from the published archive, downloaded and unpacked once. */
import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFileAtomic } from "../base/writeFileAtomic.ts";
import { cacheFolder } from "./cache.ts";
import { parseCifar10 } from "./cifar.ts";
import { DataError } from "./dataError.ts";
import type { Dataset } from "./dataset.ts";
import { download, type Published } from "./download.ts";
import { listFolder, matching, nothingIn, readUnpacked } from "./folder.ts";
import type { Part } from "./idxFolder.ts";
import type { LoadOptions } from "./mnist.ts";
import { untar } from "./tar.ts";

type Colour32 = readonly [3, 32, 32];

const ARCHIVE: Published = {
  name: "cifar-10-binary.tar.gz",
  bytes: 170052171,
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
};
const MIRRORS: readonly string[] = [
  "https://www.cs.toronto.edu/~kriz/",
  "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
];
const BATCHES: { readonly [P in Part]: readonly string[] } = {
  train: [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`),
  test: ["test_batch.bin"],
};
const BATCH_BYTES = 30_730_000;

/** What a folder must hold, as messages say it. */
export const WANTED_CIFAR = "data_batch_1.bin to data_batch_5.bin and test_batch.bin (packed as .gz or not)";

/**
 * CIFAR-10: 50,000 training or 10,000 test photographs in ten classes, [n, 3, 32, 32].
 *
 * From a folder all training batches found there count. Where it has no test batch, the last of two or more training batches
 * is held out as the test set. Throws DataError (nothing found, nothing delivered) and FormatError (a damaged file).
 * Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 */
export async function cifar10(part: Part, options: LoadOptions = {}): Promise<Dataset<Colour32, 10>> {
  const folder = options.folder ?? (await fetched(part, options));
  const names = await listFolder(folder, WANTED_CIFAR);
  const paths = cifarBatches(folder, names)[part];
  if (paths.length === 0) throw nothingIn(folder, names, WANTED_CIFAR);
  const whole = part === "train" || isTest(basename(paths[0]!));
  const name = whole ? `cifar-10 ${part}` : `cifar-10 test (${basename(paths[0]!)}, held out)`;
  return parseCifar10(await Promise.all(paths.map(readUnpacked)), name);
}

const isTrain = (name: string) => /^data_batch_\d+\.bin|^cifar-?10-train.*\.bin/.test(name);
const isTest = (name: string) => /^test_batch\.bin|^cifar-?10-test.*\.bin/.test(name);

/** Paths of the batches in a folder whose file names are `names`, per part; the rule of held-out batches applied. */
export function cifarBatches(folder: string, names: readonly string[]): { readonly [P in Part]: readonly string[] } {
  const train = matching(folder, names, isTrain);
  const test = matching(folder, names, isTest);
  if (test.length > 0 || train.length < 2) return { train, test };
  return { train: train.slice(0, -1), test: train.slice(-1) };
}

/** The cache folder, with the batches of a part in it. */
async function fetched(part: Part, options: LoadOptions): Promise<string> {
  const folder = join(cacheFolder(), "data", "cifar-10");
  const sizes = await Promise.all(BATCHES[part].map((name) => stat(join(folder, name)).catch(() => undefined)));
  if (sizes.every((found) => found?.size === BATCH_BYTES)) return folder;
  const path = await download(options.mirrors ?? MIRRORS, ARCHIVE, folder, options);
  const { bytes } = await readUnpacked(path);
  const files = untar(bytes, path);
  for (const name of [...BATCHES.train, ...BATCHES.test]) {
    const batch = files.get(`cifar-10-batches-bin/${name}`);
    if (!batch)
      throw new DataError("missing", `${path}: archive must hold ${name}, got ${[...files.keys()].join(", ")}. Remove it and try again.`);
    await writeFileAtomic(join(folder, name), batch);
  }
  await rm(path);
  return folder;
}
