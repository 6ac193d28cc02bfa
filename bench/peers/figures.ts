/** What was measured, and where it is kept between runs of parts. */
import { readFile } from "node:fs/promises";
import { writeFileAtomic } from "../../src/base/writeFileAtomic.ts";

export type Metric = "ms" | "peakBytes" | "moduleBytes" | "bytesPerStep";

export interface Figure {
  readonly work: string;
  readonly peer: string;
  readonly threads: number;
  readonly metric: Metric;
  /** Absent where the peer can not do the work. */
  readonly value?: number;
  /** The fastest run. */
  readonly best?: number;
  /** Whether others used the machine meanwhile. */
  readonly noisy?: boolean;
  /** Why there is no value. */
  readonly absent?: string;
  /** When, in ISO 8601. */
  readonly date: string;
}

/** Everything of one kind that one run of one item gave: it replaces what an earlier run gave, for all peers. */
const group = ({ work, threads, metric }: Figure): string => `${metric} ${threads} ${work}`;

/** Figures of earlier runs, without those that were measured again. Figures of one item are always of one run. */
export function merged(earlier: readonly Figure[], now: readonly Figure[]): Figure[] {
  const again = new Set(now.map(group));
  return [...earlier.filter((f) => !again.has(group(f))), ...now];
}

/** What a file of earlier runs holds: peers' versions, and figures. */
export interface Measurements {
  readonly versions: Readonly<{ [peer: string]: string }>;
  readonly figures: readonly Figure[];
}

/** An empty one where there is no file. */
export async function readMeasurements(file: string): Promise<Measurements> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? { versions: {}, figures: [] } : (JSON.parse(text) as Measurements);
}

export const writeMeasurements = (file: string, record: Measurements): Promise<void> =>
  writeFileAtomic(file, `${JSON.stringify(record, undefined, 1)}\n`);

/** Figures to look things up in. */
export class Figures {
  readonly #found: ReadonlyMap<string, Figure>;

  constructor(figures: readonly Figure[]) {
    this.#found = new Map(figures.map((f) => [`${group(f)} ${f.peer}`, f]));
  }

  get(work: string, peer: string, threads: number, metric: Metric = "ms"): Figure | undefined {
    return this.#found.get(`${metric} ${threads} ${work} ${peer}`);
  }

  /** The same by the fastest runs, which say more where a machine is busy. */
  byFastest(): Figures {
    return new Figures([...this.all()].map((f) => (f.best === undefined ? f : { ...f, value: f.best })));
  }

  all(): Iterable<Figure> {
    return this.#found.values();
  }

  /** The value, or undefined where there is none. */
  value(work: string, peer: string, threads: number, metric: Metric = "ms"): number | undefined {
    return this.get(work, peer, threads, metric)?.value;
  }
}
