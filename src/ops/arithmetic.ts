/** The four operations and their negation, with broadcasting. */
import { f32 } from "../base/ndarray.ts";
import type { Op } from "../ir/op.ts";
import { apply, constant, type Tensor } from "../ir/tensor.ts";
import { add as addExpr, div as divExpr, mul as mulExpr, sub as subExpr, unary } from "../kernel/expr.ts";
import { definePointwise, isConstant, unchanged } from "./pointwise.ts";
import { sumTo } from "./sum.ts";

/** A tensor, or a number that stands for a scalar constant. */
export type Operand = Tensor | number;

export const operand = (x: Operand): Tensor => (typeof x === "number" ? constant(f32([], [x])) : x);

export const addOp: Op = definePointwise({
  name: "add",
  facts: { linear: true },
  value: ([a, b]) => a! + b!,
  expr: ([a, b]) => addExpr(a!, b!),
  simplify: ([a, b], _, y) => (isConstant(b!, 0) ? unchanged(a!, y) : isConstant(a!, 0) ? unchanged(b!, y) : undefined),
  grad: (dy, { inputs: [a, b] }) => [sumTo(dy, a!.shape), sumTo(dy, b!.shape)],
});

export const subOp: Op = definePointwise({
  name: "sub",
  facts: { linear: true },
  value: ([a, b]) => a! - b!,
  expr: ([a, b]) => subExpr(a!, b!),
  simplify: ([a, b], _, y) => (isConstant(b!, 0) ? unchanged(a!, y) : undefined),
  grad: (dy, { inputs: [a, b] }) => [sumTo(dy, a!.shape), sumTo(neg(dy), b!.shape)],
});

export const mulOp: Op = definePointwise({
  name: "mul",
  facts: { linear: true },
  value: ([a, b]) => a! * b!,
  expr: ([a, b]) => mulExpr(a!, b!),
  simplify: ([a, b], _, y) => (isConstant(b!, 1) ? unchanged(a!, y) : isConstant(a!, 1) ? unchanged(b!, y) : undefined),
  grad: (dy, { inputs: [a, b] }) => [sumTo(mul(dy, b!), a!.shape), sumTo(mul(dy, a!), b!.shape)],
});

export const divOp: Op = definePointwise({
  name: "div",
  value: ([a, b]) => a! / b!,
  expr: ([a, b]) => divExpr(a!, b!),
  simplify: ([a, b], _, y) => (isConstant(b!, 1) ? unchanged(a!, y) : undefined),
  grad: (dy, { inputs: [a, b], output }) => {
    const da = div(dy, b!);
    return [sumTo(da, a!.shape), sumTo(neg(mul(da, output)), b!.shape)];
  },
});

export const negOp: Op = definePointwise({
  name: "neg",
  facts: { linear: true },
  value: ([x]) => -x!,
  expr: ([x]) => unary("neg", x!),
  grad: (dy) => [neg(dy)],
});

/** a + b, broadcast. */
export const add = (a: Operand, b: Operand): Tensor => apply(addOp, [operand(a), operand(b)], {});
/** a - b, broadcast. */
export const sub = (a: Operand, b: Operand): Tensor => apply(subOp, [operand(a), operand(b)], {});
/** a * b, broadcast. */
export const mul = (a: Operand, b: Operand): Tensor => apply(mulOp, [operand(a), operand(b)], {});
/** a / b, broadcast. */
export const div = (a: Operand, b: Operand): Tensor => apply(divOp, [operand(a), operand(b)], {});
/** -x. */
export const neg = (x: Tensor): Tensor => apply(negOp, [x], {});
