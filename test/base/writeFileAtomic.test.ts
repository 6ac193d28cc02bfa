import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WriteError, writeFileAtomic } from "../../src/base/writeFileAtomic.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-write-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const failure = (promise: Promise<void>): Promise<WriteError> =>
  promise.then(
    () => expect.unreachable("should have failed"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(WriteError);
      return error as WriteError;
    },
  );

test("writes, replaces, and leaves nothing else behind", async () => {
  const path = join(folder, "a.bin");
  await writeFileAtomic(path, new Uint8Array([1, 2, 3]));
  await writeFileAtomic(path, "text");
  expect(await readFile(path, "utf8")).toBe("text");
  expect(await readdir(folder)).toEqual(["a.bin"]);
});

test("many writers at once: one of them wins whole", async () => {
  const path = join(folder, "a.bin");
  const contents = Array.from({ length: 8 }, (_, k) => String(k).repeat(100_000));
  await Promise.all(contents.map((text) => writeFileAtomic(path, text)));
  expect(contents).toContain(await readFile(path, "utf8"));
  expect(await readdir(folder)).toEqual(["a.bin"]);
});

test("a missing folder is named, with what to do", async () => {
  const path = join(folder, "none", "a.bin");
  const error = await failure(writeFileAtomic(path, "x"));
  expect(error.code).toBe("ENOENT");
  expect(error.message).toMatch(/^.*none\/a\.bin: file could not be written, got ENOENT.*\. Its folder does not exist: create it\.$/);
});

test("a target that cannot be replaced leaves no temporary file", async () => {
  const path = join(folder, "taken");
  await mkdir(path);
  await failure(writeFileAtomic(path, "x"));
  expect(await readdir(folder)).toEqual(["taken"]);
});

test("a write that fails halfway removes its temporary file and keeps the old content", async () => {
  const path = join(folder, "a.bin");
  await writeFileAtomic(path, "old");
  const module = resolve(import.meta.dirname, "../../src/base/writeFileAtomic.ts");
  const script = `import(${JSON.stringify(module)}).then((m) => m.writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(1 << 20))).catch((e) => console.log(e.message));`;
  // A limit on file size (64 blocks) stands in for a full disk.
  const command = `ulimit -f 64; exec "${process.execPath}" --import tsx -e '${script}'`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8", env: { ...process.env, TSX_DISABLE_CACHE: "1" } });
  expect(stdout, stderr).toMatch(/a\.bin: file could not be written, got EFBIG/);
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a.bin"]);
});
