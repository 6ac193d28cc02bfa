/**
 * Wrong networks do not compile, and do not run, and say why in the same words.
 *
 * Each file in errors/ marks its one mistake by a comment on the line above it: `@expect` gives the whole message, which must
 * be the type that TypeScript wants there; `@includes` a part of an error in TypeScript's own words. TypeScript must report
 * these, on these lines, and nothing else. Run, the file must throw the same message, with the path of the layer in front
 * where the editor underlines the layer itself; `@runtime` says what it is where it differs. `summary`, `fit` and their like may
 * add how the sizes came about, behind a semicolon.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OpError } from "../../src/index.ts";
import { compilerErrors, saysSame } from "./compiler.ts";

const folder = join(import.meta.dirname, "errors");
const errors = compilerErrors("-p", "test/types/errors");

interface Fixture {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly exact: boolean;
  readonly runtime: string | undefined;
}

function readFixture(file: string): Fixture {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  const at = lines.findIndex((line) => /@(expect|includes) /.test(line));
  const [, kind, message] = /@(expect|includes) (.*)/.exec(lines[at] ?? "") ?? [];
  if (message === undefined) throw new Error(`${file} expects nothing`);
  const runtime = lines.map((line) => /@runtime (.*)/.exec(line)?.[1]).find((text) => text !== undefined);
  return { file, line: at + 2, message, exact: kind === "expect", runtime };
}

const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map(readFixture);

describe("the compiler", () => {
  it.each(fixtures)("says in $file: $message", ({ file, line, message, exact }) => {
    const own = errors.filter((e) => e.file === `test/types/errors/${file}`);
    expect(own.map((e) => e.line)).toEqual([line]);
    expect(own[0]!.text).toContain(exact ? `'"${message}"'` : message);
  });

  it("accepts everything else", () => {
    expect(errors.filter((e) => !e.file.startsWith("test/types/errors/"))).toEqual([]);
  });
});

describe("the run", () => {
  it.each(fixtures.filter((f) => !f.runtime?.startsWith("nothing")))("says in $file what the compiler says", async (fixture) => {
    const error = await import(/* @vite-ignore */ join(folder, fixture.file)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpError);
    const { message } = error as OpError;
    const wanted = fixture.runtime ?? fixture.message;
    expect(saysSame(message.split("; sizes on the way: ")[0]!, wanted), message).toBe(true);
  });
});
