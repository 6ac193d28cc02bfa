import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WriteError } from "../../src/base/writeFileAtomic.ts";
import { DataError, download, type Progress } from "../../src/data/node.ts";

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3);
const FILE = { name: "file.bin", bytes: CONTENT.length, sha256: createHash("sha256").update(CONTENT).digest("hex") };

let folder: string;
let server: Server;
let mirror: string;
let handler: (request: IncomingMessage, response: ServerResponse) => void;
let requests: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fovea-download-"));
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers.range ?? "all"}`);
    handler(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
});

/** Serves `content`, obeying ranges; breaks the connection after `limit` bytes of each answer. */
function serve(content: Uint8Array, limit = Number.POSITIVE_INFINITY): typeof handler {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= content.length) return void response.writeHead(416).end();
    const body = content.subarray(from);
    const headers = { "Content-Length": body.length, "Content-Range": `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(request.headers.range ? 206 : 200, headers);
    if (body.length <= limit) return void response.end(body);
    response.write(body.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Whether the file is here, whole. (A buffer comparison: matchers take seconds for so many elements.) */
const fetched = async (path = join(folder, FILE.name)) => (await readFile(path)).equals(CONTENT);
const failure = async (promise: Promise<unknown>): Promise<DataError> => {
  const error = await promise.then(
    () => expect.unreachable("should have failed"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};

test("a whole file, once; progress reaches the end", async () => {
  handler = serve(CONTENT);
  const progress: Progress[] = [];
  const path = await download([`${mirror}/set/`], FILE, join(folder, "new"), { onProgress: (p) => progress.push(p) });
  expect(path).toBe(join(folder, "new", "file.bin"));
  expect(await fetched(path)).toBe(true);
  expect(progress.at(-1)).toEqual({ file: "file.bin", received: CONTENT.length, total: CONTENT.length });
  expect(await readdir(join(folder, "new"))).toEqual(["file.bin"]);
  await download([`${mirror}/set/`], FILE, join(folder, "new"));
  expect(requests).toEqual(["/set/file.bin all"]);
});

test("a connection that breaks is taken up where it broke", async () => {
  handler = serve(CONTENT, 120_000);
  await download([mirror], FILE, folder);
  expect(await fetched()).toBe(true);
  expect(requests.length).toBeGreaterThanOrEqual(3);
  expect(requests.slice(1).every((line) => /bytes=[1-9]\d*-/.test(line))).toBe(true);
});

test("what an interrupted call left is continued by the next, also from another mirror", async () => {
  await writeFile(join(folder, "file.bin.part"), CONTENT.subarray(0, 100_001));
  handler = serve(CONTENT);
  await download([mirror], FILE, folder);
  expect(await fetched()).toBe(true);
  expect(requests).toEqual(["/file.bin bytes=100001-"]);
  expect(await readdir(folder)).toEqual(["file.bin"]);
});

test("a server without ranges sends everything again", async () => {
  await writeFile(join(folder, "file.bin.part"), CONTENT.subarray(0, 100_001));
  handler = (_, response) => response.end(CONTENT);
  await download([mirror], FILE, folder);
  expect(await fetched()).toBe(true);
});

test("a complete part is checked and taken without asking anyone", async () => {
  await writeFile(join(folder, "file.bin.part"), CONTENT);
  await download([mirror], FILE, folder);
  expect(requests).toEqual([]);
  expect(await readdir(folder)).toEqual(["file.bin"]);
});

test("a wrong hash is an error, and nothing is left", async () => {
  const other = CONTENT.slice();
  other[5]! ^= 1;
  handler = serve(other);
  const error = await failure(download([mirror], FILE, folder));
  expect(error.fault).toBe("download");
  const found = createHash("sha256").update(other).digest("hex");
  expect(error.message).toBe(
    `file.bin: no mirror delivered the file, got ${mirror}/file.bin: SHA-256 must be ${FILE.sha256}, got ${found}; the download is removed. Check the connection, or put the file into ${folder} yourself.`,
  );
  expect(await readdir(folder)).toEqual([]);
});

test("a mirror that lacks the file is passed over", async () => {
  const good = serve(CONTENT);
  handler = (request, response) => (request.url?.startsWith("/none/") ? response.writeHead(404).end() : good(request, response));
  await download([`${mirror}/none`, mirror], FILE, folder);
  expect(await fetched()).toBe(true);
  expect(requests).toEqual(["/none/file.bin all", "/file.bin all"]);
});

test("if no mirror delivers, one error names each and why", async () => {
  handler = (request, response) => void response.writeHead(request.url?.startsWith("/a/") ? 404 : 503).end();
  const closed = "http://127.0.0.1:1";
  const error = await failure(download([`${mirror}/a`, `${mirror}/b`, closed], FILE, folder));
  expect(error.message).toContain(`${mirror}/a/file.bin: HTTP 404; ${mirror}/b/file.bin: HTTP 503; ${closed}/file.bin: `);
  expect(await readdir(folder)).toEqual([]);
});

test("a server that gives up for good leaves the part for the next call", async () => {
  const first = serve(CONTENT, 50_000);
  handler = (request, response) => (requests.length === 1 ? first(request, response) : response.destroy());
  const error = await failure(download([mirror], FILE, folder));
  expect(error.message).toMatch(/[1-9]\d* of 300000 bytes are kept; the next call continues there\./);
  expect(await readdir(folder)).toEqual(["file.bin.part"]);
  handler = serve(CONTENT);
  await download([mirror], FILE, folder);
  expect(await fetched()).toBe(true);
});

test("a server that falls silent counts as broken", async () => {
  handler = (_, response) => void response.writeHead(200).write(CONTENT.subarray(0, 10));
  const error = await failure(download([mirror], FILE, folder, { idleMs: 100 }));
  expect(error.message).toContain("nothing came for 100 ms");
});

test("a server that sends too much, or has too little, is not trusted", async () => {
  handler = (_, response) => response.end(Buffer.concat([CONTENT, CONTENT]));
  expect((await failure(download([mirror], FILE, folder))).message).toContain("more than the published 300000 bytes");
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, "file.bin.part"), CONTENT.subarray(0, 200_000));
  handler = serve(CONTENT.subarray(0, 100_000));
  expect((await failure(download([mirror], FILE, folder))).message).toContain("HTTP 416");
  expect(await readdir(folder)).toEqual([]);
});

test("a folder that cannot be made is a fault of its own", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(download([mirror], FILE, join(folder, "file", "below"))).rejects.toThrow(WriteError);
});
