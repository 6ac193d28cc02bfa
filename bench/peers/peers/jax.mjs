/**
 * jax-js on its WebAssembly backend, run op by op: its `jit` fuses the padding into a convolution's loop, which is then several times
 * slower. Convolutions' gradients take minutes for all but the smallest.
 */
import { readFileSync } from "node:fs";
import { labels, NETWORKS, outputExtent, sizeOf, TRAINING, uniform } from "./networks.mjs";
import { Absent, serve } from "./serve.mjs";

// The package does not export its own description.
const description = new URL("../node_modules/@jax-js/jax/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(description, "utf8"));

/** Multiply-adds of a forward pass, in billions, beyond which a gradient is not waited for. */
const PATIENCE = 0.1;

await serve(async (threads) => {
  if (threads > 1) (await import("./jaxThreads.mjs")).provideWorkers(threads);
  const { blockUntilReady, defaultDevice, grad, init, lax, nn, numpy: np, tree, valueAndGrad } = await import("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");

  const array = (shape, scale) => np.array(uniform(sizeOf(shape), scale)).reshape(shape);
  const weights = (...shape) => array(shape, 1 / Math.sqrt(sizeOf(shape.slice(1))));
  // Every function consumes its arguments; `.ref` keeps one for the next run.
  const convolve = (x, w, s, p, g = 1) =>
    lax.convGeneralDilated(
      x,
      w,
      [s, s],
      [
        [p, p],
        [p, p],
      ],
      { featureGroupCount: g },
    );
  const biased = (x, b) => x.add(b.reshape([1, b.shape[0], 1, 1]));
  const padded = (x, p) =>
    np.pad(
      x,
      [
        [0, 0],
        [0, 0],
        [p, p],
        [p, p],
      ],
      { mode: "constant", constantValues: -3e38 },
    );
  const maxPool = (x, k, s, p = 0) => lax.reduceWindow(p > 0 ? padded(x, p) : x, np.max, [k, k], [s, s]);
  const done = async (result) => tree.dispose(await blockUntilReady(result));

  function conv({ n, c, h, o, k, s, p, g }, pass) {
    const f = (x, w, b) => biased(convolve(x, w, s, p, g), b);
    const [x, w, b] = [array([n, c, h, h]), weights(o, c / g, k, k), array([o])];
    if (pass === "fwd") return () => done(f(x.ref, w.ref, b.ref));
    const extent = outputExtent({ h, k, s, p });
    if ((n * extent ** 2 * o * (c / g) * k * k) / 1e9 > PATIENCE) throw new Absent("takes minutes");
    const dy = array([n, o, extent, extent]);
    const gradients = valueAndGrad((x, w, b, dy) => f(x, w, b).mul(dy).sum(), { argnums: [0, 1, 2] });
    return () => done(gradients(x.ref, w.ref, b.ref, dy.ref));
  }

  function pool({ kind, n, c, h, k, s, p }, pass) {
    const kinds = {
      max: (x) => maxPool(x, k, s, p),
      avg: (x) => lax.reduceWindow(x, np.mean, [k, k], [s, s]),
      gap: (x) => x.mean([2, 3]),
    };
    const [f, x] = [kinds[kind], array([n, c, h, h])];
    if (pass === "fwd") return () => done(f(x.ref));
    const y = f(x.ref);
    const dy = array(y.shape);
    y.dispose();
    const gradient = grad((x, dy) => f(x).mul(dy).sum());
    return () => done(gradient(x.ref, dy.ref));
  }

  const parameters = () => ({
    conv1: weights(6, 1, 5, 5),
    bias1: np.zeros([6]),
    conv2: weights(16, 6, 5, 5),
    bias2: np.zeros([16]),
    dense3: array([400, 120], 1 / 20),
    bias3: np.zeros([120]),
    dense4: array([120, 84], 1 / 11),
    bias4: np.zeros([84]),
    dense5: array([84, 10], 1 / 9),
    bias5: np.zeros([10]),
  });

  function lenet5(w, x) {
    const maps1 = maxPool(nn.relu(biased(convolve(x, w.conv1, 1, 2), w.bias1)), 2, 2);
    const maps2 = maxPool(nn.relu(biased(convolve(maps1, w.conv2, 1, 0), w.bias2)), 2, 2);
    const units3 = nn.relu(np.matmul(maps2.reshape([-1, 400]), w.dense3).add(w.bias3));
    const units4 = nn.relu(np.matmul(units3, w.dense4).add(w.bias4));
    return np.matmul(units4, w.dense5).add(w.bias5);
  }

  function network({ model, n }, pass) {
    if (model !== "lenet5") throw new Absent("takes minutes");
    const { image, classes } = NETWORKS.lenet5;
    const x = array([n, ...image]);
    let w = parameters();
    if (pass === "fwd") return () => done(lenet5(tree.ref(w), x.ref));
    const target = nn.oneHot(np.array(labels(n, classes), { dtype: np.int32 }), classes);
    const loss = (w, x, y) =>
      nn
        .logSoftmax(lenet5(w, x))
        .mul(y)
        .sum()
        .mul(-1 / n);
    let momenta = tree.map((p) => np.zeros(p.shape), w);
    return async () => {
      const [value, gradients] = valueAndGrad(loss)(tree.ref(w), x.ref, target.ref);
      momenta = tree.map((v, g) => v.mul(TRAINING.momentum).add(g), momenta, gradients);
      w = tree.map((p, v) => p.sub(v.mul(TRAINING.lr)), w, tree.ref(momenta));
      await blockUntilReady([w, momenta]);
      await value.data();
    };
  }

  return {
    version,
    prepare: ({ conv: c, pool: p, network: net, pass }) => (c ? conv(c, pass) : p ? pool(p, pass) : network(net, pass)),
  };
});
