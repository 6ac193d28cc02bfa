/** What the compiler must know of norms, activations, dropout and embeddings. Checked with the project; never run. */
import { input, type Tensor } from "../../src/index.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  Conv2d,
  Dropout,
  Dropout1d,
  Dropout2d,
  ELU,
  Embedding,
  Flatten,
  GELU,
  GLU,
  GroupNorm,
  InstanceNorm2d,
  LayerNorm,
  Linear,
  LocalResponseNorm,
  type Module,
  PReLU,
  ReLU,
  ReLU6,
  RReLU,
  Sequential,
  type Shape,
  SiLU,
} from "../../src/nn/index.ts";

/** Fails to compile unless the tensor has exactly the shape S. */
function known<S extends Shape>() {
  return <T extends Tensor>(_: T, ..._wrong: Equal<T["shape"], S> extends true ? [] : [T["shape"]]): void => {};
}
type Equal<A, B> = [A] extends [Readonly<B>] ? ([B] extends [Readonly<A>] ? true : false) : false;

// ---- shapes are kept -----------------------------------------------------------------------------------------------

known<[2, 8]>()(new BatchNorm1d(8).forward(input("x", [2, 8])));
known<[2, 8, 5]>()(new BatchNorm1d(8).forward(input("x", [2, 8, 5])));
known<[2, 8, 5, 6]>()(new BatchNorm2d(8, { momentum: null }).forward(input("x", [2, 8, 5, 6])));
known<[2, 8, 5, 6, 7]>()(new BatchNorm3d(8).forward(input("x", [2, 8, 5, 6, 7])));
known<[2, 8, 5, 6]>()(new InstanceNorm2d(8, { affine: true }).forward(input("x", [2, 8, 5, 6])));
known<[2, 8, 5, 6]>()(new GroupNorm(4, 8).forward(input("x", [2, 8, 5, 6])));
known<[2, 8]>()(new GroupNorm(4, 8).forward(input("x", [2, 8])));
known<[2, 8, 5, 6]>()(new LayerNorm([8, 5, 6]).forward(input("x", [2, 8, 5, 6])));
known<[2, 7, 6]>()(new LayerNorm(6).forward(input("x", [2, 7, 6])));
known<[2, 8, 5, 6]>()(new LocalResponseNorm(5).forward(input("x", [2, 8, 5, 6])));
known<[2, 8, 5]>()(new Dropout1d().forward(input("x", [2, 8, 5])));
known<[2, 8]>()(
  new Sequential(new Dropout(0.1), new ELU(), new SiLU(), new GELU({ approximate: "tanh" }), new RReLU()).forward(input("x", [2, 8])),
);
known<[2, 8, 5]>()(new Sequential(new PReLU(), new PReLU(8), new ReLU6()).forward(input("x", [2, 8, 5])));

// ---- and changed ---------------------------------------------------------------------------------------------------

known<[2, 7, 16]>()(new Embedding(100, 16).forward(input("x", [2, 7], "i32")));
known<[2, 4]>()(new GLU().forward(input("x", [2, 8])));
known<[2, 4, 5]>()(new GLU(1).forward(input("x", [2, 8, 5])));
known<[2, 10]>()(
  new Sequential(
    new Conv2d(3, 8, 3, { bias: false }),
    new BatchNorm2d(8),
    new ReLU(),
    new Dropout2d(0.2),
    new Flatten(),
    new Linear(288, 10),
  ).forward(input("x", [2, 3, 8, 8])),
);

// ---- doubt is never an error ---------------------------------------------------------------------------------------

declare const some: number;
declare const sizes: number[];
declare const blocks: Module[];
known<[2, 8, 5, 6]>()(new BatchNorm2d(some).forward(input("x", [2, 8, 5, 6])));
known<[2, 8, number, number]>()(new BatchNorm2d(8).forward(input("x", [2, some, some, some])));
known<number[]>()(new BatchNorm1d(8).forward(input("x", sizes)));
known<number[]>()(new GroupNorm(some, 8).forward(input("x", sizes)));
known<[2, 8, 5]>()(new LayerNorm(sizes).forward(input("x", [2, 8, 5])));
known<number[]>()(new LayerNorm([8, 5]).forward(input("x", sizes)));
known<[2, number]>()(new GLU().forward(input("x", [2, some])));
known<[2, 8]>()(new PReLU(some).forward(input("x", [2, 8])));
new GroupNorm(3, some);
new Sequential(new Conv2d(3, some, 3), new BatchNorm2d(64), ...blocks, new BatchNorm2d(32));

// ---- generic helpers -----------------------------------------------------------------------------------------------

function block<I extends number, O extends number>(i: I, o: O) {
  return new Sequential(new Conv2d(i, o, 3, { padding: 1, bias: false }), new BatchNorm2d(o), new ReLU(), new Dropout2d(0.1));
}
known<[1, 16, 9, 9]>()(new Sequential(block(3, 8), block(8, 16)).forward(input("x", [1, 3, 9, 9])));
function grouped<G extends number, C extends number>(groups: G, channels: C) {
  return new GroupNorm(groups, channels);
}
known<[1, 8, 9]>()(grouped(2, 8).forward(input("x", [1, 8, 9])));
