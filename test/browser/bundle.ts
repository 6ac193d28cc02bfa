import { type BuildOptions, build } from "esbuild";

/** A module that needs nothing else. */
export interface Bundle {
  /** Minified. */
  readonly code: Uint8Array;
  /** Every file in it, relative to the working directory. */
  readonly files: readonly string[];
}

/** Bundles the module at `entry` for browsers. Fails where it, or anything it imports, imports a part of Node. */
export function bundleFile(entry: string): Promise<Bundle> {
  return bundle({ entryPoints: [entry] });
}

/** The same for a module given as text, with the paths of its imports relative to `folder`. */
export function bundleText(contents: string, folder: string): Promise<Bundle> {
  return bundle({ stdin: { contents, resolveDir: folder, loader: "ts" } });
}

async function bundle(entry: BuildOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...entry,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    logLevel: "silent",
  });
  return { code: outputFiles[0]!.contents, files: Object.keys(metafile.inputs) };
}
