/** Published files, fetched once: from the first mirror that works, resumed where a connection broke, and checked. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { WriteError } from "../base/writeFileAtomic.ts";
import { DataError } from "./dataError.ts";

/** A file whose content is known. */
export interface Published {
  readonly name: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

export interface Progress {
  readonly file: string;
  /** Bytes here so far, of `total`. */
  readonly received: number;
  readonly total: number;
}

export interface DownloadOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** A connection that brings nothing for this many milliseconds counts as broken; default 30,000. */
  readonly idleMs?: number;
}

/** Why one mirror did not deliver. */
class MirrorFailure extends Error {}

/**
 * Path of `file` in `folder`, downloaded unless it is there. `mirrors` are addresses of folders, tried in order.
 *
 * An unfinished download stays as `<name>.part` and is continued by the next call. Throws DataError "download" when no mirror
 * delivers the file with the published SHA-256, and WriteError when it cannot be stored.
 */
export async function download(
  mirrors: readonly string[],
  file: Published,
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const path = join(folder, file.name);
  if ((await sizeOf(path)) === file.bytes) return path;
  const part = `${path}.part`;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new WriteError(path, cause);
  });
  const failures: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror.replace(/\/+$/, "")}/${file.name}`;
    try {
      await fetchAll(url, file, part, options);
      await check(part, file);
      await rename(part, path);
      return path;
    } catch (failure) {
      if (!(failure instanceof MirrorFailure)) throw failure;
      failures.push(`${url}: ${failure.message}`);
    }
  }
  const kept = await sizeOf(part);
  const rest = kept > 0 ? ` ${kept} of ${file.bytes} bytes are kept; the next call continues there.` : "";
  throw new DataError(
    "download",
    `${file.name}: no mirror delivered the file, got ${failures.join("; ")}.${rest} Check the connection, or put the file into ${folder} yourself.`,
  );
}

/** Fetches until all bytes are there. A broken connection is taken up again as long as each brings something. */
async function fetchAll(url: string, file: Published, part: string, options: DownloadOptions): Promise<void> {
  if ((await sizeOf(part)) > file.bytes) await rm(part, { force: true });
  for (let have = await sizeOf(part); have < file.bytes; ) {
    const broken = await fetchSome(url, file, part, have, options);
    const now = await sizeOf(part);
    if (now < file.bytes && now <= have) throw new MirrorFailure(broken ?? `the connection ended after ${now} of ${file.bytes} bytes`);
    have = now;
  }
}

/** One request for the bytes from `have` on; gives the reason if the connection broke. */
async function fetchSome(
  url: string,
  file: Published,
  part: string,
  have: number,
  { onProgress, idleMs = 30_000 }: DownloadOptions,
): Promise<string | undefined> {
  const abort = new AbortController();
  const late = () => abort.abort(new Error(`nothing came for ${idleMs} ms`));
  let timer = setTimeout(late, idleMs);
  try {
    // Without "identity" a server may pack the file once more, and ranges and sizes would be those of the packed form.
    const headers: Record<string, string> = { "Accept-Encoding": "identity" };
    if (have > 0) headers.Range = `bytes=${have}-`;
    const response = await fetch(url, { headers, signal: abort.signal }).catch((cause: unknown) => {
      throw new MirrorFailure(reasonOf(cause), { cause });
    });
    const start = startOf(response, have);
    if (start === undefined) {
      await response.body?.cancel();
      if (response.status !== 416) throw new MirrorFailure(`HTTP ${response.status}`);
      // The server has less than we have: what we have is not this file.
      await rm(part, { force: true });
      throw new MirrorFailure("HTTP 416 (the server's file is shorter than the part already here, which is now removed)");
    }
    const reader = response.body?.getReader();
    const handle = await open(part, start > 0 ? "a" : "w").catch((cause: unknown) => {
      throw new WriteError(part, cause);
    });
    try {
      for (let received = start; reader; ) {
        const next = await reader.read();
        if (next.done) return undefined;
        clearTimeout(timer);
        timer = setTimeout(late, idleMs);
        received += next.value.length;
        if (received > file.bytes) {
          await reader.cancel();
          await rm(part, { force: true });
          throw new MirrorFailure(`more than the published ${file.bytes} bytes`);
        }
        await handle.writeFile(next.value).catch((cause: unknown) => {
          throw new WriteError(part, cause);
        });
        onProgress?.({ file: file.name, received, total: file.bytes });
      }
    } finally {
      await handle.close();
    }
    return undefined;
  } catch (cause) {
    if (cause instanceof MirrorFailure || cause instanceof WriteError) throw cause;
    return reasonOf(cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Where the body's first byte belongs: at `have` if the server continues, at 0 if it sends everything; undefined if it sends neither. */
function startOf(response: Response, have: number): number | undefined {
  if (response.status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return response.status === 206 && Number(range?.[1]) === have ? have : undefined;
}

async function check(part: string, { sha256 }: Published): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(part)) hash.update(chunk as Uint8Array);
  const found = hash.digest("hex");
  if (found === sha256) return;
  await rm(part, { force: true });
  throw new MirrorFailure(`SHA-256 must be ${sha256}, got ${found}; the download is removed`);
}

/** Size of a file in bytes, 0 where there is none. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

/** fetch says "fetch failed" and hides why in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || ("code" in cause ? String(cause.code) : cause.name) : error.message;
}
