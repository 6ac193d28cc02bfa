/** Workers as in browsers, over worker_threads: as much as jax-js's pool needs (a script in a Blob, postMessage, onmessage). */
import { Worker as Thread } from "node:worker_threads";

const PRELUDE = `const { parentPort } = require("node:worker_threads");
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => self.onmessage({ data }));
`;

export function provideWorkers(threads) {
  const sources = new Map();
  const { Blob: Original } = globalThis;
  const { createObjectURL } = URL;
  globalThis.Blob = class extends Original {
    constructor(parts, options) {
      super(parts, options);
      this.source = parts.join("");
    }
  };
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob);
    sources.set(url, blob.source);
    return url;
  };
  Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: threads }, configurable: true });
  globalThis.Worker = class {
    #thread;

    constructor(url) {
      this.#thread = new Thread(PRELUDE + sources.get(url), { eval: true });
      this.#thread.on("message", (data) => this.onmessage?.({ data }));
      this.#thread.on("error", (error) => this.onerror?.(error));
    }

    postMessage(message) {
      this.#thread.postMessage(message);
    }

    terminate() {
      this.#thread.terminate();
    }
  };
}
