/**
 * TensorFlow.js turns its threads off in Node: it hands Blob URLs to workers, which only browsers take (tfjs issue 3830). Here Blobs of
 * scripts become files. Its pool is also capped at half the cores, so twice as many are reported.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";

export function allowThreads() {
  const folder = mkdtempSync(join(os.tmpdir(), "tfjs-threads-"));
  const main = join(folder, "main.cjs");
  const texts = new Map();
  const { Blob: Original } = globalThis;
  const { cpus } = os;
  // Names that the script takes from the page it was made in.
  const prelude = `"use strict";Object.assign(globalThis,{commonjsGlobal:globalThis,require$$0:require("fs"),require$$1:require("path"),\
require$$3:require("perf_hooks"),require$$4:require("os")});URL.createObjectURL=()=>${JSON.stringify(main)};URL.revokeObjectURL=()=>{};`;
  let serial = 0;
  os.cpus = () => [...cpus(), ...cpus()];
  globalThis.Blob = class extends Original {
    constructor(parts, options) {
      super(parts, options);
      const text = parts.join("");
      texts.set(this, text);
      if (options?.type !== "text/javascript") return;
      writeFileSync(main, text);
      // biome-ignore lint/correctness/noConstructorReturn: the library passes what it gets here to its workers, as the place of the script
      return new String(main);
    }
  };
  URL.createObjectURL = (blob) => {
    const file = join(folder, `worker${serial++}.cjs`);
    writeFileSync(file, prelude + texts.get(blob));
    return file;
  };
  URL.revokeObjectURL = () => {};
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}
