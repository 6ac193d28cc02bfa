import type { Command } from "commander";
import { act, command } from "../command.ts";
import { explain } from "../explain/explain.ts";
import type { ExplainOptions } from "../explain/explainOptions.ts";
import { METHOD_NAMES } from "../explain/methods.ts";
import { UsageError } from "../failure.ts";
import { withMachine } from "../machine.ts";
import { DATA_HELP, MODEL_HELP, modelName, oneOf, type Parse, wholeNumber } from "../options.ts";

/** `fovea explain`: what a saved network sees in an image. */
export function explainCommand(): Command {
  const examples = [
    ["what the network of a run sees in the first test image", "fovea explain runs/mine --out page.html"],
    ["in a picture of your own, as to class 7", "fovea explain runs/mine --image digit.png --class 7 --out page.html"],
    ["chosen layers only", "fovea explain runs/mine --watch 0,3 --layer 3 --out page.html"],
    ["whether the explanations depend on what was learnt", "fovea explain runs/mine --method saliency,guided,check --out page.html"],
    ["the numbers of a class map", "fovea explain runs/mine --index 5 --method grad-cam --json"],
  ] as const;
  const made = command(
    "explain",
    "Show on a page what a saved network sees in an image: feature maps, filters, and which pixels speak for a class.",
    examples,
  )
    .argument("<run>", "a run's folder or a weights file")
    .option("--out <file>", "HTML file to write: one page without scripts")
    .option("--image <file>", "a picture: PNG, JPEG, WebP, GIF or TIFF. Needs the package sharp: npm install sharp")
    .option("--data <data>", `${DATA_HELP} (default: what the run was trained on)`)
    .option("--index <n>", "which image of its test set (default: 0)", wholeNumber("--index", 0))
    .option("--model <name>", `for weights from elsewhere: ${MODEL_HELP}`, modelName("--model"))
    .option("--class <name>", "class to explain, by name or index (default: the network's answer)")
    .option("--layer <path>", "layer for grad-cam (default: the last one whose output has space)")
    .option(
      "--watch <paths>",
      "layers to show, with commas (default: all, or some of many)",
      list("--watch", (path) => path),
    )
    .option(
      "--method <names>",
      `what to show, with commas: ${METHOD_NAMES.join(", ")} (default: all but check)`,
      list("--method", oneOf("--method", METHOD_NAMES)),
    )
    .option(
      "--fill <grey>",
      "pixel that hides and that shares are compared with, 0 to 255 (default: the median of the image's border)",
      wholeNumber("--fill", 0, 255),
    )
    .option("--channels <n>", "channels of a layer to maximise", wholeNumber("--channels", 1), 8)
    .option("--steps <n>", "steps of the maximisation", wholeNumber("--steps", 1), 128)
    .option("--seed <n>", "the same seed, the same page", wholeNumber("--seed", 0), 0);
  return act<ExplainOptions>(withMachine(made), (terminal, options, [path = ""]) => explain(terminal, options, path));
}

/** Words with commas between them. */
const list =
  <T>(name: string, parse: Parse<T>): Parse<readonly T[]> =>
  (text) => {
    const words = text.split(",").map((word) => word.trim());
    if (words.includes("")) throw new UsageError(`${name} must be names with commas between them, got ${text === "" ? '""' : text}`);
    return words.map(parse);
  };
