/** What can be seen from the files of the package. Each check gives one sentence per fault, none if all is well. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, posix } from "node:path";
import { filesIn, type Unpacked } from "./unpacked.ts";

const BESIDE_DIST = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];

/** dist, the three documents and package.json: all of them, and nothing else. */
export function wrongFiles({ files }: Unpacked): string[] {
  return [
    ...BESIDE_DIST.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => !file.startsWith("dist/") && !BESIDE_DIST.includes(file)).map((file) => `${file} does not belong there`),
  ];
}

/** Every source is compiled, nothing is left of sources that are gone, and no source is newer than what it was compiled to. */
export function staleFiles({ files }: Unpacked, root: string): string[] {
  const sources = filesIn(join(root, "src")).filter((file) => file.endsWith(".ts"));
  const modules = new Set(sources.map((file) => `dist/${file.slice(0, -".ts".length)}`));
  const left = files.filter((file) => file.startsWith("dist/") && !modules.has(file.replace(/(\.d\.ts|\.js|\.js\.map)$/, "")));
  const faults = left.map((file) => `${file} has no source: delete dist and build again`);
  for (const source of sources) {
    for (const extension of [".js", ".d.ts"]) {
      const file = `dist/${source.slice(0, -".ts".length)}${extension}`;
      if (!files.includes(file)) faults.push(`${file} is missing: build again`);
      else if (statSync(join(root, file)).mtimeMs < statSync(join(root, "src", source)).mtimeMs) {
        faults.push(`${file} is older than src/${source}: build again`);
      }
    }
  }
  return faults;
}

/** Every source map that is named is there, and holds its sources or points to files of the package. */
export function brokenMaps({ folder, files }: Unpacked): string[] {
  const there = new Set(files);
  const faults: string[] = [];
  for (const file of files.filter((f) => f.startsWith("dist/"))) {
    const text = readFileSync(join(folder, file), "utf8");
    const beside = (path: string): string => posix.join(posix.dirname(file), path);
    if (file.endsWith(".map")) {
      const { sources, sourcesContent } = JSON.parse(text) as { sources: string[]; sourcesContent?: (string | null)[] };
      const lost = sources.find((source, i) => typeof sourcesContent?.[i] !== "string" && !there.has(beside(source)));
      if (lost !== undefined) faults.push(`${file} points to ${lost}, which is not in the package`);
    } else {
      const map = /^\/\/# sourceMappingURL=(?!data:)(\S+)\s*$/m.exec(text)?.[1];
      if (map !== undefined && !there.has(beside(map))) faults.push(`${file} names ${map}, which is not in the package`);
    }
  }
  return faults;
}

/** Folders of the machine that built the package, in any of its files. */
export function machinePaths({ folder, files }: Unpacked, root: string): string[] {
  const known = [root, `${homedir()}/`].map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`${known.join("|")}|(?<![\\w.-])/(?:home|Users|root|work|tmp)/\\w+|[A-Z]:\\\\\\\\?Users`);
  return files.flatMap((file) => {
    const found = pattern.exec(readFileSync(join(folder, file), "latin1"));
    return found ? [`${file} has ${found[0]}`] : [];
  });
}

/** Apache-2.0, in package.json and as the text, whole. */
export function wrongLicense({ folder, files, manifest }: Unpacked): string[] {
  const faults = manifest.license === "Apache-2.0" ? [] : [`package.json says ${manifest.license}`];
  if (!files.includes("LICENSE")) return [...faults, "LICENSE is missing"];
  const text = readFileSync(join(folder, "LICENSE"), "utf8").replace(/\s+/g, " ");
  const parts = ["Apache License Version 2.0, January 2004", "3. Grant of Patent License.", "END OF TERMS AND CONDITIONS"];
  return [...faults, ...parts.filter((part) => !text.includes(part)).map((part) => `LICENSE does not say "${part}"`)];
}
