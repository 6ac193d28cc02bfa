import type { DType } from "../base/dtype.ts";
import type { NdArray } from "../base/ndarray.ts";
import type { Shape } from "../base/shape.ts";
import type { Attrs, Op } from "./op.ts";
import type { State } from "./state.ts";
import { currentPath, inBackward } from "./trace.ts";

/** Where a tensor's values come from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "state"; readonly state: State }
  | { readonly kind: "constant"; readonly value: NdArray }
  | { readonly kind: "op"; readonly op: Op; readonly inputs: readonly Tensor[]; readonly attrs: Attrs };

let made = 0;

/** A node of the graph: a shape, an element type and where the values come from. It holds no numbers: that is NdArray. */
export class Tensor<out S extends Shape = Shape> {
  /** Grows with creation, so inputs always have smaller ones than their users. */
  readonly id: number = made++;
  /** Path of the module that made it, "" outside of any. */
  readonly path: string = currentPath();
  /** Whether it was made while gradients were traced. */
  readonly backward: boolean = inBackward();
  readonly shape: S;
  readonly dtype: DType;
  /** @internal */
  readonly source: Source;

  /** @internal */
  constructor(shape: S, dtype: DType, source: Source) {
    this.shape = shape;
    this.dtype = dtype;
    this.source = source;
  }
}

/** A tensor that an op gives. */
export interface OpTensor<A extends Attrs = Attrs> {
  readonly inputs: readonly Tensor[];
  readonly attrs: A;
  readonly output: Tensor;
}

/** The node that applies `op`: types are inferred and checked here. */
export function apply<A extends Attrs>(op: Op<A>, inputs: readonly Tensor[], attrs: A): Tensor {
  const type = op.infer(inputs, attrs);
  return new Tensor(type.shape, type.dtype, { kind: "op", op: op as unknown as Op, inputs, attrs });
}

/** A value that each run gives anew. */
export function input<const S extends Shape>(name: string, shape: S, dtype: DType = "f32"): Tensor<S> {
  return new Tensor(shape, dtype, { kind: "input", name });
}

/** A value that never changes. */
export function constant(value: NdArray): Tensor {
  return new Tensor(value.shape, value.dtype, { kind: "constant", value });
}

/** The op behind a tensor, or undefined for a leaf. */
export function opOf(t: Tensor): (OpTensor & { readonly op: Op }) | undefined {
  return t.source.kind === "op" ? { op: t.source.op, inputs: t.source.inputs, attrs: t.source.attrs, output: t } : undefined;
}

/** What a tensor is read from: the op's inputs, or nothing. */
export const inputsOf = (t: Tensor): readonly Tensor[] => (t.source.kind === "op" ? t.source.inputs : []);
