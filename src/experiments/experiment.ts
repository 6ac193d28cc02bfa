import type { Lab } from "./lab/lab.ts";
import type { Part, Report } from "./report/report.ts";

/** What an experiment has measured. Both are plain data that JSON can hold. */
export interface Measured<R, T = unknown> {
  /** The same bits for the same seed, data and version, on any machine and for any number of threads. */
  readonly results: R;
  /** Wall times, which are others in every run. Absent where none were taken. */
  readonly times?: T;
}

/** A question, how to measure what answers it, and how to say what was measured. Adding one adds its file and a line of index.ts. */
export interface Experiment<R = unknown, T = unknown> {
  /** What it is called on the command line: `permuted-pixels`. */
  readonly name: string;
  /** For the list of experiments: one line without a full stop. */
  readonly line: string;
  /** Heading of the page. */
  readonly question: string;
  /** Why the answer matters, in a paragraph. */
  readonly why: string;
  /** Whether it takes labelled images, or makes all it needs. */
  readonly needsData: boolean;
  /** Does the work. */
  measure(lab: Lab): Promise<Measured<R, T>>;
  /** What to show and to say of it: a function of the numbers alone, so that no conclusion can stand without them. */
  report(results: R): Report;
  /** The same for wall times. */
  timed?(results: R, times: T): Part;
}
