/** Pairs of idx files in a folder, by the names MNIST gave them. */
import { matching, readUnpacked } from "./folder.ts";
import type { NamedBytes } from "./idx.ts";

export type Part = "train" | "test";

/** The unpacked files of one part. */
export interface IdxPair {
  readonly images: NamedBytes;
  readonly labels: NamedBytes;
}

const STEMS: { readonly [P in Part]: string } = { train: "train", test: "t10k" };

/** What a folder must hold, as messages say it. */
export const wantedIdx = (part: Part): string =>
  `${STEMS[part]}-images-idx3-ubyte and ${STEMS[part]}-labels-idx1-ubyte (packed as .gz or not)`;

/** Both files of a part whose names begin with `prefix`; undefined unless both are there. `names` lists the folder. */
export async function readPair(folder: string, names: readonly string[], prefix: string, part: Part): Promise<IdxPair | undefined> {
  const find = (kind: string, rank: number) => {
    // Some copies of the files have a dot before "idx".
    const spellings = ["-", "."].map((mark) => `${prefix}${STEMS[part]}-${kind}${mark}idx${rank}-ubyte`);
    return matching(folder, names, (name) => spellings.includes(name))[0];
  };
  const images = find("images", 3);
  const labels = find("labels", 1);
  if (images === undefined || labels === undefined) return undefined;
  return { images: await readUnpacked(images), labels: await readUnpacked(labels) };
}

/** What stands before the names of idx files of training images: "" for MNIST's own names, `mnist-` in a folder of several sets. */
export function idxPrefixes(names: readonly string[]): readonly string[] {
  const prefixes = names.flatMap((name) => /^(.*)train-images[-.]idx3-ubyte(\.gz)?$/.exec(name)?.[1] ?? []);
  return [...new Set(prefixes)];
}
