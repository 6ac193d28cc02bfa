import { homedir } from "node:os";
import { join } from "node:path";

/** Folder for downloads: $FOVEA_CACHE, or `fovea` in $XDG_CACHE_HOME, or ~/.cache/fovea. May not exist yet. */
export function cacheFolder(): string {
  const { FOVEA_CACHE, XDG_CACHE_HOME } = process.env;
  if (FOVEA_CACHE) return FOVEA_CACHE;
  return join(XDG_CACHE_HOME || join(homedir(), ".cache"), "fovea");
}
