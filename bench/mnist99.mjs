/**
 * How long a process takes from its start to 99.0% of MNIST's test images, training LeNet-5 by the built package on all cores:
 *
 *     node bench/mnist99.mjs [FOLDER] [--seed N]
 *
 * FOLDER holds the four idx files; default: data/mnist in the folder that $FOVEA_SHARED names. peers/peers/mnist99.py is the same in
 * PyTorch. Exits with 1 if the last epoch has not got there, and with 2 where there is no data.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadData } from "../dist/data/node.js";
import { lenet5 } from "../dist/models/index.js";
import { oneCycleLR, SGD } from "../dist/optim/index.js";
import { fit } from "../dist/train/index.js";

const GOAL = 0.99;
// The twin has the same numbers.
const EPOCHS = 5;
const BATCH = 64;
const MAX_LR = 0.05;
const MOMENTUM = 0.9;
const RISING = 0.2;

const { positionals, values } = parseArgs({ allowPositionals: true, options: { seed: { type: "string", default: "0" } } });
const folder = positionals[0] ?? join(process.env.FOVEA_SHARED || join(import.meta.dirname, "../../shared"), "data/mnist");
if (!existsSync(folder)) {
  console.error(`mnist99: ${folder} is absent. Give a folder that holds MNIST's four idx files`);
  process.exit(2);
}

const { train, test } = await loadData(folder);
const reached = new AbortController();
let accuracy = 0;
const { epochs } = await fit(lenet5(), {
  train,
  validation: test,
  epochs: EPOCHS,
  batchSize: BATCH,
  seed: Number(values.seed),
  optimizer: new SGD({ lr: MAX_LR, momentum: MOMENTUM, nesterov: true }),
  schedule: oneCycleLR({ maxLr: MAX_LR, pctStart: RISING }),
  signal: reached.signal,
  onEpoch({ validation }) {
    accuracy = validation.accuracy;
    if (accuracy >= GOAL) reached.abort();
  },
});
// Time zero of the clock is the start of the process.
console.log(JSON.stringify({ seconds: performance.now() / 1000, epochs: epochs.length, accuracy }));
if (accuracy < GOAL) {
  console.error(`mnist99: ${accuracy} after ${EPOCHS} epochs with seed ${values.seed}`);
  process.exitCode = 1;
}
