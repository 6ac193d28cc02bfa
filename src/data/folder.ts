/** Finding and reading the files of a data set in a folder, packed (.gz) or not. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "./dataError.ts";
import { gunzip } from "./gzip.ts";
import type { NamedBytes } from "./idx.ts";

/** File names in a folder, sorted. Throws DataError "missing"; `wanted` says in its message what was to be found there. */
export async function listFolder(folder: string, wanted: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new DataError("missing", `${folder}: a folder was expected, got ${code}. Give a folder that holds ${wanted}.`, { cause });
  }
}

/** Paths of the files whose name, without .gz, is `wanted`. Where a file lies there packed and unpacked, the unpacked one counts. */
export function matching(folder: string, names: readonly string[], wanted: (name: string) => boolean): readonly string[] {
  const bare = (name: string) => name.replace(/\.gz$/, "");
  return names
    .filter((name) => wanted(bare(name)) && (bare(name) === name || !names.includes(bare(name))))
    .map((name) => join(folder, name));
}

/** A file's content, unpacked. Throws DataError "missing" if it cannot be read, FormatError if it is damaged. */
export async function readUnpacked(path: string): Promise<NamedBytes> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new DataError("missing", `${path}: file could not be read, got ${String(cause)}.`, { cause });
  });
  return { bytes: await gunzip(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), path), file: path };
}

/** The error for a folder in which nothing fits: says what was looked for and what is there. */
export function nothingIn(folder: string, names: readonly string[], wanted: string): DataError {
  const shown = names.slice(0, 8).join(", ");
  const there = names.length === 0 ? "an empty folder" : names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
  return new DataError("missing", `${folder}: looked for ${wanted}, got ${there}. Give the folder that holds these files.`);
}
