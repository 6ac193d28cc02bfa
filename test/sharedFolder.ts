import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * A folder of files that are not part of the repository: in $FOVEA_SHARED, or in `shared` beside the repository. Undefined where it is
 * absent; then the reason is printed, and the test that asked should be skipped.
 */
export function sharedFolder(path: string): string | undefined {
  const root = process.env.FOVEA_SHARED || resolve(import.meta.dirname, "../../shared");
  const folder = join(root, path);
  if (existsSync(folder)) return folder;
  console.warn(`skipped: needs ${folder}, which is absent (set FOVEA_SHARED to a folder that holds ${path})`);
  return undefined;
}
