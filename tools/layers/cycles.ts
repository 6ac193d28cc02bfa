import type { Import } from "./imports.ts";
import { folderOf } from "./law.ts";

/** Circles of folders, each as the folders on the way and the first again. Whatever the law allows, there must be none. */
export function cyclesAmong(imports: readonly Import[]): string[][] {
  const edges = new Map<string, Set<string>>();
  for (const { file, to } of imports) {
    const [from, target] = [folderOf(file), folderOf(to)];
    if (from !== target) edges.set(from, (edges.get(from) ?? new Set()).add(target));
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): void => {
    const at = path.indexOf(folder);
    if (at >= 0) cycles.push([...path.slice(at), folder]);
    if (at >= 0 || done.has(folder)) return;
    for (const next of [...(edges.get(folder) ?? [])].sort()) visit(next, [...path, folder]);
    done.add(folder);
  };
  for (const folder of [...edges.keys()].sort()) visit(folder, []);
  return cycles;
}
