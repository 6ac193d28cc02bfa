import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Page {
  readonly results: readonly { readonly backend: string; readonly y: readonly number[]; readonly dx: readonly number[] }[];
}

test("the code of docs/adding-an-op.md runs and gives what the page says", async () => {
  const page = readFileSync(new URL("../../docs/adding-an-op.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1]);
  expect(blocks.length).toBe(3);
  const file = new URL("../generated/addingAnOp.ts", import.meta.url);
  mkdirSync(new URL("./", file), { recursive: true });
  // The page's code stands in src/ops/; here it stands elsewhere.
  writeFileSync(
    file,
    blocks.join("\n").replace(/from "(\.\.?)\//g, (_, up) => `from "../../src/${up === "." ? "ops/" : ""}`),
  );
  const { results } = (await import(file.href)) as Page;
  expect(results.map((r) => r.backend)).toEqual(["reference", "wasm"]);
  for (const { y, dx } of results) {
    expect(y).toEqual([0, 0, 50, 162]);
    expect(dx).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 10, 10, 18, 18, 10, 10, 18, 18]);
  }
});
