/** What the compiler must know of pools. Checked with the project; never run. */
import { input, type Tensor } from "../../src/index.ts";
import {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool3d,
  Conv2d,
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  GlobalAvgPool,
  GlobalMaxPool,
  Linear,
  LPPool1d,
  LPPool2d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  MaxUnpool1d,
  MaxUnpool2d,
  Sequential,
  type Shape,
  Subsampling2d,
} from "../../src/nn/index.ts";

/** Fails to compile unless the tensor has exactly the shape S. */
function known<S extends Shape>() {
  return <T extends Tensor>(_: T, ..._wrong: Equal<T["shape"], S> extends true ? [] : [T["shape"]]): void => {};
}
type Equal<A, B> = [A] extends [Readonly<B>] ? ([B] extends [Readonly<A>] ? true : false) : false;
declare const some: number;
declare const whether: boolean;

// ---- ceil mode -----------------------------------------------------------------------------------------------------

const image = input("x", [2, 64, 112, 111]);
known<[2, 64, 56, 55]>()(new MaxPool2d(3, { stride: 2, ceilMode: true }).forward(image));
known<[2, 64, 55, 55]>()(new MaxPool2d(3, { stride: 2 }).forward(image));
known<[2, 64, 55, 55]>()(new MaxPool2d(3, { stride: 2, ceilMode: false }).forward(image));
known<[2, 64, number, number]>()(new MaxPool2d(3, { stride: 2, ceilMode: whether }).forward(image));
known<[2, 64, number, 55]>()(new MaxPool2d(3, { stride: 2, ceilMode: true }).forward(input("x", [2, 64, some, 111])));
// A last window that would begin in the padding after the input does not count.
known<[1, 4, 2]>()(new AvgPool1d(2, { stride: 3, padding: 1, ceilMode: true }).forward(input("x", [1, 4, 5])));
// In ceil mode even the first window may reach beyond the end.
known<[1, 4, 1]>()(new MaxPool1d(3, { stride: 2, ceilMode: true }).forward(input("x", [1, 4, 2])));
known<[1, 4, 4, 3]>()(
  new MaxPool2d([3, 2], { stride: [2, 3], padding: 1, dilation: [2, 1], ceilMode: true }).forward(input("x", [1, 4, 8, 7])),
);
known<[1, 4, 3, 4, 2]>()(new MaxPool3d(2, { stride: [2, 1, 3], ceilMode: true }).forward(input("x", [1, 4, 5, 5, 4])));
known<[1, 4, 2, 2, 2]>()(new AvgPool3d(2, { countIncludePad: false, divisorOverride: 3 }).forward(input("x", [1, 4, 5, 4, 4])));
known<[1, 4, 3]>()(new LPPool1d(2, 2, { ceilMode: true }).forward(input("x", [1, 4, 5])));
known<[1, 4, 4, 2]>()(new LPPool2d(1.5, [2, 3], { stride: [1, 2] }).forward(input("x", [1, 4, 5, 6])));

// ---- to a given size -----------------------------------------------------------------------------------------------

known<[2, 64, 7, 7]>()(new AdaptiveAvgPool2d(7).forward(image));
known<[2, 64, 7, 5]>()(new AdaptiveAvgPool2d([7, 5]).forward(image));
known<[2, 64, 112, 5]>()(new AdaptiveMaxPool2d([null, 5]).forward(image));
known<[2, 64, 112, 111]>()(new AdaptiveMaxPool2d(null).forward(image));
known<[2, 64, number, number]>()(new AdaptiveAvgPool2d(some).forward(image));
known<[2, 4, 3]>()(new AdaptiveAvgPool1d(3).forward(input("x", [2, 4, some])));
known<[2, 4, 3, number, 5]>()(new AdaptiveMaxPool3d([3, null, 5]).forward(input("x", [2, 4, 1, some, 3])));
known<[2, 64]>()(new GlobalAvgPool().forward(image));
known<[2, 10]>()(new Sequential(new Conv2d(3, 8, 3), new GlobalMaxPool(), new Linear(8, 10)).forward(input("x", [2, 3, some, 9])));
known<[2, 64, 70, 80]>()(new FractionalMaxPool2d(2, { outputSize: [70, 80] }).forward(image));
known<[2, 64, number, number]>()(new FractionalMaxPool2d([2, 3], { outputRatio: 0.7 }).forward(image));
known<[1, 2, 3, 3, 3]>()(new FractionalMaxPool3d(2, { outputSize: 3 }).forward(input("x", [1, 2, 7, 8, 9])));
known<[1, 6, 14, 14]>()(new Subsampling2d(6, 2).forward(input("x", [1, 6, 28, 28])));

// ---- with indices, and back ----------------------------------------------------------------------------------------

const { output, indices } = new MaxPool2d(2).withIndices(image);
known<[2, 64, 56, 55]>()(output);
known<[2, 64, 56, 55]>()(indices);
known<[2, 64, 112, 110]>()(new MaxUnpool2d(2).forward(output, indices));
known<[2, 64, 112, 111]>()(new MaxUnpool2d(2).forward(output, indices, [112, 111]));
known<[2, 64, 3, 4]>()(new AdaptiveMaxPool2d([3, 4]).withIndices(image).indices);
known<[1, 4, 9]>()(new MaxUnpool1d(3, { stride: 2, padding: 1 }).forward(input("x", [1, 4, 5]), input("i", [1, 4, 5], "i32")));
