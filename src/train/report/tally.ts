/** What a confusion matrix says in sum. */
import type { ReportData } from "./data.ts";

/** One class taken for another. */
export interface Confusion {
  readonly trueClass: number;
  readonly predictedClass: number;
  readonly images: number;
}

export interface Tally {
  readonly images: number;
  readonly right: number;
  /** Of each class: images there are, images found, and times it was the answer. */
  readonly classes: readonly { readonly images: number; readonly right: number; readonly answers: number }[];
  /** Pairs that were confused at all, most often first. */
  readonly confusions: readonly Confusion[];
  /** Largest count on the diagonal and off it; at least 1. */
  readonly mostRight: number;
  readonly mostWrong: number;
}

/** Sums of `confusion[true][predicted]`. */
export function tally({ confusion }: Pick<ReportData, "confusion">): Tally {
  const at = (t: number, p: number) => confusion[t]?.[p] ?? 0;
  const indices = confusion.map((_, i) => i);
  const classes = indices.map((k) => ({
    images: indices.reduce((n, p) => n + at(k, p), 0),
    right: at(k, k),
    answers: indices.reduce((n, t) => n + at(t, k), 0),
  }));
  const confusions = indices
    .flatMap((t) => indices.map((p) => ({ trueClass: t, predictedClass: p, images: at(t, p) })))
    .filter((c) => c.trueClass !== c.predictedClass && c.images > 0)
    .sort((a, b) => b.images - a.images);
  return {
    images: classes.reduce((n, c) => n + c.images, 0),
    right: classes.reduce((n, c) => n + c.right, 0),
    classes,
    confusions,
    mostRight: Math.max(1, ...classes.map((c) => c.right)),
    mostWrong: confusions[0]?.images ?? 1,
  };
}
