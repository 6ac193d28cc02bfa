/**
 * `npm run op-table`: what every op can do in 1-D, 2-D and 3-D, found by running it, written into docs/results.md between its markers.
 * `-- --print` writes it to the terminal instead.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { goldenTable } from "./opTable/golden.ts";
import { lawTable } from "./opTable/laws.ts";

const FILE = join(import.meta.dirname, "..", "docs", "results.md");
const [BEGIN, END] = ["<!-- op table: npm run op-table -->", "<!-- end of op table -->"];

const tables = [await goldenTable(), await lawTable()].join("\n\n");
if (process.argv.includes("--print")) {
  console.log(tables);
} else {
  const text = await readFile(FILE, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${FILE}: must hold ${BEGIN} and ${END}`);
  await writeFile(FILE, `${text.slice(0, begin + BEGIN.length)}\n${tables}\n${text.slice(end)}`);
}
