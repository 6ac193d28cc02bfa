import type { Import } from "./imports.ts";

const GROUND = ["base", "kernel", "ir", "ops"] as const;

/** What each folder of src/ may import, besides itself. */
const LAW = {
  base: [],
  kernel: ["base"],
  ir: ["base", "kernel"],
  ops: ["base", "kernel", "ir"],
  autodiff: ["base", "ir", "ops"],
  optim: ["base", "ir", "ops", "autodiff"],
  data: ["base"],
  interop: ["base", "ir"],
  nn: ["base", "ir", "ops"],
  models: ["base", "ir", "ops", "nn"],
  passes: GROUND,
  plan: [...GROUND, "passes"],
  backend: [...GROUND, "passes", "plan"],
  runtime: [...GROUND, "passes", "plan", "backend"],
  train: [...GROUND, "autodiff", "optim", "data", "interop", "nn", "models", "backend", "runtime"],
  analysis: [...GROUND, "autodiff", "optim", "data", "interop", "nn", "models", "passes", "plan", "backend", "runtime"],
  experiments: [...GROUND, "autodiff", "optim", "data", "interop", "nn", "models", "backend", "runtime", "train", "analysis"],
  cli: [...GROUND, "autodiff", "optim", "data", "interop", "nn", "models", "backend", "runtime", "train", "analysis", "experiments"],
  /** src/index.ts: the public face, without the language and what has entry points of its own. */
  index: ["base", "ir", "autodiff", "backend", "runtime"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Folder = keyof typeof LAW;
const isFolder = (name: string): name is Folder => name in LAW;

const LANGUAGE: readonly string[] = ["nn", "models"];
const MACHINE: readonly string[] = ["passes", "plan", "backend", "runtime"];

/** The folder a file of src/ belongs to; "index" for the file above them all. */
export const folderOf = (file: string): string => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "index");

/** The rule that an import breaks, or nothing. */
export function violationOf({ file, to }: Import): string | undefined {
  const [from, target] = [folderOf(file), folderOf(to)];
  // The command says its version; everything else of the package is src/.
  if (from === "cli" && to === "../package.json") return undefined;
  if (to.startsWith("..")) return "src/ imports nothing beside itself";
  if (!isFolder(from)) return `the law does not know the folder ${from}: add it to tools/layers/law.ts`;
  if (from === target) return undefined;
  if (target === "index") return "src/index.ts is for users; import the file itself";
  const apart = (a: readonly string[], b: readonly string[]): boolean => a.includes(from) && b.includes(target);
  if (apart(LANGUAGE, MACHINE) || apart(MACHINE, LANGUAGE))
    return "language (nn, models) and machine (passes to runtime) never import each other";
  const allowed: readonly string[] = LAW[from];
  return allowed.includes(target) ? undefined : `${from} may import ${allowed.length > 0 ? allowed.join(", ") : "nothing"}`;
}
