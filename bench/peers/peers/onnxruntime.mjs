/** onnxruntime-web and onnxruntime-node: `onnxruntime.mjs serve 1 --package=web`. Inference only: neither package trains. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { NETWORKS, sizeOf, uniform } from "./networks.mjs";
import { serve } from "./serve.mjs";

const web = process.argv.includes("--package=web");
const name = web ? "onnxruntime-web" : "onnxruntime-node";
const models = new URL("../models/", import.meta.url);

/** The file of a model, written when it is first asked for: a cold start finds it there, as users would have one. */
async function modelFile(item) {
  const file = new URL(`${JSON.stringify(item).replace(/\W+/g, "-")}.onnx`, models);
  if (existsSync(file)) return file.pathname;
  const { convModel, networkModel, poolModel } = await import("../onnx.mjs");
  const bytes = item.conv ? convModel(item.conv) : item.pool ? poolModel(item.pool) : networkModel(item.network);
  mkdirSync(models, { recursive: true });
  const unfinished = `${file.pathname}.${process.pid}`;
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, file);
  return file.pathname;
}

const inputShape = ({ conv, pool, network }) => {
  if (network) return [network.n, ...NETWORKS[network.model].image];
  const { n, c, h } = conv ?? pool;
  return [n, c, h, h];
};

await serve(async (threads) => {
  const loaded = await import(name);
  const ort = loaded.default ?? loaded;
  if (web) Object.assign(ort.env.wasm, { numThreads: threads, proxy: false });
  const options = web ? { executionProviders: ["wasm"] } : { intraOpNumThreads: threads, interOpNumThreads: 1 };
  return {
    version: ort.env.versions[web ? "web" : "node"],
    async prepare(item) {
      const session = await ort.InferenceSession.create(await modelFile(item), { ...options, graphOptimizationLevel: "all" });
      const shape = inputShape(item);
      const feed = { x: new ort.Tensor("float32", uniform(sizeOf(shape)), shape) };
      return () => session.run(feed);
    },
  };
});
