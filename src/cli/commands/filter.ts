import type { Command } from "commander";
import { applyFilter, toGrey, viewable } from "../../analysis/filters/applyFilter.ts";
import { FILTER_NAMES, type FilterName, type FilterOptions, filterKernel } from "../../analysis/filters/kernels.ts";
import type { NdArray } from "../../base/ndarray.ts";
import { imageSize, readImage, writeImage } from "../../data/image.ts";
import { act, type CommonOptions, command, type Outcome } from "../command.ts";
import { number, oneOf, wholeNumber } from "../options.ts";

interface Options extends CommonOptions, FilterOptions {
  readonly kernel: FilterName;
  readonly out: string;
  readonly grey?: boolean;
}

/** `fovea filter`: a picture through a kernel made by hand. */
export function filterCommand(): Command {
  const examples = [
    ["edges that run down a picture", "fovea filter photo.jpg --kernel sobel-x --out edges.png"],
    ["a picture out of focus", "fovea filter photo.jpg --kernel gaussian --sigma 3 --out soft.png"],
    ["stripes at 45 degrees, in grey", "fovea filter photo.jpg --kernel gabor --angle 45 --grey --out stripes.png"],
  ] as const;
  const made = command("filter", "Convolve a picture with a kernel made by hand. Needs the package sharp: npm install sharp", examples)
    .argument("<image>", "PNG, JPEG, WebP, GIF or TIFF")
    .requiredOption("--kernel <name>", FILTER_NAMES.join(", "), oneOf("--kernel", FILTER_NAMES))
    .requiredOption("--out <file>", "PNG file to write")
    .option("--sigma <pixels>", "width of gaussian and gabor", number("--sigma", 0, false))
    .option("--size <n>", "rows and columns of box, gaussian and gabor", wholeNumber("--size", 1, 999))
    .option("--angle <degrees>", "where gabor's waves run", number("--angle", -360, true))
    .option("--wavelength <pixels>", "from one of gabor's waves to the next", number("--wavelength", 0, false))
    .option("--grey", "the luminance of a coloured picture, not each colour by itself");
  return act<Options>(made, async (_, options, [file = ""]) => filterFile(file, options));
}

async function filterFile(file: string, { kernel: name, out, grey, ...options }: Options): Promise<Outcome> {
  const { sigma, size, angle, wavelength } = options;
  const given = Object.fromEntries(Object.entries({ sigma, size, angle, wavelength }).filter(([, value]) => value !== undefined));
  const kernel = filterKernel(name, given);
  const extent = await imageSize(file);
  const picture = await readImage(file, { ...extent, invert: false });
  const filtered = await applyFilter(grey && extent.channels === 3 ? await toGrey(picture) : picture, kernel);
  const { image, range, shown } = viewable(filtered, kernel);
  await writeImage(out, image);
  const rows = rowsOf(kernel);
  const matrix = rows.length <= 7 ? drawn(rows) : [`a kernel of ${kernel.shape.join(" x ")}`];
  return {
    json: { image: file, kernel: name, weights: rows, shape: image.shape, range, shown, out },
    text: [...matrix, `values ${shown}`, `written to ${out}`].join("\n"),
  };
}

function rowsOf({ shape, data }: NdArray): number[][] {
  const columns = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, r) => [...data.subarray(r * columns, (r + 1) * columns)]);
}

/** The kernel in columns. */
function drawn(rows: readonly (readonly number[])[]): string[] {
  const cells = rows.map((row) => row.map((v) => `${Number(v.toFixed(4))}`));
  const width = Math.max(...cells.flat().map((c) => c.length));
  return cells.map((row) => row.map((c) => c.padStart(width)).join(" "));
}
