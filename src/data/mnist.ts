/** MNIST and Fashion-MNIST: four idx files, from a folder or downloaded once. */
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import type { Dataset } from "./dataset.ts";
import { type DownloadOptions, download, type Published } from "./download.ts";
import { listFolder, nothingIn, readUnpacked } from "./folder.ts";
import { type Description, idxDataset } from "./idx.ts";
import { type IdxPair, type Part, readPair, wantedIdx } from "./idxFolder.ts";

export interface LoadOptions extends DownloadOptions {
  /** Where the files lie. Without it they come from the cache folder, and are downloaded into it the first time. */
  readonly folder?: string;
  /** Addresses of folders to download from, instead of the published ones. */
  readonly mirrors?: readonly string[];
}

type Grey28 = readonly [1, 28, 28];

/** What identifies one published set of idx files. */
interface IdxSource {
  readonly description: Description<Grey28, 10>;
  readonly mirrors: readonly string[];
  readonly files: { readonly [P in Part]: { readonly images: Published; readonly labels: Published } };
}

// Names, sizes and SHA-256 of the four original files; the statistics are those everybody uses, to four digits.
const MNIST: IdxSource = {
  description: {
    name: "mnist",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    imageShape: [1, 28, 28],
    mean: [0.1307],
    std: [0.3081],
  },
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
  files: {
    train: {
      images: published("train-images-idx3-ubyte", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
      labels: published("train-labels-idx1-ubyte", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    },
    test: {
      images: published("t10k-images-idx3-ubyte", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
      labels: published("t10k-labels-idx1-ubyte", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    },
  },
};

const FASHION_MNIST: IdxSource = {
  description: {
    name: "fashion-mnist",
    classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
    imageShape: [1, 28, 28],
    mean: [0.286],
    std: [0.353],
  },
  mirrors: [
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
  ],
  files: {
    train: {
      images: published("train-images-idx3-ubyte", 26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      labels: published("train-labels-idx1-ubyte", 29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    },
    test: {
      images: published("t10k-images-idx3-ubyte", 4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      labels: published("t10k-labels-idx1-ubyte", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    },
  },
};

function published(stem: string, bytes: number, sha256: string): Published {
  return { name: `${stem}.gz`, bytes, sha256 };
}

/** The sets whose classes and statistics are known by name. */
export const IDX_SETS: readonly Description<Grey28, 10>[] = [MNIST.description, FASHION_MNIST.description];

/**
 * MNIST: 60,000 training or 10,000 test images of handwritten digits, [n, 1, 28, 28].
 *
 * Throws DataError (nothing found, nothing delivered) and FormatError (a damaged file).
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
 */
export const mnist = (part: Part, options: LoadOptions = {}): Promise<Dataset<Grey28, 10>> => load(MNIST, part, options);

/**
 * Fashion-MNIST: 60,000 training or 10,000 test images of clothes, [n, 1, 28, 28].
 *
 * Throws as mnist does. Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST", arXiv:1708.07747.
 */
export const fashionMnist = (part: Part, options: LoadOptions = {}): Promise<Dataset<Grey28, 10>> => load(FASHION_MNIST, part, options);

async function load(source: IdxSource, part: Part, options: LoadOptions): Promise<Dataset<Grey28, 10>> {
  const { name } = source.description;
  const pair = options.folder === undefined ? await fetched(source, part, options) : await inFolder(options.folder, name, part);
  return idxDataset(pair.images, pair.labels, { ...source.description, name: `${name} ${part}` });
}

async function fetched(source: IdxSource, part: Part, options: LoadOptions): Promise<IdxPair> {
  const folder = join(cacheFolder(), "data", source.description.name);
  const { images, labels } = source.files[part];
  const mirrors = options.mirrors ?? source.mirrors;
  return {
    images: await readUnpacked(await download(mirrors, images, folder, options)),
    labels: await readUnpacked(await download(mirrors, labels, folder, options)),
  };
}

async function inFolder(folder: string, set: string, part: Part): Promise<IdxPair> {
  const wanted = wantedIdx(part);
  const names = await listFolder(folder, wanted);
  // The set's own name may stand before the file's: a folder can hold several sets.
  const pair = (await readPair(folder, names, `${set}-`, part)) ?? (await readPair(folder, names, "", part));
  if (!pair) throw nothingIn(folder, names, wanted);
  return pair;
}
