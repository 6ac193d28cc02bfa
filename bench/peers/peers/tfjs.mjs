/**
 * TensorFlow.js on its WebAssembly backend. The backend has no gradient of a convolution by its filter; one is added here, put together
 * from its own convolution, or it could not train at all.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { labels, NETWORKS, sizeOf, TRAINING, uniform } from "./networks.mjs";
import { serve } from "./serve.mjs";

const require = createRequire(import.meta.url);
const BACKEND = "@tensorflow/tfjs-backend-wasm";

/** NCHW as NHWC, which is what the library takes. */
const nhwc = ([n, c, h, w]) => [n, h, w, c];

async function load(threads) {
  if (threads > 1) (await import("./tfjsThreads.mjs")).allowThreads();
  const tf = require("@tensorflow/tfjs");
  // The build for Node leans on helpers that do not exist inside a worker.
  const wasm = require(threads > 1 ? `${BACKEND}/dist/tf-backend-wasm.es2017.js` : BACKEND);
  if (threads > 1) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
    wasm.setThreadsCount(threads);
  }
  wasm.setWasmPaths(`${dirname(require.resolve(`${BACKEND}/package.json`))}/dist/`);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");
  tf.registerKernel({ kernelName: "Conv2DBackpropFilter", backendName: "wasm", kernelFunc: filterGradient(tf) });
  return tf;
}

/** dw of a convolution as a convolution: images as channels, and dy as the filter, dilated by the stride. */
const filterGradient =
  (tf) =>
  ({ inputs: { x, dy }, attrs: { strides, pad, filterShape } }) =>
    tf.tidy(() => {
      const [kh, kw] = filterShape;
      const stride = Array.isArray(strides) ? strides[0] : strides;
      const dw = tf.conv2d(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 1, pad, "NHWC", stride);
      return tf.transpose(tf.slice(dw, [0, 0, 0, 0], [dw.shape[0], kh, kw, dw.shape[3]]), [1, 2, 0, 3]);
    });

await serve(async (threads) => {
  const tf = await load(threads);
  const tensor = (shape, scale) => tf.tensor(uniform(sizeOf(shape), scale), shape);
  /** Filters [kh, kw, in, out] or weights [in, out]. */
  const weights = (...shape) => tf.variable(tensor(shape, 1 / Math.sqrt(sizeOf(shape.slice(0, -1)))));
  const constant = (n, value = 0) => tf.variable(tf.fill([n], value));
  const dense = (from, to) => {
    const [w, b] = [weights(from, to), constant(to)];
    return (x) => tf.add(tf.matMul(x, w), b);
  };

  function conv({ n, c, h, o, k, s, p, g }, pass) {
    const x = tensor([n, h, h, c]);
    const w = tensor(g > 1 ? [k, k, c, 1] : [k, k, c, o]);
    const b = tensor([o]);
    if (pass === "fwd") {
      const fused = g > 1 ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
      return () => fused({ x, filter: w, strides: s, pad: p, bias: b }).dispose();
    }
    // The fused op has no gradient in this backend.
    return gradient((x, w, b) => tf.add(g > 1 ? tf.depthwiseConv2d(x, w, s, p) : tf.conv2d(x, w, s, p), b), [x, w, b]);
  }

  function pool({ kind, n, c, h, k, s, p }, pass) {
    const kinds = { max: (x) => tf.maxPool(x, k, s, p), avg: (x) => tf.avgPool(x, k, s, p), gap: (x) => tf.mean(x, [1, 2]) };
    const x = tensor([n, h, h, c]);
    return pass === "fwd" ? () => kinds[kind](x).dispose() : gradient(kinds[kind], [x]);
  }

  function gradient(f, xs) {
    const dy = tensor(tf.tidy(() => f(...xs)).shape);
    const gradients = tf.grads(f);
    return () => tf.dispose(gradients(xs, dy));
  }

  const MODELS = {
    lenet5() {
      const [w1, b1, w2, b2] = [weights(5, 5, 1, 6), constant(6), weights(5, 5, 6, 16), constant(16)];
      const [f1, f2, f3] = [dense(400, 120), dense(120, 84), dense(84, 10)];
      return (x) => {
        const maps1 = tf.maxPool(tf.relu(tf.add(tf.conv2d(x, w1, 1, 2), b1)), 2, 2, 0);
        const maps2 = tf.maxPool(tf.relu(tf.add(tf.conv2d(maps1, w2, 1, 0), b2)), 2, 2, 0);
        return f3(tf.relu(f2(tf.relu(f1(tf.reshape(maps2, [x.shape[0], 400]))))));
      };
    },
    resnet20() {
      const normed = (from, to, stride) => {
        const [w, scale, shift] = [weights(3, 3, from, to), constant(to, 1), constant(to)];
        return (x) => {
          const y = tf.conv2d(x, w, stride, 1);
          const { mean, variance } = tf.moments(y, [0, 1, 2]);
          return tf.batchNorm(y, mean, variance, shift, scale, 1e-5);
        };
      };
      const stem = normed(3, 16, 1);
      const blocks = NETWORKS.resnet20.blocks.map(({ from, to, stride }) => {
        const [first, second] = [normed(from, to, stride), normed(to, to, 1)];
        const around = (x) =>
          stride === 1
            ? x
            : tf.pad(tf.avgPool(x, 1, stride, 0), [
                [0, 0],
                [0, 0],
                [0, 0],
                [0, to - from],
              ]);
        return (x) => tf.relu(tf.add(second(tf.relu(first(x))), around(x)));
      });
      const last = dense(64, 10);
      return (x) =>
        last(
          tf.mean(
            blocks.reduce((y, block) => block(y), tf.relu(stem(x))),
            [1, 2],
          ),
        );
    },
    resnet18() {
      const folded = (from, to, k, stride) => {
        const [filter, bias] = [weights(k, k, from, to), constant(to)];
        return (x, activation) => tf.fused.conv2d({ x, filter, strides: stride, pad: k >> 1, bias, activation });
      };
      const stem = folded(3, 64, 7, 2);
      const blocks = NETWORKS.resnet18.blocks.map(({ from, to, stride }) => {
        const [first, second] = [folded(from, to, 3, stride), folded(to, to, 3, 1)];
        const around = stride === 1 && from === to ? (x) => x : folded(from, to, 1, stride);
        return (x) => tf.relu(tf.add(second(first(x, "relu"), "linear"), around(x, "linear")));
      });
      const last = dense(512, 1000);
      return (x) =>
        last(
          tf.mean(
            blocks.reduce((y, block) => block(y), tf.maxPool(stem(x, "relu"), 3, 2, 1)),
            [1, 2],
          ),
        );
    },
  };

  function network({ model, n }, pass) {
    const { image, classes } = NETWORKS[model];
    const [net, x] = [MODELS[model](), tensor(nhwc([n, ...image]))];
    if (pass === "fwd") return () => tf.tidy(() => void net(x).dataSync());
    const target = tf.oneHot(tf.tensor1d(labels(n, classes), "int32"), classes);
    const optimizer = tf.train.momentum(TRAINING.lr, TRAINING.momentum);
    return () => tf.tidy(() => optimizer.minimize(() => tf.losses.softmaxCrossEntropy(target, net(x)), true).dataSync()[0]);
  }

  return {
    version: tf.version.tfjs,
    prepare({ conv: c, pool: p, network: net, pass }) {
      // What an earlier item left behind would count as memory of this one.
      tf.disposeVariables();
      return c ? conv(c, pass) : p ? pool(p, pass) : network(net, pass);
    },
  };
});
