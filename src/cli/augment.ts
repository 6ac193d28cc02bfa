/** `--augment`: `flip`, `crop` (by up to 4 pixels), `flip,crop=2`. */
import type { FlipAndCrop } from "../data/augment/flipAndCrop.ts";
import { UsageError } from "./failure.ts";
import type { Parse } from "./options.ts";

/** Padding of the crops that He et al. take of CIFAR's images. */
const USUAL_CROP = 4;

/** Reads the text of the option. */
export const augmentation: Parse<Required<FlipAndCrop>> = (text) => {
  const found = { flip: false, crop: 0 };
  for (const word of text.split(",")) {
    const [, pixels] = /^crop(?:=([1-9]\d{0,3}))?$/.exec(word) ?? [];
    if (word === "flip") found.flip = true;
    else if (word === "crop" || pixels !== undefined) found.crop = pixels === undefined ? USUAL_CROP : Number(pixels);
    else throw new UsageError(`--augment must be flip, crop, crop=PIXELS or several with commas between them, got ${text || '""'}`);
  }
  return found;
};

/** As the option is written, undefined where there is nothing to write. */
export function augmentText({ flip, crop }: Required<FlipAndCrop>): string | undefined {
  const words = [...(flip ? ["flip"] : []), ...(crop === 0 ? [] : [crop === USUAL_CROP ? "crop" : `crop=${crop}`])];
  return words.length === 0 ? undefined : words.join(",");
}
