import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../entryPoints.ts";
import { bundleFile, bundleText } from "./bundle.ts";

const SOURCES = join(import.meta.dirname, "..", "..", "src");

/**
 * Bytes, minified and compressed by gzip, of a page that loads every export of the compiler, layers, optimizers and training:
 * 1.3 times what was measured when all of convolution and pooling was in (81,630). A page that uses less loads less.
 */
const BUDGET = 106_000;

const inBrowsers = ENTRY_POINTS.filter(({ name }) => !name.endsWith("/node"));

test.each(inBrowsers)("$name can be bundled for browsers: it imports nothing but our own sources", async ({ file }) => {
  const { files } = await bundleFile(file);
  expect(files.filter((path) => !path.startsWith("src/"))).toEqual([]);
});

test("a bundle for browsers refuses what imports a part of Node", async () => {
  await expect(bundleFile(join(SOURCES, "data", "node.ts"))).rejects.toThrow(/Could not resolve "node:/);
});

test(`the compiler, layers, optimizers and training fit in ${BUDGET} bytes`, async () => {
  const parts = { fovea: "./index.ts", nn: "./nn/index.ts", optim: "./optim/index.ts", train: "./train/index.ts" };
  const text = Object.entries(parts).map(([name, path]) => `export * as ${name} from "${path}";`);
  const { code } = await bundleText(text.join("\n"), SOURCES);
  const compressed = gzipSync(code, { level: 9 }).length;
  process.stderr.write(`bundle for browsers: ${code.length} bytes minified, ${compressed} with gzip (budget ${BUDGET})\n`);
  expect(compressed).toBeLessThanOrEqual(BUDGET);
});
