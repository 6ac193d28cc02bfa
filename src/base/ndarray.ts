import { type DType, type TypedArrayOf, zeros } from "./dtype.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** Numbers with a shape, row-major, in plain garbage-collected memory. No graph: that is Tensor. */
export class NdArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly data: TypedArrayOf[D];

  constructor(dtype: D, shape: Shape, data: TypedArrayOf[D] = zeros(dtype, sizeOf(shape))) {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(`NdArray: shape ${showShape(shape)} holds ${sizeOf(shape)} elements, got ${data.length}`);
    }
    this.dtype = dtype;
    this.shape = [...shape];
    this.data = data;
  }

  /** The only element of a scalar. */
  item(): number {
    if (this.data.length !== 1) throw new RangeError(`NdArray: item() takes one element, got shape ${showShape(this.shape)}`);
    return this.data[0]!;
  }

  /** A copy that shares nothing. */
  clone(): NdArray<D> {
    return new NdArray(this.dtype, this.shape, this.data.slice() as TypedArrayOf[D]);
  }
}

/** An f32 array of nested or flat numbers: `f32([2, 2], [1, 2, 3, 4])`. */
export const f32 = (shape: Shape, values: ArrayLike<number>): NdArray<"f32"> => new NdArray("f32", shape, Float32Array.from(values));

/** An i32 array, for labels and indices. */
export const i32 = (shape: Shape, values: ArrayLike<number>): NdArray<"i32"> => new NdArray("i32", shape, Int32Array.from(values));
