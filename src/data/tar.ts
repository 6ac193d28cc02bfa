/** The regular files of a tar archive: 512-byte headers, each followed by its file. Source: POSIX.1-1988, ustar. */
import { FormatError } from "../base/formatError.ts";

const BLOCK = 512;

/** "checksum": a header's own sum is wrong, so this is no tar, or a damaged one. "truncated": a file runs past the end. */
export type TarFault = "checksum" | "truncated";

/** Each file's content by its name in the archive: views of `bytes`. Throws FormatError. */
export function untar(bytes: Uint8Array<ArrayBuffer>, archive: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length < BLOCK) {
      throw new FormatError<TarFault>(
        archive,
        "truncated",
        `a tar header at byte ${at} needs ${BLOCK} bytes, got ${header.length}. Fetch it again.`,
      );
    }
    const text = (from: number, length: number) => {
      const field = header.subarray(from, from + length);
      const end = field.indexOf(0);
      return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
    };
    const octal = (from: number, length: number) => Number.parseInt(text(from, length).trim(), 8);
    // The sum counts its own eight bytes as spaces.
    const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    if (sum !== octal(148, 8)) {
      throw new FormatError<TarFault>(
        archive,
        "checksum",
        `tar header at byte ${at} must add up to ${octal(148, 8)}, got ${sum}. Fetch it again.`,
      );
    }
    const size = octal(124, 12);
    const start = at + BLOCK;
    if (!(start + size <= bytes.length)) {
      throw new FormatError<TarFault>(
        archive,
        "truncated",
        `${text(0, 100)} needs ${size} bytes, got ${bytes.length - start}. Fetch it again.`,
      );
    }
    const kind = text(156, 1);
    if (kind === "0" || kind === "") files.set(text(0, 100), bytes.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
