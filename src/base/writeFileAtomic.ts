/** For Node only: nothing that a browser loads may import this file. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file could not be written. `code` is the system's word for why: ENOSPC, EACCES, ENOENT ... */
export class WriteError extends Error {
  override readonly name: string = "WriteError";
  readonly code: string;

  constructor(path: string, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${path}: file could not be written, got ${reason}. ${REMEDIES[code] ?? "Choose another place to write to."}`, { cause });
    this.code = code;
  }
}

const REMEDIES: { readonly [code: string]: string } = {
  ENOSPC: "The disk is full: free some space.",
  EDQUOT: "The disk quota is used up: free some space.",
  EFBIG: "The file is larger than this system allows: choose another disk, or raise the limit.",
  ENOENT: "Its folder does not exist: create it.",
  ENOTDIR: "Its folder is a file: choose another place.",
  EISDIR: "There is a folder of this name: choose another name.",
  EACCES: "Permission is lacking: choose a folder you may write to.",
  EPERM: "Permission is lacking: choose a folder you may write to.",
  EROFS: "The disk is read-only: choose another one.",
};

let serial = 0;

/**
 * Writes a whole file or nothing: after a crash at any point `path` holds either all of `data` or what it held before.
 *
 * The data goes to a temporary file beside it, which is flushed to the disk and renamed. Throws WriteError, and leaves no
 * temporary file behind.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  // Unique among processes and within this one, so that two writers of the same file do not meet.
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${serial++}.tmp`);
  let handle: FileHandle | undefined;
  let created = false;
  try {
    handle = await open(temporary, "wx");
    created = true;
    await handle.writeFile(data);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (cause) {
    await handle?.close().catch(() => {});
    if (created) await rm(temporary, { force: true }).catch(() => {});
    throw new WriteError(path, cause);
  }
  await syncFolder(dirname(path));
}

/** Makes a rename durable, where the system can open folders at all (Windows cannot, and some network disks refuse). */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The file is complete and in place; only its survival of a power cut in the next seconds is not promised.
  }
}
