/** The import law holds, and the script that says so would find what breaks it. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cyclesAmong } from "../tools/layers/cycles.ts";
import { importsIn, importsOf } from "../tools/layers/imports.ts";
import { violationOf } from "../tools/layers/law.ts";

const repository = join(import.meta.dirname, "..");

test("src/ keeps the law", async () => {
  const imports = await importsIn(join(repository, "src"));
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.flatMap((i) => (violationOf(i) ? [`${i.file}:${i.line} ${violationOf(i)}`] : []))).toEqual([]);
  expect(cyclesAmong(imports)).toEqual([]);
});

describe("a planted violation", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fovea-layers-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is found with its file, its line and the rule, and the exit code is 1", async () => {
    const files = {
      "base/shape.ts": "export const rank = 4;\n",
      "nn/linear.ts":
        '/** "import" in a comment, from "../runtime/x.ts". */\nimport { rank } from "../base/shape.ts";\n\nimport {\n  run,\n} from "../runtime/program.ts";\nexport const x = rank + run;\n',
      "runtime/program.ts": 'export const run = 1;\nexport * from "../nn/linear.ts";\n',
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const tsx = join(repository, "node_modules/tsx/dist/cli.mjs");
    const { code, out } = await new Promise<{ code: unknown; out: string }>((resolve) => {
      execFile(process.execPath, [tsx, join(repository, "tools/layers.ts"), folder], { cwd: folder }, (error, stdout) =>
        resolve({ code: error?.code, out: stdout }),
      );
    });
    const apart = "language (nn, models) and machine (passes to runtime) never import each other";
    expect(out.replaceAll(/(^|\n)\S*\/(?=nn\/|runtime\/)/g, "$1").split("\n")).toEqual([
      `nn/linear.ts:6: imports runtime/program.ts: ${apart}`,
      `runtime/program.ts:2: imports nn/linear.ts: ${apart}`,
      "folders import each other in a circle: nn -> runtime -> nn",
      "layers: 3 violations",
      "",
    ]);
    expect(code).toBe(1);
  });
});

test.each([
  ["base/shape.ts", "ir/tensor.ts", "base may import nothing"],
  ["kernel/int.ts", "ir/op.ts", "kernel may import base"],
  ["ops/conv.ts", "autodiff/grad.ts", "ops may import base, kernel, ir"],
  ["data/mnist.ts", "ir/tensor.ts", "data may import base"],
  ["ops/conv.ts", "index.ts", "src/index.ts is for users; import the file itself"],
  ["index.ts", "nn/index.ts", "index may import base, ir, autodiff, backend, runtime"],
  ["lab/page.ts", "base/shape.ts", "the law does not know the folder lab: add it to tools/layers/law.ts"],
  ["base/shape.ts", "../test/shape.ts", "src/ imports nothing beside itself"],
])("%s must not import %s", (file, to, rule) => {
  expect(violationOf({ file, line: 1, to })).toBe(rule);
});

test.each([
  ['import type { A } from "./a.ts";', ["nn/a.ts"]],
  ['export { A } from "../ir/a.ts";', ["ir/a.ts"]],
  ['export * from "./layers/a.ts";', ["nn/layers/a.ts"]],
  ['import "./a.ts";', ["nn/a.ts"]],
  ['const a = await import("./a.ts");', ["nn/a.ts"]],
  ['import fs from "node:fs";\nimport { B } from "../base/b.ts";', ["base/b.ts"]],
  ['export const path = "./a.ts";\nexport const from = 1;', []],
  ['// import { A } from "./a.ts";\n/* import "./b.ts"; */', []],
  ['const url = "https://a"; import { A } from "./a.ts";', ["nn/a.ts"]],
])("imports of %j", (text, expected) => {
  expect(importsOf("nn/x.ts", text).map((i) => i.to)).toEqual(expected);
});
