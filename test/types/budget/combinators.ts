import {
  AdaptiveAvgPool2d,
  Auxiliary,
  BatchNorm2d,
  Concat,
  Conv2d,
  Dropout,
  Flatten,
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
  summary,
} from "./base.ts";

const conv = <I extends number, O extends number, K extends number, S extends number = 1, P extends number = 0>(
  i: I,
  o: O,
  kernel: K,
  { stride = 1 as S, padding = 0 as P }: { stride?: S; padding?: P } = {},
) => new Sequential(["conv", new Conv2d(i, o, kernel, { stride, padding, bias: false })], ["bn", new BatchNorm2d(o)], ["relu", new ReLU()]);
const same = <C extends number>(c: C) =>
  new Sequential(
    ["", new Residual(["", new Sequential(conv(c, c, 3, { padding: 1 }), conv(c, c, 3, { padding: 1 }))])],
    ["act", new ReLU()],
  );
const down = <I extends number, O extends number>(i: I, o: O) =>
  new Sequential(
    ["", new Residual(["", new Sequential(conv(i, o, 3, { stride: 2, padding: 1 }), conv(o, o, 3, { padding: 1 }))], ["downsample", conv(i, o, 1, { stride: 2 })])], // biome-ignore format: a line
    ["act", new ReLU()],
  );
const inception = <I extends number, A extends number, R extends number, B extends number, C extends number>(
  i: I,
  a: A,
  r: R,
  b: B,
  c: C,
) =>
  new Concat(
    ["branch1", conv(i, a, 1)],
    ["branch2", new Sequential(conv(i, r, 1), conv(r, b, 3, { padding: 1 }))],
    ["branch3", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), conv(i, c, 1))],
  );
const head = <I extends number, K extends number>(i: I, classes: K) =>
  new Auxiliary(new Sequential(new AdaptiveAvgPool2d(4), conv(i, 128, 1), new Flatten(), new Linear(2048, classes)));
const net = new Sequential(
  ["stem", conv(3, 64, 7, { stride: 2, padding: 3 })],
  ["maxpool", new MaxPool2d(3, { stride: 2, padding: 1 })],
  ["layer1", new Sequential(same(64), same(64))],
  ["layer2", new Sequential(down(64, 128), same(128))],
  ["layer3", new Sequential(down(128, 256), same(256))],
  ["mixed1", inception(256, 192, 96, 208, 64)],
  ["aux", head(464, 10)],
  ["mixed2", inception(464, 160, 112, 224, 64)],
  ["pool", new GlobalAvgPool()],
  ["drop", new Dropout(0.2)],
  ["fc", new Linear(448, 10)],
);
summary(net, [3, 224, 224]);
