import { spawnSync } from "node:child_process";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** One error as TypeScript reports it: its whole text, lines below it included. */
export interface CompilerError {
  /** From the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What tsc prints for these arguments. One checker, so that its counts repeat. */
export function compilerOutput(...args: readonly string[]): string {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, "--noEmit", "--pretty", "false", "--singleThreaded", ...args], { cwd: root, encoding: "utf8" })
    .stdout;
}

/** The options of tsconfig.json that matter for shapes, to check single files: a project would bring its other files along. */
export const SINGLE_FILES: readonly string[] = (
  "--ignoreConfig --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --skipLibCheck --allowImportingTsExtensions " +
  "--noErrorTruncation --module nodenext --target es2022 --lib es2023,dom,dom.iterable --types node"
).split(" ");

/** The errors that tsc reports for these arguments, in the order of files, lines and columns. */
export function compilerErrors(...args: readonly string[]): CompilerError[] {
  const errors: { file: string; line: number; column: number; text: string }[] = [];
  for (const line of compilerOutput(...args).split("\n")) {
    const [, file, row, column, text] = /^(\S+)\((\d+),(\d+)\): error (.*)/.exec(line) ?? [];
    if (file !== undefined)
      errors.push({ file: relative(root, resolve(root, file)), line: Number(row), column: Number(column), text: text! });
    else if (errors.length > 0) errors.at(-1)!.text += `\n${line}`;
  }
  return errors;
}

/**
 * Whether an error of the run says what the compiler says. The compiler underlines a layer that misfits at construction,
 * where the run puts its path in front.
 */
export const saysSame = (thrown: string, shown: string): boolean =>
  thrown.endsWith(shown) && /^([\w.]+(: |\.))?$/.test(thrown.slice(0, thrown.length - shown.length));
