/** Data sets by name or by folder: what a command line's `--data` takes. */
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { cifar10, cifarBatches, WANTED_CIFAR } from "./cifar10.ts";
import { DataError } from "./dataError.ts";
import { channelStatistics, type Dataset, type ImageShape, type Split } from "./dataset.ts";
import { listFolder, nothingIn } from "./folder.ts";
import { type Description, idxDataset, parseIdxImages, parseIdxLabels } from "./idx.ts";
import { type IdxPair, idxPrefixes, type Part, readPair, wantedIdx } from "./idxFolder.ts";
import { fashionMnist, IDX_SETS, type LoadOptions, mnist } from "./mnist.ts";
import { strokes } from "./strokes.ts";

/** Names that loadData knows; anything else is the path of a folder. */
export const DATA_NAMES = ["strokes", "mnist", "fashion-mnist", "cifar-10"] as const;

const KNOWN: { readonly [name in (typeof DATA_NAMES)[number]]: (part: Part, options: LoadOptions) => Promise<Dataset> } = {
  strokes: async (split) => strokes({ split }),
  mnist,
  "fashion-mnist": fashionMnist,
  "cifar-10": cifar10,
};

/**
 * Training and test set of a name in DATA_NAMES, or of a folder with idx files or CIFAR batches (which of them is seen from
 * the file names). A folder that happens to have a known name is given as `./mnist`.
 *
 * A folder of idx files that is called mnist or fashion-mnist, or whose files begin with such a name, has the classes and
 * statistics of that set; any other gets classes "0", "1", ... and the statistics of its own training images.
 *
 * Throws DataError (no such data, or two sets in one folder) and FormatError (a damaged file).
 */
export async function loadData(spec: string, options: Omit<LoadOptions, "folder"> = {}): Promise<Split> {
  const known = DATA_NAMES.find((name) => name === spec);
  if (known) return { train: await KNOWN[known]("train", options), test: await KNOWN[known]("test", options) };
  const wanted = `${wantedIdx("train")} and the same of t10k, or ${WANTED_CIFAR}`;
  if (!(await stat(spec).catch(() => undefined))) {
    throw new DataError(
      "missing",
      `data: ${DATA_NAMES.join(", ")} or a folder was expected, got "${spec}". Give one of these, or a folder that holds ${wanted}.`,
    );
  }
  const names = await listFolder(spec, wanted);
  const prefixes = idxPrefixes(names);
  const batches = cifarBatches(spec, names);
  const isCifar = batches.train.length > 0;
  const found = [...prefixes.map((prefix) => `${prefix}train-images-idx3-ubyte`), ...(isCifar ? [basename(batches.train[0]!)] : [])];
  if (found.length === 0) throw nothingIn(spec, names, wanted);
  if (found.length > 1) {
    throw new DataError(
      "ambiguous",
      `${spec}: a folder must hold one data set, got several: ${found.join(", ")}. Put each into a folder of its own.`,
    );
  }
  if (isCifar) return { train: await cifar10("train", { folder: spec }), test: await cifar10("test", { folder: spec }) };
  return idxFolder(spec, names, prefixes[0]!);
}

async function idxFolder(folder: string, names: readonly string[], prefix: string): Promise<Split> {
  const train = await readPair(folder, names, prefix, "train");
  const test = await readPair(folder, names, prefix, "test");
  if (!train || !test) throw nothingIn(folder, names, wantedIdx(train ? "test" : "train"));
  const set = prefix.replace(/-$/, "") || basename(resolve(folder));
  const description = IDX_SETS.find(({ name }) => name === set) ?? describe(set, train, test);
  const part = (name: Part, pair: IdxPair): Dataset => idxDataset(pair.images, pair.labels, { ...description, name: `${set} ${name}` });
  return { train: part("train", train), test: part("test", test) };
}

/** What an unknown set's own files say about it. */
function describe(name: string, train: IdxPair, test: IdxPair): Description<ImageShape, number> {
  const labels = [train, test].map((pair) => parseIdxLabels(pair.labels.bytes, pair.labels.file, 256).data);
  const last = labels.reduce((most, part) => part.reduce((a, b) => Math.max(a, b), most), 0);
  const images = parseIdxImages(train.images.bytes, train.images.file);
  const [, channels = 1, height = 0, width = 0] = images.shape;
  const classes = Array.from({ length: last + 1 }, (_, k) => String(k));
  return { name, classes, imageShape: [channels, height, width], ...channelStatistics(images) };
}
