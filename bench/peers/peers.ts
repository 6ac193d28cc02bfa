/** Who takes part. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Item } from "./items.ts";

export interface Peer {
  readonly name: string;
  /** What it computes with; a group of targets is "the best WebAssembly peer". */
  readonly kind: "fovea" | "webassembly" | "javascript" | "native" | "bound";
  /** Whether its cold start and its memory say something. */
  readonly whole: boolean;
  /** What it is timed on; default: everything. */
  readonly takes?: (item: Item, threads: number) => boolean;
  /** The command that serves items on so many threads, or one that computes a first result and exits; a text says why there is none. */
  command(mode: "serve" | "cold", threads: number): readonly string[] | string;
}

const script = (file: string): string => join(import.meta.dirname, "peers", file);

const node =
  (file: string, ...options: string[]): Peer["command"] =>
  (mode, threads) => [process.execPath, script(file), mode, String(threads), ...options];

const forward = ({ pass }: Item): boolean => pass === "fwd";

/** In the order of the tables. */
export const PEERS: readonly Peer[] = [
  { name: "fovea", kind: "fovea", whole: true, command: node("fovea.mjs") },
  {
    name: "fovea-copied",
    kind: "fovea",
    whole: false,
    takes: (item) => "network" in item && forward(item),
    command: node("fovea.mjs", "--copied"),
  },
  { name: "ceiling", kind: "bound", whole: false, takes: (item) => "conv" in item && forward(item), command: node("ceiling.mjs") },
  { name: "tfjs-wasm", kind: "webassembly", whole: true, command: node("tfjs.mjs") },
  { name: "onnxruntime-web", kind: "webassembly", whole: true, takes: forward, command: node("onnxruntime.mjs", "--package=web") },
  { name: "jax-js", kind: "webassembly", whole: true, command: node("jax.mjs") },
  {
    name: "convnetjs",
    kind: "javascript",
    whole: true,
    takes: (item, threads) => "network" in item && item.network.model === "lenet5" && threads === 1,
    command: node("convnet.mjs"),
  },
  { name: "onnxruntime-node", kind: "native", whole: true, takes: forward, command: node("onnxruntime.mjs", "--package=node") },
  {
    name: "torch",
    kind: "native",
    whole: true,
    command(mode, threads) {
      const python = pythonWithTorch();
      return python === undefined ? "no python3 has torch" : [python, script("pytorch.py"), mode, String(threads)];
    },
  },
];

/** Variables that stop libraries from using more threads than asked for. */
export const threadLimits = (threads: number): Record<string, string> => ({
  OMP_NUM_THREADS: String(threads),
  OPENBLAS_NUM_THREADS: String(threads),
});

let found: { readonly command: string | undefined } | undefined;

/** A Python that has torch: the first on the path may be another than the system's. */
export function pythonWithTorch(): string | undefined {
  found ??= { command: [process.env.FOVEA_PYTHON, "python3", "/usr/bin/python3", "python"].find((p) => p !== undefined && hasTorch(p)) };
  return found.command;
}

function hasTorch(command: string): boolean {
  try {
    execFileSync(command, ["-c", "import torch"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
