/** What can be seen from using the package, in plain Node and with the compiler. Each check gives one sentence per fault. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TRAINING, TYPED_CONSUMER } from "./consumer.ts";
import { link, PLAIN, type Unpacked } from "./unpacked.ts";

interface Ended {
  readonly ok: boolean;
  /** Standard output, without white space around it. */
  readonly out: string;
  /** All that was printed, on one line. */
  readonly all: string;
}

function run(program: string, args: readonly string[], cwd: string): Ended {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env: PLAIN, encoding: "utf8", timeout: 120_000 });
  const all = [error?.message, stdout, stderr]
    .join("\n")
    .trim()
    .replace(/\s*\n\s*/g, " | ");
  return { ok: status === 0, out: (stdout ?? "").trim(), all };
}

const runModule = (text: string, cwd: string): Ended => run(process.execPath, ["--input-type=module", "--eval", text], cwd);

/** What users import: "fovea", "fovea/nn", ... */
export function entryPoints({ manifest }: Unpacked): string[] {
  return Object.entries(manifest.exports).flatMap(([key, target]) => (target.endsWith(".js") ? [key.replace(".", manifest.name)] : []));
}

/** Every entry point, each in a process of its own, so that none leans on what another has loaded. */
export function failedImports(unpacked: Unpacked): string[] {
  return entryPoints(unpacked).flatMap((name) => {
    const text = `const all = await import(${JSON.stringify(name)}); if (Object.keys(all).length === 0) throw new Error("exports nothing");`;
    const { ok, all } = runModule(text, unpacked.project);
    return ok ? [] : [`${name}: ${all}`];
  });
}

/** What lies in dist but is no entry point must not be importable: users would come to depend on it. */
export function openDoors({ project, manifest, files }: Unpacked): string[] {
  const entries = new Set(Object.values(manifest.exports));
  const inner = files.find((file) => file.endsWith(".js") && !entries.has(`./${file}`));
  if (inner === undefined) return [];
  const { ok, all } = runModule(`await import("${manifest.name}/${inner}")`, project);
  return !ok && all.includes("ERR_PACKAGE_PATH_NOT_EXPORTED") ? [] : [`${manifest.name}/${inner} can be imported`];
}

/** One step of training after the other, from the package, on two threads. */
export function failedTraining({ project }: Unpacked): string[] {
  const { ok, out, all } = runModule(TRAINING, project);
  return ok && out === "2 50 learned" ? [] : [all];
}

/** A platform that users compile for. */
export interface Platform {
  readonly what: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly has: (entryPoint: string) => boolean;
}

const STRICT = { strict: true, skipLibCheck: false, noEmit: true, target: "es2022" };

export const PLATFORMS: readonly Platform[] = [
  {
    what: "Node: module nodenext, no DOM",
    options: { ...STRICT, module: "nodenext", lib: ["es2023"], types: ["node"] },
    has: () => true,
  },
  {
    what: "browsers: module esnext, a bundler, no @types/node",
    options: { ...STRICT, module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom", "dom.iterable"], types: [] },
    has: (name) => !name.endsWith("/node"),
  },
];

/** Type-checks programs that use the package, its declarations included. */
export function typeErrors(unpacked: Unpacked, root: string, { options, has }: Platform): string[] {
  const { project } = unpacked;
  const imports = entryPoints(unpacked).filter(has);
  const everything = imports.map((name, i) => `import * as entry${i} from "${name}";`).join("\n");
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  writeFileSync(join(project, "consumer.ts"), TYPED_CONSUMER);
  writeFileSync(join(project, "everything.ts"), `${everything}\nexport default [${imports.map((_, i) => `entry${i}`).join(", ")}];\n`);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*.ts"] }));
  if (!existsSync(join(project, "node_modules", "@types", "node"))) link(root, project, "@types/node");
  const { ok, out, all } = run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", project], project);
  if (ok) return [];
  const errors = out.split("\n").filter((line) => line.includes("error TS"));
  return errors.length > 0 ? errors : [all];
}

/** The commands, as npm installs them: links in node_modules/.bin. */
export function failedCommands({ project, folder, manifest }: Unpacked): string[] {
  const bin = join(project, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  return Object.entries(manifest.bin).flatMap(([name, target]) => {
    const file = join(folder, target);
    if (!existsSync(file)) return [`${name}: there is no ${target}`];
    chmodSync(file, 0o755);
    const command = join(bin, name);
    symlinkSync(file, command, "file");
    // On Windows npm writes a script in place of a link. The first line of the file is used where there are links.
    const call = (argument: string): Ended =>
      process.platform === "win32" ? run(process.execPath, [command, argument], project) : run(command, [argument], project);
    const version = call("--version");
    const help = call("--help");
    return [
      ...(version.ok && version.out === manifest.version
        ? []
        : [`${name} --version: ${manifest.version} was expected, got ${version.all}`]),
      ...(help.ok && help.out.includes(`Usage: ${name}`) ? [] : [`${name} --help: ${help.all}`]),
    ];
  });
}
