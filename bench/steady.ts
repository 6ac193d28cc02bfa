/**
 * Whether memory grows: 10,000 training steps of LeNet-5, with new images in each.
 *
 *     npx tsx bench/steady.ts [--json]
 *
 * Prints the memory of the process and what is left on the heap after a collection (JavaScript's objects and buffers outside it) at
 * steps 100, 1000 and 10000. Without --json it exits with 1 if the heap grows by as much as the smallest object in each step.
 */
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { compile, grad, wasm } from "../src/index.ts";
import { lenet5 } from "../src/models/index.ts";
import * as ops from "../src/ops/index.ts";
import { SGD } from "../src/optim/index.ts";

const MARKS = [100, 1000, 10_000] as const;
const BATCH = 8;
/** Bytes a step: no object of V8 is smaller. */
const SMALLEST = 12;

/** Memory after so many steps, in bytes. */
interface Reading {
  readonly steps: number;
  readonly rss: number;
  readonly heap: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function reading(steps: number): Promise<Reading> {
  // Buffers are freed behind the collector's back, so what the first collection found is gone only at the second.
  for (let i = 0; i < 2; i++) {
    collect();
    await setTimeout(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { steps, rss, heap: heapUsed + external };
}

async function readings(): Promise<Reading[]> {
  const network = lenet5().initialize(1);
  const optimizer = new SGD({ lr: 0.01, momentum: 0.9 });
  const program = await compile(
    wasm(),
    { images: [BATCH, 1, 28, 28], labels: { shape: [BATCH], dtype: "i32" }, lr: [] },
    ({ images, labels, lr }) => {
      const loss = ops.crossEntropy(network.forward(images), labels);
      const parameters = network.parameters();
      optimizer.step(
        parameters,
        grad(
          loss,
          parameters.map((p) => p.tensor),
        ),
        lr,
      );
      return { loss };
    },
    { mode: "train" },
  );
  const read: Reading[] = [];
  for (let step = 1; step <= MARKS.at(-1)!; step++) {
    const images = Float32Array.from({ length: BATCH * 784 }, (_, i) => ((i * step) % 97) / 97);
    const labels = Int32Array.from({ length: BATCH }, (_, i) => (i + step) % 10);
    const { loss } = await program.run({ images, labels, lr: 0.01 });
    if (!Number.isFinite(loss.item())) throw new Error(`the loss of step ${step} is ${loss.item()}`);
    if (MARKS.some((mark) => mark === step)) read.push(await reading(step));
  }
  await program.close();
  return read;
}

const { values } = parseArgs({ options: { json: { type: "boolean" } } });
const read = await readings();
const [, from, to] = read as [Reading, Reading, Reading];
const perStep = (of: "heap" | "rss"): number => (to[of] - from[of]) / (to.steps - from.steps);
if (values.json) console.log(JSON.stringify({ readings: read, heapBytesPerStep: perStep("heap"), rssBytesPerStep: perStep("rss") }));
else {
  console.log("  steps   process MiB   heap after collection MiB");
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
  for (const r of read) console.log(`${String(r.steps).padStart(7)} ${mib(r.rss).padStart(13)} ${mib(r.heap).padStart(27)}`);
  console.log(
    `from step ${from.steps} to ${to.steps}: heap ${perStep("heap").toFixed(2)}, process ${perStep("rss").toFixed(2)} bytes a step`,
  );
  if (perStep("heap") >= SMALLEST) process.exitCode = 1;
}
