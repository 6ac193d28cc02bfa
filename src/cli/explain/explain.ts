/** The work of `fovea explain`. */
import { writeFileAtomic } from "../../base/writeFileAtomic.ts";
import { renderExplanation } from "../../train/report/explain/page.ts";
import type { Outcome } from "../command.ts";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";
import type { ExplainOptions } from "./explainOptions.ts";
import { explanationOf } from "./explanation.ts";
import { figuresOf } from "./figures.ts";
import { inWords } from "./inWords.ts";

/** Explains what the network at `path` makes of an image, and writes the page. */
export async function explain(terminal: Terminal, options: ExplainOptions, path: string): Promise<Outcome> {
  const { out } = options;
  if (out === undefined && !options.json)
    throw new UsageError("--out must say where to write the page, unless --json asks for its numbers");
  const found = await explanationOf(terminal, options, path).finally(() => terminal.status(""));
  if (out !== undefined) await writeFileAtomic(out, renderExplanation(found.explanation));
  return { json: figuresOf(found, out), text: inWords(found.explanation, out) };
}
