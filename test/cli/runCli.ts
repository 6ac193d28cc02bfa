import { execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

let built: Promise<string> | undefined;
const BUILD = join(tmpdir(), `fovea-build-${process.pid}`);
afterAll(() => rmSync(BUILD, { recursive: true, force: true }));

/** The command line as users get it, compiled once for each file of tests: it starts five times faster than from source. */
function build(): Promise<string> {
  built ??= new Promise((resolve, reject) => {
    mkdirSync(BUILD, { recursive: true });
    copyFileSync(join(ROOT, "package.json"), join(BUILD, "package.json"));
    symlinkSync(join(ROOT, "node_modules"), join(BUILD, "node_modules"));
    const [main, tsc] = [join(BUILD, "dist/cli/main.js"), join(ROOT, "node_modules/typescript/bin/tsc")];
    const args = [tsc, "-p", join(ROOT, "tsconfig.build.json"), "--outDir", join(BUILD, "dist")];
    // An error of types is the business of other checks, as long as there is something to run.
    execFile(process.execPath, args, (error) => (existsSync(main) ? resolve(main) : reject(error)));
  });
  return built;
}

/** How a command ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that has come on stderr so far; it may send signals. */
  readonly onStderr?: (stderr: string, kill: (signal: NodeJS.Signals) => boolean) => void;
  /** A shell command to run before, in the same shell: `ulimit -f 100`. */
  readonly before?: string;
}

/** Runs the real command line in a process of its own, without a terminal. */
export async function runCli(args: readonly string[], { cwd, env, onStderr, before }: RunOptions = {}): Promise<Ran> {
  const command = [process.execPath, await build(), ...args];
  const [file, ...rest] = before === undefined ? command : ["sh", "-c", `${before}; exec "$@"`, "sh", ...command];
  const child = spawn(file!, rest, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 100_000,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A new folder that vanishes with the test. */
export function temporaryFolder(finished: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "fovea-cli-"));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
