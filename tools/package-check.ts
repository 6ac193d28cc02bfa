/**
 * Checks the package as its users get it: packed by npm, unpacked in a project of its own, imported by plain Node, compiled
 * against, and called. Builds dist if there is none.
 *
 *     npm run package-check
 *
 * Prints one line per check. Exits with 1 if any failed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenMaps, machinePaths, staleFiles, wrongFiles, wrongLicense } from "./packageCheck/files.ts";
import { packAndUnpack, type Unpacked } from "./packageCheck/unpacked.ts";
import { entryPoints, failedCommands, failedImports, failedTraining, openDoors, PLATFORMS, typeErrors } from "./packageCheck/use.ts";

const ROOT = join(import.meta.dirname, "..");

/** What is checked, and how its faults are found. */
type Check = readonly [what: string, faults: () => readonly string[]];

function checksOf(unpacked: Unpacked): readonly Check[] {
  return [
    ["dist, the documents and package.json, and nothing else", () => wrongFiles(unpacked)],
    ["dist is what src compiles to", () => staleFiles(unpacked, ROOT)],
    ["source maps lead somewhere", () => brokenMaps(unpacked)],
    ["no paths of this machine", () => machinePaths(unpacked, ROOT)],
    ["license: Apache-2.0", () => wrongLicense(unpacked)],
    [`${entryPoints(unpacked).length} entry points import in plain Node ${process.version}`, () => failedImports(unpacked)],
    ["what is no entry point can not be imported", () => openDoors(unpacked)],
    ["LeNet-5 learns on 2 threads, from the package", () => failedTraining(unpacked)],
    ...PLATFORMS.map((platform): Check => [`types for ${platform.what}`, () => typeErrors(unpacked, ROOT, platform)]),
    [`commands ${Object.keys(unpacked.manifest.bin).join(", ")}: --version, --help`, () => failedCommands(unpacked)],
  ];
}

const SHOWN = 5;

/** Prints the line of one check, and its first faults. */
function passes([what, find]: Check): boolean {
  const faults = find();
  console.log(`${faults.length === 0 ? "ok    " : "FAILED"}  ${what}`);
  for (const fault of faults.slice(0, SHOWN)) console.log(`        ${fault}`);
  if (faults.length > SHOWN) console.log(`        and ${faults.length - SHOWN} more`);
  return faults.length === 0;
}

function main(): number {
  if (!existsSync(join(ROOT, "dist"))) {
    const { status } = spawnSync("npm", ["run", "build"], { cwd: ROOT, stdio: "inherit", shell: process.platform === "win32" });
    if (status !== 0) throw new Error("npm run build has failed");
  }
  // The real path: where the folder for temporary files is a link, Node would name files in it in two ways.
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "fovea-package-"));
  try {
    const unpacked = packAndUnpack(ROOT, folder);
    const failed = checksOf(unpacked).filter((check) => !passes(check)).length;
    const { manifest, files, packedBytes } = unpacked;
    console.log(`${manifest.name} ${manifest.version}: ${files.length} files, ${packedBytes} bytes packed, ${failed} checks failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(`package-check: ${(error as Error).message}`);
  process.exitCode = 1;
}
