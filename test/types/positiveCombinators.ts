/** What the compiler must know of residuals, branches and auxiliary heads. Checked with the project; never run. */
import { summary } from "../../src/analysis/index.ts";
import type { Dataset } from "../../src/data/index.ts";
import { input, type Tensor } from "../../src/index.ts";
import {
  AdaptiveAvgPool2d,
  Auxiliary,
  AvgPool2d,
  BatchNorm2d,
  type Child,
  Concat,
  Conv1d,
  Conv2d,
  Dropout,
  Flatten,
  GlobalAvgPool,
  GlobalMaxPool,
  Identity,
  Linear,
  MaxPool2d,
  Module,
  type Network,
  ReLU,
  Residual,
  type Same,
  Sequential,
  type Shape,
  Sigmoid,
} from "../../src/nn/index.ts";
import { mul } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { fit } from "../../src/train/index.ts";

/** Fails to compile unless the tensor has exactly the shape S. */
function known<S extends Shape>() {
  return <T extends Tensor>(_: T, ..._wrong: Equal<T["shape"], S> extends true ? [] : [T["shape"]]): void => {};
}
type Equal<A, B> = [A] extends [Readonly<B>] ? ([B] extends [Readonly<A>] ? true : false) : false;
/** Fails to compile unless `T` is exactly the type of the value. */
function exactly<T>() {
  return <U>(_: U, ..._wrong: (<X>() => X extends T ? 1 : 2) extends <X>() => X extends U ? 1 : 2 ? [] : [U]): void => {};
}
declare const some: number;
declare const either: 1 | 2;
declare const blocks: Module[];
declare const child: Child;
// biome-ignore lint/suspicious/noExplicitAny: what is tested is that it is silent
declare const anything: any;

const image = input("x", [2, 8, 20, 30]);
const pad = { padding: 1 } as const;

// ---- sums ----------------------------------------------------------------------------------------------------------

known<[2, 8, 20, 30]>()(new Residual(new Conv2d(8, 8, 3, { padding: 1 })).forward(image));
known<[2, 16, 10, 15]>()(new Residual(new Conv2d(8, 16, 3, { stride: 2, padding: 1 }), new Conv2d(8, 16, 1, { stride: 2 })).forward(image));
known<[2, 8]>()(new Residual(new Sequential(new Linear(8, 32), new ReLU(), new Linear(32, 8))).forward(input("x", [2, 8])));
known<[2, 4, 50]>()(new Residual(new Conv1d(4, 4, 3, { padding: "causal", dilation: 4 })).forward(input("x", [2, 4, 50])));
// What one side does not know, the other does.
known<[2, 16, 10, 15]>()(new Residual(new Conv2d(8, 16, 2, { stride: some }), new Conv2d(8, 16, 2, { stride: 2 })).forward(image));
known<[2, 16, 20, 30]>()(new Residual(new Conv2d(8, 16, 1), new Conv2d(8, some, 1)).forward(image));
known<[number, 8, number, number]>()(new Residual(new Conv2d(8, 8, 3, pad)).forward(input("x", [some, 8, some, some])));
known<[number, 8, number, number]>()(new Residual(new Conv2d(8, 8, 3, pad)).forward(input("x", [some, some, some, some])));

// ---- side by side --------------------------------------------------------------------------------------------------

known<[2, 24, 20, 30]>()(new Concat(new Identity(), new Conv2d(8, 16, 3, { padding: 1 })).forward(image));
known<[2, 8, 20, 30]>()(new Concat(new Identity()).forward(image));
known<[2, 256, 20, 30]>()(
  new Concat(
    ["branch1", new Conv2d(8, 64, 1)],
    ["branch2", new Sequential(new Conv2d(8, 96, 1), new ReLU(), new Conv2d(96, 128, 3, { padding: 1 }))],
    ["branch3", new Sequential(new Conv2d(8, 16, 1), new ReLU(), new Conv2d(16, 32, 5, { padding: "same" }))],
    ["branch4", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), new Conv2d(8, 32, 1))],
  ).forward(image),
);
known<[2, 1024]>()(new Concat(new Linear(9, 512), new Linear(9, 512)).forward(input("x", [2, 9])));
known<[2, 12, 9]>()(new Concat(new Conv1d(4, 8, 3, { padding: 1 }), new Identity()).forward(input("x", [2, 4, 9])));
// A sum of channels with an unknown one is unknown; sizes that one branch knows are known.
known<[2, number, 20, 30]>()(new Concat(new Conv2d(8, some, 1), new Conv2d(8, 8, 1)).forward(image));
known<[2, 16, 10, 15]>()(new Concat(new Conv2d(8, 8, 2, { stride: some }), new Conv2d(8, 8, 2, { stride: 2 })).forward(image));
known<[2, 24, number, 30]>()(new Concat(new Identity(), new Conv2d(8, 16, 1)).forward(input("x", [2, 8, some, 30])));

// ---- heads on the way ----------------------------------------------------------------------------------------------

const head = new Sequential(new AdaptiveAvgPool2d(4), new Conv2d(8, 128, 1), new ReLU(), new Flatten(), new Linear(2048, 12));
known<[2, 8, 20, 30]>()(new Auxiliary(head).forward(image));
known<[2, 8, 20, 30]>()(new Auxiliary(["", head], { weight: 0.4 }).forward(image));
known<[2, 12]>()(new Sequential(["aux", new Auxiliary(head)], ["pool", new GlobalAvgPool()], ["fc", new Linear(8, 12)]).forward(image));

// ---- what is in them -----------------------------------------------------------------------------------------------

exactly<Conv2d<8, 8, 1>>()(new Residual(new Conv2d(8, 8, 1)).body);
exactly<undefined>()(new Residual(new Conv2d(8, 8, 1)).shortcut);
exactly<ReLU>()(new Residual(["body", new ReLU()], ["downsample", new Conv2d(8, 8, 1)]).body);
exactly<Conv2d<8, 8, 1> | undefined>()(new Residual(["body", new ReLU()], ["downsample", new Conv2d(8, 8, 1)]).shortcut);
exactly<GlobalAvgPool>()(new Auxiliary(new GlobalAvgPool()).head);
exactly<GlobalMaxPool>()(new Auxiliary(["", new GlobalMaxPool()]).head);
exactly<[readonly ["a", ReLU], Linear<3, 4>]>()(new Concat(["a", new ReLU()], new Linear(3, 4)).branches);
export const second: Linear<16, 4> = new Sequential(["mixed", new Concat(new Identity(), ["fc", new Linear(16, 4)])]).get("mixed")
  .branches[1][1];

// ---- one in the other ----------------------------------------------------------------------------------------------

const deep = new Sequential(
  ["stem", new Sequential(new Conv2d(3, 8, 7, { stride: 2, padding: 3 }), new ReLU())],
  [
    "layer1",
    new Sequential(
      new Residual(["", new Sequential(["conv1", new Conv2d(8, 8, 3, { padding: 1 })], ["inner", new Residual(new Conv2d(8, 8, 1))])]),
      new Residual(
        new Concat(["a", new Conv2d(8, 8, 1)], ["b", new Sequential(new Residual(new ReLU()), new Conv2d(8, 8, 3, { padding: 1 }))]),
        ["downsample", new Conv2d(8, 16, 1)],
      ),
    ),
  ],
  ["aux", new Auxiliary(new Concat(new GlobalAvgPool(), new GlobalMaxPool()))],
  ["pool", new Concat(new GlobalAvgPool(), new GlobalMaxPool())],
  ["fc", new Linear(32, 5)],
);
known<[1, 5]>()(deep.forward(input("x", [1, 3, 64, 64])));
summary(deep, [3, 64, 64]);

// ---- doubt is never an error ---------------------------------------------------------------------------------------

new Residual(new Conv2d(8, some, 3), new Conv2d(8, 16, 3));
new Residual(new Conv2d(8, 8, 3, { stride: either, padding: 1 })).forward(image);
new Concat(new Conv2d(8, 4, 3, { stride: either }), new Conv2d(8, 4, 3, { stride: 2 })).forward(image);
known<Shape>()(new Residual(child).forward(image) as Tensor);
known<Shape>()(new Concat(new Conv2d(8, 4, 1), ...blocks).forward(image));
known<Shape>()(new Concat(...blocks).forward(image));
known<Shape>()(new Concat(child, child).forward(image) as Tensor);
known<Shape>()(new Sequential(new Concat(...blocks), new Conv2d(3, 8, 3, { padding: some }), ...blocks).forward(image));
new Residual(anything);
new Residual(anything, anything);
new Residual(["", anything], ["downsample", anything]);
new Concat(anything, new Conv2d(8, anything, 1), ["x", anything]);
new Auxiliary(anything, { weight: anything });
new Auxiliary(blocks[0] as Module).forward(image);
new Sequential(new Residual(blocks[0] as Module), new Concat(blocks[0] as Module, new ReLU()), new Linear(9, 4));
// What comes out of an unknown sum is whatever follows says.
known<[2, 4]>()(new Sequential(new Residual(blocks[0] as Module), new GlobalAvgPool(), new Linear(8, 4)).forward(image));

// ---- generic helpers: no false errors, and literals again at each call --------------------------------------------

function convBn<I extends number, O extends number, K extends number, S extends number = 1, P extends number = 0>(
  i: I,
  o: O,
  kernel: K,
  { stride = 1 as S, padding = 0 as P }: { stride?: S; padding?: P } = {},
) {
  return new Sequential(
    ["conv", new Conv2d(i, o, kernel, { stride, padding, bias: false })],
    ["bn", new BatchNorm2d(o)],
    ["relu", new ReLU()],
  );
}
function identityBlock<C extends number>(c: C) {
  return new Sequential(
    ["add", new Residual(["", new Sequential(["conv1", convBn(c, c, 3, { padding: 1 })], ["conv2", new Conv2d(c, c, 3, { padding: 1 })])])],
    ["relu", new ReLU()],
  );
}
function projectionBlock<I extends number, O extends number, S extends number>(i: I, o: O, stride: S) {
  return new Sequential(
    new Residual(new Sequential(convBn(i, o, 3, { stride, padding: 1 }), new Conv2d(o, o, 3, { padding: 1 }), new BatchNorm2d(o)), [
      "downsample",
      new Sequential(new Conv2d(i, o, 1, { stride, bias: false }), new BatchNorm2d(o)),
    ]),
    new ReLU(),
  );
}
function bottleneck<I extends number, M extends number, O extends number>(i: I, m: M, o: O) {
  return new Residual(new Sequential(convBn(i, m, 1), convBn(m, m, 3, { padding: 1 }), new Conv2d(m, o, 1)), new Conv2d(i, o, 1));
}
/** Right where I = O: it is judged where it is called. */
function maybe<I extends number, O extends number>(i: I, o: O) {
  return new Residual(new Sequential(new Conv2d(i, o, 1), new ReLU()));
}
function inception<I extends number, A extends number, R extends number, B extends number, C extends number>(i: I, a: A, r: R, b: B, c: C) {
  return new Concat(
    ["branch1", convBn(i, a, 1)],
    ["branch2", new Sequential(convBn(i, r, 1), convBn(r, b, 3, { padding: 1 }))],
    ["branch3", new Sequential(new MaxPool2d(3, { stride: 1, padding: 1 }), convBn(i, c, 1))],
  );
}
function fire<I extends number, S extends number, E extends number>(i: I, squeeze: S, expand: E) {
  return new Sequential(
    ["squeeze", new Sequential(new Conv2d(i, squeeze, 1), new ReLU())],
    ["", new Concat(["expand1x1", new Conv2d(squeeze, expand, 1)], ["expand3x3", new Conv2d(squeeze, expand, 3, { padding: 1 })])],
    ["relu", new ReLU()],
  );
}
function dense<I extends number, G extends number>(i: I, growth: G) {
  return new Concat(new Identity(), new Sequential(new BatchNorm2d(i), new ReLU(), new Conv2d(i, growth, 3, { padding: 1 })));
}
function auxiliary<I extends number, C extends number>(i: I, classes: C) {
  return new Auxiliary(["", new Sequential(["pool", new AdaptiveAvgPool2d(4)], ["conv", convBn(i, 8, 1)], ["flatten", new Flatten()], ["fc", new Linear(128, classes)])]); // biome-ignore format: a line
}
const projected = new Sequential(projectionBlock(3, 8, 1), identityBlock(8), projectionBlock(8, 16, 2), identityBlock(16), maybe(16, 16));
known<[1, 16, 16, 16]>()(projected.forward(input("x", [1, 3, 32, 32])));
known<[1, 64, 9, 9]>()(bottleneck(16, 4, 64).forward(input("x", [1, 16, 9, 9])));
const mixed = new Sequential(
  new Conv2d(3, 16, 3),
  inception(16, 8, 4, 16, 8),
  inception(32, 8, 8, 16, 8),
  auxiliary(32, 10),
  fire(32, 8, 12),
  dense(24, 8),
  dense(32, 8),
);
known<[2, 40, 30, 30]>()(mixed.forward(input("x", [2, 3, 32, 32])));
known<[2, number, 30, 30]>()(new Sequential(new Conv2d(3, 16, 3), inception(16, some, 4, some, 8)).forward(input("x", [2, 3, 32, 32])));

// ---- modules of one's own in them ----------------------------------------------------------------------------------

class Gate extends Module<Same> {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return mul(x, new Sigmoid().forward(x)) as Tensor<S>;
  }
}
class Stem extends Module {
  readonly conv = new Conv2d(3, 8, 3, { padding: 1 });
  override forward(x: Tensor<[number, 3, 20, 20]>) {
    return this.conv.forward(x);
  }
}
class Towers extends Module {
  readonly both = new Concat(["left", new Stem()], ["right", new Conv2d(3, 8, 5, { padding: 2 })]);
  readonly block = new Residual(new Sequential(new Gate(), new Conv2d(16, 16, 1)));
  readonly fc = new Linear(16, 12);
  override forward(x: Tensor<[number, 3, 20, 20]>) {
    return this.fc.forward(new GlobalAvgPool().forward(this.block.forward(this.both.forward(x))));
  }
}
known<[2, 8, 20, 30]>()(new Residual(new Gate(), new Gate()).forward(image));
known<[number, 16, 20, 20]>()(new Towers().both.forward(input("x", [some, 3, 20, 20])));
known<[number, 12]>()(new Sequential(new Concat(["towers", new Towers()])).forward(input("x", [2, 3, 20, 20])));
known<[2, 12]>()(new Residual(new Towers(), new Sequential(new Flatten(), new Linear(1200, 12))).forward(input("x", [2, 3, 20, 20])));
known<[2, 3, 20, 20]>()(new Auxiliary(new Towers()).forward(input("x", [2, 3, 20, 20])));

// ---- networks as their users see them ------------------------------------------------------------------------------

export function tiny<C extends number>(classes: C): Network<[3, number, number], [C]> {
  return new Sequential(
    ["stem", new Conv2d(3, 8, 3)],
    ["layer1", new Sequential(projectionBlock(8, 16, 2), identityBlock(16))],
    ["mixed", inception(16, 8, 4, 16, 8)],
    ["aux", auxiliary(32, classes)],
    ["pool", new Concat(new GlobalAvgPool(), new GlobalMaxPool())],
    ["drop", new Dropout(0.2)],
    ["fc", new Linear(64, classes)],
  );
}
known<readonly [number, 12]>()(tiny(12).forward(input("x", [1, 3, 30, 30])));
known<readonly [number, 24]>()(new Concat(tiny(12), tiny(12)).forward(input("x", [1, 3, 30, 30])));
known<readonly [number, 4]>()(new Sequential(new Residual(new ReLU()), tiny(12), new Linear(12, 4)).forward(input("x", [1, 3, 30, 30])));
export const anyClasses: Network<[3, number, number], [number]> = tiny(some);

declare const breeds: Dataset<[3, 20, 20], 12>;
await fit(tiny(12), { train: breeds, optimizer: new SGD({ lr: 0.1 }) });
await fit(new Towers(), { train: breeds, optimizer: new SGD({ lr: 0.1 }) });
await fit(new Sequential(new Residual(blocks[0] as Module), ...blocks), { train: breeds, optimizer: new SGD({ lr: 0.1 }) });
await fit(new Sequential(new AvgPool2d(2), mixed, new GlobalAvgPool(), new Linear(40, 12)), {
  train: breeds,
  optimizer: new SGD({ lr: 0.1 }),
});
