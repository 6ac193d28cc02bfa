import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "./entryPoints.ts";

/** What a module exports: values (functions, classes, constants), and types that are not values too. */
interface Surface {
  readonly values: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

const FROM = /^export (type )?\{([^}]*)\} from "([^"]+)";$/;
const ALL_FROM = /^export \* from "([^"]+)";$/;
const DECLARED = /^export (?:declare )?(?:abstract )?(?:async )?(class|function\*?|const|interface|type) ([\w$]+)/;

/** The names that the source text exports. Types leave no trace at run time, so nothing but the text knows of them. */
function surface(file: string): Surface {
  const values = new Set<string>();
  const types = new Set<string>();
  for (const [statement] of readFileSync(file, "utf8").matchAll(/^export [^{;]*(?:\{[^}]*\} from "[^"]+";|.*)/gm)) {
    const listed = FROM.exec(statement);
    const all = ALL_FROM.exec(statement);
    const declared = DECLARED.exec(statement);
    if (listed) {
      const names = listed[2]!.split(",").map((name) => name.trim());
      for (const name of names.filter((name) => name !== "")) {
        const isType = listed[1] !== undefined || name.startsWith("type ");
        (isType ? types : values).add(name.replace(/^type /, "").replace(/^.* as /, ""));
      }
    } else if (all) {
      const inner = surface(join(dirname(file), all[1]!));
      for (const name of inner.values) values.add(name);
      for (const name of inner.types) types.add(name);
    } else if (declared) {
      (declared[1] === "interface" || declared[1] === "type" ? types : values).add(declared[2]!);
    } else {
      throw new Error(`${file}: this test does not understand "${statement}"`);
    }
  }
  return { values, types };
}

// A name that comes, goes or moves is a change for users: update the snapshot on purpose, and say so in CHANGELOG.md.
test.each(ENTRY_POINTS)("$name exports these names", async ({ file }) => {
  const { values, types } = surface(file);
  expect([...values].sort()).toEqual(Object.keys((await import(file)) as object).sort());
  expect([...[...values].sort(), ...[...types].sort().map((type) => `type ${type}`)].join("\n")).toMatchSnapshot();
});
