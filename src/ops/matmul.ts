import { showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load, mul } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";
import { add } from "./arithmetic.ts";
import { biasOf } from "./bias.ts";
import { reshape } from "./reshape.ts";

/** Which inputs are read transposed. */
interface MatmulAttrs extends Readonly<Record<string, unknown>> {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** [m, k] times [k, n], either of them stored transposed. Closed under differentiation. */
export const matmulOp: Op<MatmulAttrs> = defineOp<MatmulAttrs>({
  name: "matmul",
  facts: { linear: true },
  infer([a, b], { transposeA, transposeB }) {
    const integers = [a!, b!].find((x) => x.dtype !== "f32");
    if (integers) throw new OpError("matmul", `takes f32, got ${integers.dtype} ${showShape(integers.shape)}. Convert it with toFloat`);
    const [m, k] = transposeA ? [...a!.shape].reverse() : a!.shape;
    const [k2, n] = transposeB ? [...b!.shape].reverse() : b!.shape;
    if (a!.shape.length !== 2 || b!.shape.length !== 2 || k !== k2) {
      throw new OpError(
        "matmul",
        `inner sizes must agree, got ${showShape(a!.shape)}${transposeA ? "^T" : ""} times ${showShape(b!.shape)}${transposeB ? "^T" : ""}`,
      );
    }
    return { shape: [m!, n!], dtype: "f32" };
  },
  grad(dy, { inputs: [a, b], attrs: { transposeA, transposeB } }) {
    const da = transposeA ? product(b!, dy, transposeB, true) : product(dy, b!, false, !transposeB);
    const db = transposeB ? product(dy, a!, true, transposeA) : product(a!, dy, !transposeA, false);
    return [da, db];
  },
  reference([a, b], out, { transposeA, transposeB }) {
    const [m, n] = out.shape as readonly [number, number];
    const k = a!.shape[transposeA ? 0 : 1]!;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let l = 0; l < k; l++) total += a!.data[transposeA ? l * m + i : i * k + l]! * b!.data[transposeB ? j * k + l : l * n + j]!;
        out.data[i * n + j] = total;
      }
    }
  },
  kernel([a, b], out, { transposeA, transposeB }) {
    const [i, j, k] = [axis("i", out.shape[0]!), axis("j", out.shape[1]!), axis("k", a!.shape[transposeA ? 0 : 1]!)];
    return kernelOf(
      "matmul",
      out,
      [i, j],
      [i, j],
      [k],
      {},
      mul(load(a!, transposeA ? [k, i] : [i, k]), load(b!, transposeB ? [j, k] : [k, j])),
    );
  },
  counts([a], out, { transposeA }) {
    const products = out.shape[0]! * out.shape[1]! * a!.shape[transposeA ? 0 : 1]!;
    return { multiplyAdds: products, connections: products };
  },
});

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
  apply(matmulOp, [a, b], { transposeA, transposeB });

/** Matrix product of a [m, k] and b [k, n]. */
export const matmul = (a: Tensor, b: Tensor): Tensor => product(a, b, false, false);

/** x w^T + b for x [..., in], w [out, in] and b [out]: PyTorch's linear. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const features = x.shape.at(-1);
  if (features === undefined || w.shape.length !== 2 || features !== w.shape[1]) {
    throw new OpError(
      "linear",
      `input has ${features ?? "no"} features but weight ${showShape(w.shape)} takes ${w.shape[1]}, got input ${showShape(x.shape)}`,
    );
  }
  const y = reshape(product(reshape(x, [-1, features]), w, false, true), [...x.shape.slice(0, -1), w.shape[0]!]);
  return b === undefined ? y : add(y, biasOf("linear", b, w));
}
