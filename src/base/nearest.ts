/** The word that was probably meant: the one that takes the fewest edits, if they are few, or else the only one that begins so. For "Did you mean ...?". */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.floor(word.length / 3) + 1;
  const begun: string[] = [];
  for (const candidate of words) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= fewest && (best === undefined || distance < fewest)) [best, fewest] = [candidate, distance];
    if (word.length >= FEWEST_LETTERS && candidate.toLowerCase().startsWith(word.toLowerCase())) begun.push(candidate);
  }
  return best ?? (begun.length === 1 ? begun[0] : undefined);
}

/** With fewer, the beginning of a word says nothing. */
const FEWEST_LETTERS = 3;

/** Letters to insert, delete or replace (Levenshtein's distance). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
