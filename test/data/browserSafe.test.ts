import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";

const SOURCE = resolve(import.meta.dirname, "../../src");

/** Everything that loading `entry` loads, as written in import and export statements. */
function imports(entry: string): readonly string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    if (!path.endsWith(".ts")) return;
    for (const [, from] of readFileSync(path, "utf8").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)) {
      visit(from!.startsWith(".") ? resolve(dirname(path), from!) : from!);
    }
  };
  visit(resolve(SOURCE, entry));
  return [...seen];
}

test.each(["data/index.ts", "interop/index.ts"])("%s loads in a browser: it imports nothing but its own kind", (entry) => {
  const loaded = imports(entry);
  expect(loaded.length).toBeGreaterThan(3);
  expect(loaded.filter((path) => !path.startsWith(SOURCE))).toEqual([]);
});

test("the walk would see a node import", () => {
  expect(imports("data/node.ts")).toContain("node:fs/promises");
});
