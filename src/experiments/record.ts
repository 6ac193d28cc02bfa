import type { Experiment } from "./experiment.ts";
import type { Lab } from "./lab/lab.ts";
import type { Part, Report } from "./report/report.ts";

/** How an experiment is run again, and with what. */
export interface Protocol {
  readonly experiment: string;
  readonly seed: number;
  readonly quick: boolean;
  /** Name or folder of the images; absent where the experiment makes all it needs. */
  readonly data?: string;
  /** What to type to run it again. */
  readonly command: string;
}

/** What no two runs have in common. */
export interface Circumstances {
  /** When it started, in ISO 8601. */
  readonly started: string;
  readonly seconds: number;
  readonly threads: number | undefined;
  /** Name and value of whatever describes the machine and the version. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the experiment itself timed. */
  readonly times: unknown;
}

/** An experiment that is over: what its page is drawn from. */
export interface ExperimentRecord {
  readonly experiment: Experiment;
  readonly protocol: Protocol;
  readonly results: unknown;
  readonly report: Report;
  /** What is shown and said of wall times. */
  readonly timed: Part | undefined;
  readonly circumstances: Circumstances;
}

/** Runs an experiment and draws its conclusions. */
export async function runExperiment(
  experiment: Experiment,
  lab: Lab,
  protocol: Protocol,
  about: Pick<Circumstances, "threads" | "environment">,
): Promise<ExperimentRecord> {
  const started = new Date().toISOString();
  const from = performance.now();
  const { results, times } = await experiment.measure(lab);
  const seconds = (performance.now() - from) / 1000;
  const timed = times === undefined ? undefined : experiment.timed?.(results, times);
  const circumstances = { started, seconds, ...about, times: times ?? null };
  return { experiment, protocol, results, report: experiment.report(results), timed, circumstances };
}

/**
 * The record as JSON. All of `reproducible` has the same bytes whenever the protocol is the same; wall times, and what was said of them, are
 * under `thisRun`.
 */
export function jsonOf({
  experiment,
  protocol,
  results,
  report,
  timed,
  circumstances,
}: ExperimentRecord): Readonly<Record<string, unknown>> {
  return {
    reproducible: { ...protocol, question: experiment.question, answer: report.answer, says: report.says, nets: report.nets, results },
    thisRun: { ...circumstances, says: timed?.says ?? [] },
  };
}
