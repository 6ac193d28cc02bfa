import { RandomStream } from "../../base/random.ts";

/** Each image has so many numbers of its own; 2^29 images then fill the 53 bits of an index. */
const PER_IMAGE = 2 ** 24;
const MOST_IMAGES = 2 ** 29;

/**
 * Random numbers for one image in one epoch, one after another. They depend on (seed, epoch, image) alone: not on the batch
 * the image is in, on what was drawn for others, or on threads.
 */
export class Draws {
  readonly #stream: RandomStream;
  readonly #first: number;
  #drawn = 0;

  /** `stream` is the epoch's (see `epochStream`), `image` the index in the data set. */
  constructor(stream: RandomStream, image: number) {
    if (!Number.isInteger(image) || image < 0 || image >= MOST_IMAGES)
      throw new RangeError(`Draws: image must be a whole number below 2^29, got ${image}.`);
    this.#stream = stream;
    this.#first = image * PER_IMAGE;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.#stream.uniform(this.#next());
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return this.#stream.below(n, this.#next());
  }

  #next(): number {
    if (this.#drawn === PER_IMAGE) throw new RangeError("Draws: one image has 2^24 numbers, and all are drawn.");
    return this.#first + this.#drawn++;
  }
}

/** The stream that all images of an epoch (from 0) draw from. */
export const epochStream = (seed: number, epoch: number): RandomStream => new RandomStream(seed, `augment/${epoch}`);
