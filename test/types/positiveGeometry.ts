/** What the compiler must know of layers that move and resize. Checked with the project; never run. */
import { input, type Tensor } from "../../src/index.ts";
import {
  ChannelShuffle,
  CircularPad1d,
  ConstantPad2d,
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  Fold,
  LocallyConnected1d,
  LocallyConnected2d,
  PixelShuffle,
  PixelUnshuffle,
  ReflectionPad2d,
  ReLU,
  ReplicationPad3d,
  Sequential,
  type Shape,
  Unfold,
  Upsample,
  ZeroPad2d,
} from "../../src/nn/index.ts";

/** Fails to compile unless the tensor has exactly the shape S. */
function known<S extends Shape>() {
  return <T extends Tensor>(_: T, ..._wrong: Equal<T["shape"], S> extends true ? [] : [T["shape"]]): void => {};
}
type Equal<A, B> = [A] extends [Readonly<B>] ? ([B] extends [Readonly<A>] ? true : false) : false;
declare const some: number;

// ---- padding by rules, per side, negative --------------------------------------------------------------------------

const image = input("x", [2, 3, 20, 31]);
known<[2, 8, 10, 16]>()(new Conv2d(3, 8, 3, { padding: "same", stride: 2 }).forward(image));
known<[2, 8, 7, 31]>()(new Conv2d(3, 8, 4, { padding: "same", stride: [3, 1] }).forward(image));
known<[2, 8, 22, 35]>()(new Conv2d(3, 8, [3, 5], { padding: "full" }).forward(image));
known<[2, 8, 24, 35]>()(new Conv2d(3, 8, 3, { padding: "full", dilation: 2 }).forward(input("x", [2, 3, 20, 31])));
known<[2, 8, 19, 31]>()(new Conv2d(3, 8, 3, { padding: [[0, 1], 1] }).forward(image));
known<[2, 8, 18, number]>()(new Conv2d(3, 8, 3, { padding: [0, [-1, 2]] }).forward(image));
known<[2, 8, number, number]>()(new Conv2d(3, 8, 3, { padding: some }).forward(image));
known<[2, 8, number, number]>()(new Conv2d(3, 8, 3, { padding: "same", stride: some }).forward(image));
known<[2, 8, 20, 31]>()(new Conv2d(3, 8, 3, { padding: 1, paddingMode: "reflect" }).forward(image));
known<[2, 8, 100]>()(new Conv1d(4, 8, 3, { padding: "causal", dilation: 4 }).forward(input("x", [2, 4, 100])));
known<[2, 8, 34]>()(new Conv1d(4, 8, 3, { padding: "causal", stride: 3 }).forward(input("x", [2, 4, 100])));
known<[2, 8, 101]>()(new Conv1d(4, 8, 3, { padding: [[1, 2]] }).forward(input("x", [2, 4, 100])));
known<[1, 8, 9, 8, 5]>()(new Conv3d(2, 8, [2, 3, 3], { padding: [0, 1, 0], stride: [1, 1, 2] }).forward(input("x", [1, 2, 10, 8, 12])));

// ---- transposed ----------------------------------------------------------------------------------------------------

known<[2, 5, 40, 62]>()(new ConvTranspose2d(3, 5, 4, { stride: 2, padding: 1 }).forward(image));
known<[2, 5, 40, 62]>()(new ConvTranspose2d(3, 5, 3, { stride: 2, padding: 1, outputPadding: 1 }).forward(image));
known<[2, 6, 26, 33]>()(new ConvTranspose2d(3, 6, [4, 3], { dilation: [3, 1], padding: [[1, 2], 0], groups: 3 }).forward(image));
known<[2, 5, 13]>()(new ConvTranspose1d(4, 5, 3, { stride: 3, padding: 1 }).forward(input("x", [2, 4, 5])));
known<[1, 1, 4, 6, 8]>()(new ConvTranspose3d(2, 1, 2, { stride: 2 }).forward(input("x", [1, 2, 2, 3, 4])));
known<[2, 5, number, number]>()(new ConvTranspose2d(3, 5, 3, { stride: some }).forward(image));

// ---- margins, shuffles, resizing, columns --------------------------------------------------------------------------

known<[2, 3, 22, 33]>()(new ZeroPad2d(1).forward(image));
known<[2, 3, 23, 31]>()(new ReflectionPad2d([[1, 2], 0]).forward(image));
known<[2, 3, number, 37]>()(new ConstantPad2d([[-1, 2], 3], 0.5).forward(image));
known<[2, 4, 16]>()(new CircularPad1d([[1, 5]]).forward(input("x", [2, 4, 10])));
known<[1, 1, 4, 7, 4]>()(new ReplicationPad3d([1, 2, 0]).forward(input("x", [1, 1, 2, 3, 4])));
known<[1, 2, 24, 15]>()(new PixelShuffle(3).forward(input("x", [1, 18, 8, 5])));
known<[1, 16, 4, 3]>()(new PixelUnshuffle(2).forward(input("x", [1, 4, 8, 6])));
known<[1, 12, 4]>()(new ChannelShuffle(3).forward(input("x", [1, 12, 4])));
known<[2, 3, 40, 62]>()(new Upsample({ scaleFactor: 2, mode: "bilinear" }).forward(image));
known<[2, 3, 40, 93]>()(new Upsample({ scaleFactor: [2, 3] }).forward(image));
known<[2, 3, number, number]>()(new Upsample({ scaleFactor: 1.5 }).forward(image));
known<[2, 3, 7, 7]>()(new Upsample({ size: 7 }).forward(image));
known<[2, 3, 7, 9]>()(new Upsample({ size: [7, 9], mode: "bicubic", alignCorners: true }).forward(image));
known<[2, 12, 14]>()(new Unfold([2, 3], { dilation: [2, 1], padding: [0, 1], stride: [2, 1] }).forward(input("x", [2, 2, 6, 7])));
known<[2, 2, 6, 7]>()(new Fold([6, 7], [2, 3], { dilation: [2, 1], padding: [0, 1], stride: [2, 1] }).forward(input("x", [2, 12, 14])));
known<[2, 3, 20, 31]>()(new Sequential(new Unfold(3, { padding: 1 }), new Fold([20, 31], 3, { padding: 1 })).forward(image));

// ---- a filter for each position ------------------------------------------------------------------------------------

known<[2, 8, 18, 29]>()(new LocallyConnected2d(3, 8, [20, 31], 3).forward(image));
known<[2, 8, 10, 10]>()(new LocallyConnected2d(3, 8, 20, 3, { stride: 2, padding: 1 }).forward(input("x", [2, 3, 20, 20])));
known<[2, 8, 98]>()(new LocallyConnected1d(4, 8, 100, 3).forward(input("x", [2, 4, 100])));

// ---- generic helpers, and an autoencoder ---------------------------------------------------------------------------

function up<I extends number, O extends number>(i: I, o: O) {
  return new Sequential(new ConvTranspose2d(i, o, 4, { stride: 2, padding: 1 }), new ReLU());
}
function down<I extends number, O extends number, S extends 1 | 2>(i: I, o: O, stride: S) {
  return new Sequential(new ReflectionPad2d(1), new Conv2d(i, o, 3, { stride }), new ReLU());
}
known<[1, 3, 32, 32]>()(new Sequential(down(3, 8, 2), down(8, 16, 2), up(16, 8), up(8, 3)).forward(input("x", [1, 3, 32, 32])));
