/**
 * What workers run, as text: a worker made of text needs no file of its own, so no bundler has to know of it. Plain scripts
 * that every engine understands.
 */
import { CONTROL, NOTE_BYTES } from "../backend/wasm/barrier.ts";

/** Sits in the program's command loop; a trap is written down in shared memory, then everybody is told by poison. */
const SERVE = `
function blame(memory, thread, error) {
  const words = new Int32Array(memory.buffer);
  if (Atomics.compareExchange(words, ${CONTROL.fault / 4}, 0, thread + 1) === 0) {
    const text = new TextEncoder().encode(String((error && error.stack) || error)).subarray(0, ${NOTE_BYTES});
    new Uint8Array(memory.buffer).set(text, ${CONTROL.note + 4});
    words[${CONTROL.note / 4}] = text.length;
  }
  Atomics.or(words, ${CONTROL.generation / 4}, -0x80000000);
  Atomics.notify(words, ${CONTROL.generation / 4});
}
async function serve({ module, memory, thread }, post) {
  let instance;
  try {
    instance = await WebAssembly.instantiate(module, { env: { memory } });
  } catch (error) {
    return post(String(error));
  }
  post("ready");
  try {
    instance.exports.serve(thread);
  } catch (error) {
    blame(memory, thread, error);
  }
}
`;

/** A thread in Node. Its first message is "ready", or what is wrong. */
export const NODE_THREAD: string = `"use strict";${SERVE}
const { workerData, parentPort } = require("node:worker_threads");
serve(workerData, (message) => parentPort.postMessage(message));
`;

/**
 * A worker in a browser, in one of two roles. "thread" serves. "engine" is thread 0: it starts the others, waits until they
 * are ready (a nested worker does not start while its parent blocks), then answers each "run" with "done" or "failed".
 */
export const BROWSER_WORKER: string = `"use strict";${SERVE}
const post = (message) => self.postMessage(message);
const others = [];
let engine;
function startThread(start, thread) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(start.url, { name: "fovea thread " + thread });
    others.push(worker);
    worker.onmessage = ({ data }) => (data === "ready" ? resolve() : reject(data));
    worker.onerror = (event) => reject(event.message || "a nested worker was refused");
    worker.postMessage({ ...start, role: "thread", thread });
  });
}
async function startEngine(start) {
  const starting = [];
  for (let thread = 1; thread < start.threads; thread++) starting.push(startThread(start, thread));
  await Promise.all(starting);
  const { exports } = await WebAssembly.instantiate(start.module, { env: { memory: start.memory } });
  engine = { go: exports.go, memory: start.memory };
}
function go(command) {
  try {
    engine.go(command);
    return "done";
  } catch (error) {
    blame(engine.memory, 0, error);
    return "failed";
  }
}
self.onmessage = ({ data }) => {
  if (data === "run") {
    post(go(1));
  } else if (data === "close") {
    go(0);
    for (const worker of others) worker.terminate();
    self.close();
  } else if (data.role === "thread") {
    serve(data, post);
  } else {
    startEngine(data).then(() => post("ready"), (error) => post(String(error)));
  }
};
`;
