#!/usr/bin/env node
import { run } from "./fovea.ts";

// A reader that has seen enough (`fovea eval ... | head -1`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
process.exitCode = await run(process.argv.slice(2));
