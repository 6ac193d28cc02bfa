/**
 * Fovea, from the built package. What goes in and out is states of the program, so that a run copies nothing; with `--copied` images go
 * into each run and scores come out, as with the peers.
 */
import { readFileSync } from "node:fs";
import { assign, compile, grad, pullback, State, wasm } from "../../../dist/index.js";
import { createModel } from "../../../dist/models/index.js";
import * as ops from "../../../dist/ops/index.js";
import { SGD } from "../../../dist/optim/index.js";
import { labels, NETWORKS, sizeOf, TRAINING, uniform } from "./networks.mjs";
import { serve } from "./serve.mjs";

const copied = process.argv.includes("--copied");
const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

const filled = (shape, name) => new State(shape, (array) => array.data.set(uniform(array.data.length)), name);
const keep = (name, tensor) => assign(new State(tensor.shape, undefined, name), tensor);

/** y = f(...xs), and for "fwdbwd" the gradients of sum(y dy) by all of them. */
async function passesOf(backend, pass, xs, f) {
  const program = await compile(backend, {}, () => {
    const tensors = xs.map((x) => x.tensor);
    const y = f(...tensors);
    keep("y", y);
    if (pass === "fwdbwd") pullback(y, filled(y.shape, "dy").tensor, tensors).forEach((dx, i) => keep(`d${i}`, dx));
    return {};
  });
  return () => program.run({});
}

const conv = (backend, { n, c, h, o, k, s, p, g }, pass) =>
  passesOf(backend, pass, [filled([n, c, h, h], "x"), filled([o, c / g, k, k], "w"), filled([o], "b")], (x, w, b) =>
    ops.conv(x, w, b, { stride: s, padding: p, groups: g }),
  );

const POOLS = {
  max: (x, { k, s, p }) => ops.maxPool(x, k, { stride: s, padding: p }),
  avg: (x, { k, s, p }) => ops.avgPool(x, k, { stride: s, padding: p }),
  gap: (x) => ops.mean(x, [2, 3], true),
};

const pool = (backend, w, pass) => passesOf(backend, pass, [filled([w.n, w.c, w.h, w.h], "x")], (x) => POOLS[w.kind](x, w));

async function forward(backend, { model, n }) {
  const network = createModel(model).initialize(1);
  const shape = [n, ...NETWORKS[model].image];
  if (copied) {
    const program = await compile(backend, { x: shape }, ({ x }) => network.forward(x));
    const x = uniform(sizeOf(shape));
    return () => program.run({ x });
  }
  const x = filled(shape, "x");
  const program = await compile(backend, {}, () => {
    keep("scores", network.forward(x.tensor));
    return {};
  });
  return () => program.run({});
}

/** One training step; the loss comes out. */
async function step(backend, { model, n }) {
  const { image, classes } = NETWORKS[model];
  const network = createModel(model).initialize(1);
  const optimizer = new SGD(TRAINING);
  const x = filled([n, ...image], "images");
  const target = new State([n], (array) => array.data.set(labels(n, classes)), "labels", "i32");
  const program = await compile(
    backend,
    { lr: [] },
    ({ lr }) => {
      const loss = ops.crossEntropy(network.forward(x.tensor), target.tensor);
      const parameters = network.parameters();
      const gradients = grad(
        loss,
        parameters.map((p) => p.tensor),
      );
      optimizer.step(parameters, gradients, lr);
      return { loss };
    },
    { mode: "train" },
  );
  return async () => (await program.run({ lr: TRAINING.lr })).loss.item();
}

await serve((threads) => {
  const backend = wasm({ threads });
  return {
    version,
    prepare(item) {
      if (item.conv) return conv(backend, item.conv, item.pass);
      if (item.pool) return pool(backend, item.pool, item.pass);
      return (item.pass === "step" ? step : forward)(backend, item.network);
    },
  };
});
