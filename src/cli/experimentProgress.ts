import type { LabProgress } from "../experiments/lab/lab.ts";
import { clock } from "./progressLine.ts";
import type { Terminal } from "./terminal.ts";

/** Milliseconds between two states of the bar, and between two lines of a log. */
const REDRAW = 100;
const LOG = 10_000;
const BAR = 20;
/** Time left is a guess; before this share is done, it would be a wild one. */
const GUESSABLE = 0.02;

/** Follows an experiment on a terminal: a bar, or, where nothing can be redrawn, a line every few seconds. `now` is in milliseconds. */
export function experimentProgress(terminal: Terminal, now: () => number = () => performance.now()): (progress: LabProgress) => void {
  const began = now();
  let shown = Number.NEGATIVE_INFINITY;
  return ({ share, job, number, jobs }) => {
    if (now() - shown < (terminal.live ? REDRAW : LOG)) return;
    shown = now();
    const seconds = (shown - began) / 1000;
    const left = share < GUESSABLE ? "" : `${clock((seconds / share) * (1 - share))} left`;
    const percent = `${Math.floor(100 * share)}%`;
    if (!terminal.live) return terminal.line(`${number} of ${jobs} (${percent}): ${job}${left === "" ? "" : `, ${left}`}`);
    const done = Math.round(BAR * share);
    const head = `${`${number}/${jobs}`.padStart(7)}  `;
    const tail = `  ${percent.padStart(4)}  ${left.padEnd(9)}  `;
    const room = terminal.width - head.length - BAR - tail.length - 3;
    const bar = terminal.accent(terminal.glyphs.done.repeat(done)) + terminal.dim(terminal.glyphs.left.repeat(BAR - done));
    terminal.status(`${head}${bar}${tail}${job.slice(0, Math.max(0, room))}`);
  };
}
