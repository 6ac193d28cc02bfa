import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";

/** One import of one file from another, both relative to src/. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly to: string;
}

/** Imports and re-exports, also of types only; imports for their effect; calls of import(). */
const STATEMENT =
  /\b(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"'\n]+)["']|\bimport\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;

/** Every import of a file of src/ from another, in order of file and line. Packages and Node's own modules are left out. */
export async function importsIn(src: string): Promise<Import[]> {
  const files = (await readdir(src, { recursive: true })).map((f) => f.replaceAll("\\", "/")).filter((f) => f.endsWith(".ts"));
  const all: Import[] = [];
  for (const file of files.sort()) all.push(...importsOf(file, await readFile(join(src, file), "utf8")));
  return all;
}

/** The imports of one file, from its text. */
export function importsOf(file: string, text: string): Import[] {
  const code = withoutComments(text);
  return [...code.matchAll(STATEMENT)].flatMap((match) => {
    const specifier = match[1] ?? match[2] ?? match[3]!;
    if (!specifier.startsWith(".")) return [];
    const line = code.slice(0, match.index + match[0].lastIndexOf(specifier)).split("\n").length;
    return [{ file, line, to: posix.normalize(posix.join(posix.dirname(file), specifier)) }];
  });
}

/** The text with comments as blanks: lines keep their numbers. Strings are left alone, so that "//" in them starts nothing. */
const withoutComments = (text: string): string =>
  text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (token) =>
    token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token,
  );
