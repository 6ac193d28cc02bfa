import { NdArray } from "../../base/ndarray.ts";
import { RandomStream } from "../../base/random.ts";
import { channelStatistics, checkDataset, type Dataset } from "../../data/dataset.ts";

/** Side of the images. */
export const MARK_IMAGE = 24;

/** Two marks as different as marks of 5 x 5 can be, with the same amount of ink. */
const GLYPHS = [
  ["#...#", ".#.#.", "..#..", ".#.#.", "#...#"],
  ["..#..", ".#.#.", "#...#", ".#.#.", "..#.."],
] as const;
const SIDE = 5;
/** No mark is nearer to an edge, so that no margin of a convolution gives away where it is. */
const MARGIN = 4;
/** Each image owns this many random numbers. */
const DRAWS = 1024;

/**
 * Questions about marks, each with two answers that are equally frequent:
 * - kind: which mark is it? One mark, anywhere.
 * - place: is the mark on the left or on the right? One of either kind.
 * - order: which of the two stands on the left? One of each kind, far apart.
 * - equal: are the two marks of one kind? Two marks, far apart.
 */
export const MARK_TASKS = ["kind", "place", "order", "equal"] as const;
export type MarkTask = (typeof MARK_TASKS)[number];

/** Images [count, 1, 24, 24] of a task with noise in the background: a function of its arguments alone. */
export function markImages(task: MarkTask, count: number, seed: number, split: "train" | "test"): Dataset {
  const stream = new RandomStream(seed, `marks/${task}/${split}`);
  const images = new NdArray("u8", [count, 1, MARK_IMAGE, MARK_IMAGE]);
  const labels = new NdArray("i32", [count]);
  for (let i = 0; i < count; i++) {
    let at = i * DRAWS;
    const below = (n: number): number => stream.below(n, at++);
    const pixels = images.data.subarray(i * MARK_IMAGE * MARK_IMAGE, (i + 1) * MARK_IMAGE * MARK_IMAGE);
    for (let p = 0; p < pixels.length; p++) pixels[p] = below(48);
    const label = below(2);
    const other = below(2);
    labels.data[i] = label;
    // Places of the upper left corner. A mark on one side leaves at least 6 columns between itself and one on the other.
    const last = MARK_IMAGE - MARGIN - SIDE;
    const row = (): number => MARGIN + below(last - MARGIN + 1);
    const [left, right] = [(): number => MARGIN + below(2), (): number => last - below(2)];
    const anywhere = (): number => MARGIN + below(last - MARGIN + 1);
    const half = (last - MARGIN + 1) >> 1;
    const draw = (kind: number, y: number, x: number): void => drawMark(pixels, kind, y, x);
    if (task === "kind") draw(label, row(), anywhere());
    else if (task === "place") draw(other, row(), label === 0 ? MARGIN + below(half) : last - below(half));
    else if (task === "order") {
      draw(label, row(), left());
      draw(1 - label, row(), right());
    } else {
      draw(other, row(), left());
      draw(label === 0 ? other : 1 - other, row(), right());
    }
  }
  const imageShape = [1, MARK_IMAGE, MARK_IMAGE] as const;
  return checkDataset({
    name: `marks, ${task}, ${split}`,
    images,
    labels,
    classes: ANSWERS[task],
    imageShape,
    ...channelStatistics(images),
  });
}

const ANSWERS: { readonly [T in MarkTask]: readonly string[] } = {
  kind: ["cross", "diamond"],
  place: ["left", "right"],
  order: ["cross first", "diamond first"],
  equal: ["equal", "different"],
};

function drawMark(pixels: Uint8Array, kind: number, top: number, left: number): void {
  GLYPHS[kind]!.forEach((line, y) => {
    [...line].forEach((ink, x) => {
      if (ink === "#") pixels[(top + y) * MARK_IMAGE + left + x] = 220;
    });
  });
}
