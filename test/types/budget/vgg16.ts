import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, summary } from "./base.ts";

const conv = <I extends number, O extends number>(i: I, o: O) => new Sequential(new Conv2d(i, o, 3, { padding: 1 }), new ReLU());
const net = new Sequential(
  [
    "features",
    new Sequential(
      conv(3, 64),
      conv(64, 64),
      new MaxPool2d(2),
      conv(64, 128),
      conv(128, 128),
      new MaxPool2d(2),
      conv(128, 256),
      conv(256, 256),
      conv(256, 256),
      new MaxPool2d(2),
      conv(256, 512),
      conv(512, 512),
      conv(512, 512),
      new MaxPool2d(2),
      conv(512, 512),
      conv(512, 512),
      conv(512, 512),
      new MaxPool2d(2),
    ),
  ],
  ["flatten", new Flatten()],
  ["classifier", new Sequential(new Linear(25088, 4096), new ReLU(), new Linear(4096, 4096), new ReLU(), new Linear(4096, 1000))],
);
summary(net, [3, 224, 224]);
