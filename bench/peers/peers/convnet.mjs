/** ConvNetJS: plain JavaScript, one image at a time, on one thread. LeNet-5 only. */
import { createRequire } from "node:module";
import { labels, NETWORKS, sizeOf, TRAINING, uniform } from "./networks.mjs";
import { serve } from "./serve.mjs";

const require = createRequire(import.meta.url);

await serve(() => {
  const { Net, Trainer, Vol } = require("convnetjs");
  return {
    version: require("convnetjs/package.json").version,
    prepare({ network, pass }) {
      const { image, classes } = NETWORKS.lenet5;
      const net = new Net();
      net.makeLayers([
        { type: "input", out_sx: 28, out_sy: 28, out_depth: 1 },
        { type: "conv", sx: 5, filters: 6, stride: 1, pad: 2, activation: "relu" },
        { type: "pool", sx: 2, stride: 2 },
        { type: "conv", sx: 5, filters: 16, stride: 1, pad: 0, activation: "relu" },
        { type: "pool", sx: 2, stride: 2 },
        { type: "fc", num_neurons: 120, activation: "relu" },
        { type: "fc", num_neurons: 84, activation: "relu" },
        { type: "softmax", num_classes: classes },
      ]);
      const images = Array.from({ length: network.n }, () => {
        const volume = new Vol(28, 28, 1, 0);
        volume.w.set(uniform(sizeOf(image)));
        return volume;
      });
      if (pass === "fwd") return () => images.forEach((x) => void net.forward(x));
      const options = { method: "sgd", learning_rate: TRAINING.lr, momentum: TRAINING.momentum, batch_size: network.n };
      const trainer = new Trainer(net, options);
      const y = labels(network.n, classes);
      return () => images.forEach((x, i) => void trainer.train(x, y[i]));
    },
  };
});
