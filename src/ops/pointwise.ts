/** What every op that works element by element shares: broadcasting by PyTorch's rule, plain loops, one kernel expression. */
import type { DType } from "../base/dtype.ts";
import { broadcastShapes, type Shape, sameShape, showShape, stridesOf } from "../base/shape.ts";
import { type Attrs, defineOp, type Facts, type Op, OpError, type TensorType, type Values } from "../ir/op.ts";
import type { OpTensor, Tensor } from "../ir/tensor.ts";
import { type Buffer, type Expr, load } from "../kernel/expr.ts";
import type { Axis } from "../kernel/int.ts";
import { compute } from "../kernel/kernel.ts";

interface Pointwise<A extends Attrs> {
  readonly name: string;
  readonly facts?: Facts;
  /** Element types taken, one per input; default all f32. */
  readonly takes?: readonly (DType | "any")[];
  readonly gives?: DType;
  /** One element, in f64. */
  value(x: readonly number[], attrs: A): number;
  /** One element, in the kernel language. */
  expr(x: readonly Expr[], attrs: A): Expr;
  grad?(dy: Tensor, node: OpTensor<A>): readonly (Tensor | undefined)[];
  simplify?(inputs: readonly Tensor[], attrs: A, output: Tensor): Tensor | undefined;
}

/** An op whose element is a function of the inputs' elements at its place. */
export function definePointwise<A extends Attrs>(p: Pointwise<A>): Op<A> {
  return defineOp<A>({
    name: p.name,
    facts: p.facts ?? {},
    infer: (inputs) => {
      checkTypes(p.name, inputs, p.takes);
      return { shape: broadcast(p.name, inputs), dtype: p.gives ?? "f32" };
    },
    ...(p.grad ? { grad: p.grad } : {}),
    ...(p.simplify ? { simplify: p.simplify } : {}),
    reference(inputs, out, attrs) {
      const at = inputs.map((x) => broadcastStrides(x.shape, out.shape));
      forEachIndex(out.shape, (index, i) => {
        out.data[i] = p.value(
          inputs.map((x, k) => x.data[dot(index, at[k]!)]!),
          attrs,
        );
      });
    },
    kernel: (inputs, out, attrs) =>
      compute(p.name, out, {}, (axes) =>
        p.expr(
          inputs.map((x) => loadBroadcast(x, axes)),
          attrs,
        ),
      ),
  });
}

function broadcast(op: string, inputs: readonly TensorType[]): Shape {
  return inputs.reduce<Shape>((shape, x) => {
    const joint = broadcastShapes(shape, x.shape);
    if (!joint) throw new OpError(op, `shapes do not broadcast, got ${inputs.map((i) => showShape(i.shape)).join(" and ")}`);
    return joint;
  }, []);
}

function checkTypes(op: string, inputs: readonly TensorType[], takes: readonly (DType | "any")[] | undefined): void {
  inputs.forEach((x, i) => {
    const wanted = takes?.[i] ?? "f32";
    if (wanted !== "any" && x.dtype !== wanted) {
      const remedy = wanted === "f32" ? ". Convert it with toFloat" : "";
      throw new OpError(op, `input ${i} must be ${wanted}, got ${x.dtype} ${showShape(x.shape)}${remedy}`);
    }
  });
}

/** The element of `x` that stands at `axes` of the broadcast result. */
export function loadBroadcast(x: Buffer, axes: readonly Axis[]): Expr {
  const own = axes.slice(axes.length - x.shape.length);
  return load(
    x,
    own.map((a, d) => (x.shape[d] === 1 ? 0 : a)),
  );
}

/** Row-major strides of `shape` inside `out`: zero along axes that are repeated. */
export function broadcastStrides(shape: Shape, out: Shape): readonly number[] {
  const strides = stridesOf(shape);
  return out.map((_, d) => {
    const own = d - out.length + shape.length;
    return own < 0 || shape[own] === 1 ? 0 : strides[own]!;
  });
}

export const dot = (index: readonly number[], strides: readonly number[]): number => index.reduce((sum, i, d) => sum + i * strides[d]!, 0);

/** Calls `visit(index, position)` for every element, row-major. The index array is reused. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], position: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = shape.reduce((n, e) => n * e, 1);
  for (let position = 0; position < size; position++) {
    visit(index, position);
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d]!++;
      if (index[d]! < shape[d]!) break;
      index[d] = 0;
    }
  }
}

export type { Values };

/** Whether every element of `t` is the constant `value`. */
export function isConstant(t: Tensor, value: number): boolean {
  if (t.source.kind === "op") return t.source.op.facts.repeats === true && isConstant(t.source.inputs[0]!, value);
  return t.source.kind === "constant" && t.source.value.data.every((x) => x === value);
}

/** `x` if the result has its shape: what is left of an operation with its neutral element. */
export const unchanged = (x: Tensor, output: Tensor): Tensor | undefined => (sameShape(x.shape, output.shape) ? x : undefined);
