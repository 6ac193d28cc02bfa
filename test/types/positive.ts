/** What must compile, and what the compiler must know. Checked with the project and by messages.test.ts; never run. */
import { summary } from "../../src/analysis/index.ts";
import { compile, grad, input, reference, type Tensor } from "../../src/index.ts";
import { createModel, lenet5 } from "../../src/models/index.ts";
import {
  AvgPool1d,
  AvgPool2d,
  type BadClassifier,
  Conv1d,
  Conv2d,
  Flatten,
  Identity,
  Linear,
  LogSoftmax,
  MaxPool1d,
  MaxPool2d,
  Module,
  type Network,
  ReLU,
  type Same,
  Sequential,
  type Shape,
  Sigmoid,
  Softmax,
  Tanh,
  type Unless,
} from "../../src/nn/index.ts";
import { crossEntropy, mul, relu } from "../../src/ops/index.ts";
import { Adam } from "../../src/optim/index.ts";

/** Fails to compile unless the tensor has exactly the shape S. */
function known<S extends Shape>() {
  return <T extends Tensor>(_: T, ..._wrong: Equal<T["shape"], S> extends true ? [] : [T["shape"]]): void => {};
}
type Equal<A, B> = [A] extends [Readonly<B>] ? ([B] extends [Readonly<A>] ? true : false) : false;

// ---- literal sizes are followed through every layer ----------------------------------------------------------------

const lenet = new Sequential(
  new Conv2d(1, 6, 5, { padding: 2 }),
  new ReLU(),
  new MaxPool2d(2),
  new Conv2d(6, 16, 5),
  new ReLU(),
  new MaxPool2d(2),
  new Flatten(),
  new Linear(400, 120),
  new ReLU(),
  new Linear(120, 84),
  new ReLU(),
  new Linear(84, 10),
);
known<[1, 10]>()(lenet.forward(input("x", [1, 1, 28, 28])));
known<[number, 10]>()(lenet.forward(input("x", [3 as number, 1, 28, 28])));
summary(lenet, [1, 28, 28]);

known<[2, 64, 112, 112]>()(new Conv2d(3, 64, 7, { stride: 2, padding: 3 }).forward(input("x", [2, 3, 224, 224])));
known<[2, 8, 20, 30]>()(new Conv2d(3, 8, 4, { padding: "same" }).forward(input("x", [2, 3, 20, 30])));
known<[2, 8, 17, 27]>()(new Conv2d(3, 8, 4, { padding: "valid" }).forward(input("x", [2, 3, 20, 30])));
known<[2, 8, 9, 13]>()(new Conv2d(4, 8, [3, 5], { stride: 2, dilation: [2, 1], groups: 4 }).forward(input("x", [2, 4, 21, 29])));
known<[2, 16, 98]>()(new Conv1d(4, 16, 3).forward(input("x", [2, 4, 100])));
known<[2, 4, 33]>()(new MaxPool1d(3).forward(input("x", [2, 4, 100])));
known<[2, 4, 51]>()(new AvgPool1d(2, { padding: 1 }).forward(input("x", [2, 4, 100])));
known<[2, 4, 10, 5]>()(new AvgPool2d([2, 4]).forward(input("x", [2, 4, 20, 20])));
known<[2, 4, 8, 8]>()(new MaxPool2d(3, { stride: 2, dilation: 2 }).forward(input("x", [2, 4, 20, 20])));
known<[2, 7, 5]>()(new Linear(20, 5).forward(input("x", [2, 7, 20])));
known<[8, 25088]>()(new Flatten().forward(input("x", [8, 512, 7, 7])));
known<[2, 10]>()(new Sequential(new Softmax(), new LogSoftmax(), new Tanh(), new Sigmoid(), new Identity()).forward(input("x", [2, 10])));

// ---- named children ------------------------------------------------------------------------------------------------

const named = new Sequential(["features", new Sequential(new Conv2d(3, 8, 3))], ["flatten", new Flatten()], ["fc", new Linear(72, 4)]);
export const fc: Linear<72, 4> = named.get("fc");
known<[1, 4]>()(named.forward(input("x", [1, 3, 5, 5])));

// ---- doubt is never an error, and what is known stays known --------------------------------------------------------

declare const some: number;
declare const either: 1 | 2;
// biome-ignore lint/suspicious/noExplicitAny: what is tested is that it is silent
declare const anything: any;
declare const blocks: Module[];
known<[1, 8, number, number]>()(new Conv2d(3, 8, 3, { stride: some }).forward(input("x", [1, 3, 9, 9])));
known<[1, 8, number, number]>()(new Conv2d(3, 8, 3, { stride: either }).forward(input("x", [1, 3, 9, 9])));
new Sequential(new Conv2d(3, some, 3), new Conv2d(64, some, 3), new Flatten(), new Linear(16 * 5 * 5, 120));
new Sequential(new Conv2d(3, anything, 3), new Conv2d(64, 8, anything), new Linear(anything, 10));
known<Shape>()(new Sequential(new Conv2d(3, 8, 3), ...blocks, new Linear(9, 10)).forward(input("x", [1, 3, 9, 9])));
new Conv2d(some, 128, 3, { groups: 3 });
new Conv2d(64, 128, 3, { stride: some, padding: "same" });
new Conv2d(64, 128, 3, { stride: either, padding: "same" });
new Conv2d(64, 128, 3, { stride: [1, some], padding: "same" });
new Conv2d(64, 128, 3, { stride: [some, some] as readonly [number, number], padding: "same" });
summary(new Sequential(...blocks), [3, 224, 224]);
summary(blocks[0] as Module, [3, 224, 224]);
declare const sizes: number[];
summary(lenet, sizes);
lenet.forward(input("x", sizes));
summary(anything as Module, [1]);
// The next literal anchors the chain again.
known<[1, 4]>()(new Sequential(new Linear(some, some), new Linear(7, 4)).forward(input("x", [1, 3])));

// ---- generic helpers -----------------------------------------------------------------------------------------------

function block<I extends number, O extends number>(inChannels: I, outChannels: O) {
  return new Sequential(new Conv2d(inChannels, outChannels, 3, { padding: 1 }), new ReLU(), new Conv2d(outChannels, outChannels, 1));
}
function strided<C extends number, S extends number = 1, P extends number = 0>(c: C, { stride = 1 as S, padding = 0 as P } = {}) {
  return new Sequential(block(c, c), new Conv2d(c, c, 3, { stride, padding }), new AvgPool2d(2), new Flatten());
}
function grouped<C extends number, G extends number>(c: C, groups: G) {
  return new Conv2d(c, c, 3, { groups, padding: "same" });
}
function stridedSame<S extends number>(stride: S) {
  return new Conv2d(3, 4, 3, { stride, padding: "same" });
}
stridedSame(1);
const dense = <I extends number, O extends number>(i: I, o: O) => new Sequential(new Linear(i, o), new ReLU());
known<[1, 32, 28, 28]>()(block(3, 32).forward(input("x", [1, 3, 28, 28])));
known<[1, 8, 6, 6]>()(grouped(8, 4).forward(input("x", [1, 8, 6, 6])));
known<[1, 5]>()(new Sequential(dense(3, 4), dense(4, 5)).forward(input("x", [1, 3])));
known<[1, 72]>()(strided(8, { stride: 2, padding: 1 }).forward(input("x", [1, 8, 12, 12])));

// ---- modules of one's own ------------------------------------------------------------------------------------------

class Swish extends Module<Same> {
  override forward<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return mul(x, new Sigmoid().forward(x)) as Tensor<S>;
  }
}
known<[1, 8, 26, 26]>()(new Sequential(new Conv2d(1, 8, 3), new Swish()).forward(input("x", [1, 1, 28, 28])));

class TwoTowers extends Module {
  readonly left = new Conv2d(3, 4, 3, { padding: 1 });
  readonly right = new Conv2d(3, 4, 5, { padding: 2 });
  readonly fc = new Linear(256, 12);
  override forward(x: Tensor<[number, 3, 8, 8]>) {
    const both = mul(relu(this.left.forward(x)), this.right.forward(x)) as Tensor<[number, 4, 8, 8]>;
    return this.fc.forward(new Flatten().forward(both));
  }
}
summary(new TwoTowers(), [3, 8, 8]);
known<[number, 12]>()(new Sequential(new Identity(), new TwoTowers()).forward(input("x", [1, 3, 8, 8])));

// ---- networks as their users see them ------------------------------------------------------------------------------

export function tiny<C extends number>(classes: C): Network<[3, number, number], [C]> {
  return new Sequential(new Conv2d(3, 8, 3), new ReLU(), new Flatten(), new Linear(some, classes));
}
known<readonly [number, 12]>()(tiny(12).forward(input("x", [1, 3, 30, 30])));
summary(tiny(12), [3, 30, 30]);
export const digits: Network<[1, number, number], [10]> = lenet5();
summary(createModel("lenet5", { input: [3, 32, 32], classes: 12 }), [3, 32, 32]);
summary(lenet5({ channels: 3, classes: 12 }), [3, 32, 32]);

declare function classify<M extends Module, const S extends Shape, const K extends number>(
  model: M,
  shape: S,
  classes: Unless<BadClassifier<M, S, K>, K>,
): void;
classify(lenet, [1, 28, 28], 10);
classify(lenet5(), [1, 28, 28], 10);
classify(lenet, [1, 28, 28], some);
classify(blocks[0] as Module, [1, 28, 28], 12);

// ---- the loop, with every part in sight ----------------------------------------------------------------------------

const optimizer = new Adam();
const step = await compile(
  reference(),
  { x: [64, 1, 28, 28], y: { shape: [64], dtype: "i32" }, lr: [] },
  ({ x, y, lr }) => {
    const scores = lenet.forward(x);
    known<[64, 10]>()(scores);
    const loss = crossEntropy(scores, y);
    const all = lenet.parameters();
    optimizer.step(
      all,
      grad(
        loss,
        all.map((p) => p.tensor),
      ),
      lr,
    );
    return { loss };
  },
  { mode: "train" },
);
export const loss: number = (await step.run({ x: new Float32Array(50176), y: new Int32Array(64), lr: 0.001 })).loss.item();
