import type { Dataset, Split } from "../data/dataset.ts";
import { countOf, slice } from "../data/dataset.ts";
import type { Progress } from "../data/download.ts";
import { loadData } from "../data/loadData.ts";
import { size } from "../train/report/format.ts";
import { UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** The data set of that name or in that folder. Shows how far a download is. */
export async function loadShown(source: string, terminal: Terminal): Promise<Split> {
  let begun = "";
  const onProgress = ({ file, received, total }: Progress): void => {
    if (file !== begun) terminal.line(terminal.dim(`downloading ${file}, ${size(total)}`));
    begun = file;
    terminal.status(`  ${size(received)} of ${size(total)}`);
  };
  try {
    return await loadData(source, { onProgress });
  } finally {
    terminal.status("");
  }
}

/** The training set in two: its last `count` images take the place of the test set, which nobody looks at. */
export function holdOut({ train }: Split, count: number): Split {
  const rest = countOf(train) - count;
  if (rest < 1) throw new UsageError(`--hold-out must be below ${countOf(train)}, the number of images in ${train.name}, got ${count}`);
  const named = (part: Dataset, name: string): Dataset => ({ ...part, name: `${train.name} (${name})` });
  return { train: named(slice(train, 0, rest), `first ${rest}`), test: named(slice(train, rest), `last ${count}`) };
}
