/** What an op is: one value that says everything every layer needs to know. Adding an op edits no other layer. */
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Buffer } from "../kernel/expr.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { OpTensor, Tensor } from "./tensor.ts";
import { currentPath } from "./trace.ts";

/** Named and fully normalised: `padding: [[1, 1], [1, 1]]`, never `1`. */
export type Attrs = Readonly<Record<string, unknown>>;

/** Shape and element type. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An array in the reference backend: row-major, every dtype held in f64. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** What passes, layouts and laws may rely on. */
export interface Facts {
  /** Linear in each f32 input alone, so that the adjoint identity <dy, f(x)> = <f'(dy), x> is exact. */
  readonly linear?: true;
  /** The result has filter axes [out, in, ...kernel], not activation axes [n, c, ...space]. */
  readonly filter?: true;
  /** Every element of the result is an element of the input. */
  readonly repeats?: true;
  /** Elements keep their order in memory: only the shape changes. */
  readonly reshape?: true;
}

/** What one execution counts. Ops that only change or move single numbers count nothing. */
export interface Counts {
  /** Of convolutions and matrix products. */
  readonly multiplyAdds: number;
  /** Connections between units: one for each multiply-add, and for each element that a pool, a sum or a maximum takes. Biases are not in it. */
  readonly connections: number;
}

export interface Op<A extends Attrs = Attrs> {
  readonly name: string;
  readonly facts: Facts;
  /** Type of the result, or a thrown OpError. */
  infer(inputs: readonly TensorType[], attrs: A): TensorType;
  /** Gradient of the loss by each input, given its gradient by the result; undefined for inputs that have none. */
  grad?(dy: Tensor, node: OpTensor<A>): readonly (Tensor | undefined)[];
  /** The definition, as plain loops in f64: the oracle of every backend. `out` comes zeroed. */
  reference(inputs: readonly Values[], out: Values, attrs: A): void;
  /** The same arithmetic in the kernel language: what the fast backends compile. Several kernels write disjoint parts of `out`. */
  kernel(inputs: readonly Buffer[], out: Buffer, attrs: A): Kernel | readonly Kernel[];
  /** A tensor that has the same values as `output` and needs less, if these inputs allow one: x for x + 0. */
  simplify?(inputs: readonly Tensor[], attrs: A, output: Tensor): Tensor | undefined;
  counts?(inputs: readonly TensorType[], out: TensorType, attrs: A): Counts;
  /** The result computed another way, in other ops: what the node becomes where `attrs.algorithm` is this name. */
  algorithm?(name: string, node: OpTensor<A>): Tensor | undefined;
}

/** The kernels that together write the op's result: each element is written by one of them. */
export const kernelsOf = <A extends Attrs>(op: Op<A>, inputs: readonly Buffer[], out: Buffer, attrs: A): readonly Kernel[] =>
  [op.kernel(inputs, out, attrs)].flat();

/** Checks the definition's types and gives it back. */
export const defineOp = <A extends Attrs>(op: Op<A>): Op<A> => op;

/**
 * A mistake in the user's network, found while tracing: `<module path>: <op>: <what is wrong>, got <value>[. <what to do>]`.
 */
export class OpError extends Error {
  override readonly name = "OpError";
  constructor(op: string, what: string) {
    const path = currentPath();
    super(`${path === "" ? "" : `${path}: `}${op === "" ? "" : `${op}: `}${what}`);
  }
}
