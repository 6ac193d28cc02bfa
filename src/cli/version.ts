import { readFileSync } from "node:fs";

/** Version of the package. package.json lies two folders up from here, in src and in dist. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }
).version;
