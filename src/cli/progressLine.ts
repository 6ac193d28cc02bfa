/** One moment of a training as one line of text. */
import { count, percent } from "../train/report/format.ts";
import type { Terminal } from "./terminal.ts";

/** How far a training is. */
export interface Moment {
  readonly epoch: number;
  readonly epochs: number;
  /** Steps of this epoch that are done, and all. */
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Until the training is over. */
  readonly secondsLeft: number;
}

const LONGEST_BAR = 24;
const SHORTEST_BAR = 8;
const GAP = 2;
/** Columns left free at the end: a terminal writes ^C there. */
const MARGIN = 3;

/** As a bar with figures, well within `width` columns: what matters least is left out first. */
export function progressLine(
  moment: Moment,
  { width, glyphs, accent, dim }: Pick<Terminal, "width" | "glyphs" | "accent" | "dim">,
): string {
  const share = moment.step / moment.steps;
  const title = `epoch ${moment.epoch}/${moment.epochs}`;
  const figures = new Map([
    ["percent", `${Math.floor(share * 100)}%`.padStart(4)],
    ["loss", `loss ${lossText(moment.loss)}`],
    ["accuracy", `acc ${accuracyText(moment.accuracy)}`],
    ["speed", `${count(moment.imagesPerSecond)} img/s`.padStart(12)],
    ["time", share === 1 ? "testing" : `${clock(moment.secondsLeft)} left`],
  ]);
  const room = (): number => width - MARGIN - [title, ...figures.values()].reduce((sum, text) => sum + text.length + GAP, 0);
  for (const key of ["percent", "speed", "accuracy", "time", "loss"]) if (room() < SHORTEST_BAR) figures.delete(key);
  const length = Math.min(room(), LONGEST_BAR);
  const done = Math.round(Math.max(length, 0) * share);
  const bar = length < SHORTEST_BAR ? [] : [accent(glyphs.done.repeat(done)) + dim(glyphs.left.repeat(length - done))];
  const [first, ...others] = [...bar, ...figures.values()];
  return [title.slice(0, Math.max(width - MARGIN, 0)), ...(first === undefined ? [] : [first, ...others])].join(" ".repeat(GAP));
}

/** As a whole sentence, for a log. */
export const progressSentence = (m: Moment): string =>
  `epoch ${m.epoch} of ${m.epochs}, step ${m.step} of ${m.steps}: loss ${lossText(m.loss)}, accuracy ${accuracyText(m.accuracy).trim()}, ` +
  `${count(m.imagesPerSecond)} images/s, ${clock(m.secondsLeft)} left`;

/** Six columns wide for all but very large losses, so that figures do not jump. */
const lossText = (loss: number): string => (Number.isFinite(loss) ? loss.toPrecision(5).slice(0, 6) : "  none");
const accuracyText = (accuracy: number): string => percent(accuracy, 100).padStart(5);

/** `0:07`, `12:30`, `1:02:03` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (n: number): string => `${n}`.padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
