import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** One of the names that users import. */
export interface EntryPoint {
  /** "fovea", "fovea/nn", ... */
  readonly name: string;
  /** Path of its source file. */
  readonly file: string;
}

const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { exports: Readonly<Record<string, string>> };

/** Every entry point of the package, as package.json declares them. */
export const ENTRY_POINTS: readonly EntryPoint[] = Object.entries(exports)
  .filter(([, target]) => target.endsWith(".js"))
  .map(([key, target]) => ({
    name: key.replace(".", "fovea"),
    file: join(ROOT, target.replace("./dist/", "src/").replace(/\.js$/, ".ts")),
  }));
