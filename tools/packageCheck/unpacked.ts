import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** The parts of package.json that are checked. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The package as its users have it: unpacked in the node_modules of a project of theirs. */
export interface Unpacked {
  /** The project. */
  readonly project: string;
  /** The package in it. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Paths of all files of the package, with slashes. */
  readonly files: readonly string[];
  /** Bytes of the archive that users download. */
  readonly packedBytes: number;
}

/** What every process here runs in: plain Node, without the loader that runs this tool. */
export const PLAIN: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: "" };

/** Packs the package in `root`, and installs it and its dependencies into a new project below `folder`. Needs no network. */
export function packAndUnpack(root: string, folder: string): Unpacked {
  const shell = process.platform === "win32"; // where npm is a script
  // The build has been done, and a second one would hide what is wrong with it.
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root, env: PLAIN, stdio: "pipe", shell });
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  if (archive === undefined) throw new Error("npm pack has written no archive");
  const packed = join(folder, archive);
  execFileSync("tar", ["-xzf", packed, "-C", folder]);

  const project = join(folder, "project");
  const manifest = readManifest(join(folder, "package"));
  const installed = join(project, "node_modules", manifest.name);
  mkdirSync(dirname(installed), { recursive: true });
  renameSync(join(folder, "package"), installed);
  for (const name of Object.keys(manifest.dependencies ?? {})) link(root, project, name);
  return { project, folder: installed, manifest, files: filesIn(installed), packedBytes: readFileSync(packed).length };
}

/** Makes a package that is installed in `root` a package of the project. */
export function link(root: string, project: string, name: string): void {
  const to = join(project, "node_modules", name);
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(join(root, "node_modules", name), to, "junction");
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** Paths of all files below `folder`, relative to it, sorted. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll(sep, "/"),
    )
    .sort();
}
