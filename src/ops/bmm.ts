import { showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { load, mul } from "../kernel/expr.ts";
import { axis } from "../kernel/int.ts";
import { kernelOf } from "../kernel/kernel.ts";

/** Which inputs are read transposed. */
interface BmmAttrs extends Readonly<Record<string, unknown>> {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Matrix products side by side: [b, m, k] times [b, k, n], either of them stored transposed. Closed under differentiation. */
export const bmmOp: Op<BmmAttrs> = defineOp<BmmAttrs>({
  name: "bmm",
  facts: { linear: true },
  infer([a, b], { transposeA, transposeB }) {
    const integers = [a!, b!].find((x) => x.dtype !== "f32");
    if (integers) throw new OpError("bmm", `takes f32, got ${integers.dtype} ${showShape(integers.shape)}. Convert it with toFloat`);
    const [count, m, k] = transposeA ? [a!.shape[0], a!.shape[2], a!.shape[1]] : a!.shape;
    const [count2, k2, n] = transposeB ? [b!.shape[0], b!.shape[2], b!.shape[1]] : b!.shape;
    if (a!.shape.length !== 3 || b!.shape.length !== 3 || count !== count2 || k !== k2) {
      throw new OpError(
        "bmm",
        `takes as many matrices on both sides, and inner sizes that agree, got ${showShape(a!.shape)}${transposeA ? "^T" : ""} times ${showShape(b!.shape)}${transposeB ? "^T" : ""}`,
      );
    }
    return { shape: [count!, m!, n!], dtype: "f32" };
  },
  grad(dy, { inputs: [a, b], attrs: { transposeA, transposeB } }) {
    const da = transposeA ? bmm(b!, dy, transposeB, true) : bmm(dy, b!, false, !transposeB);
    const db = transposeB ? bmm(dy, a!, true, transposeA) : bmm(a!, dy, !transposeA, false);
    return [da, db];
  },
  reference([a, b], out, { transposeA, transposeB }) {
    const [count, m, n] = out.shape as readonly [number, number, number];
    const k = a!.shape[transposeA ? 1 : 2]!;
    for (let f = 0; f < count; f++) {
      const [aBase, bBase] = [f * m * k, f * k * n];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let total = 0;
          for (let l = 0; l < k; l++) {
            total += a!.data[aBase + (transposeA ? l * m + i : i * k + l)]! * b!.data[bBase + (transposeB ? j * k + l : l * n + j)]!;
          }
          out.data[(f * m + i) * n + j] = total;
        }
      }
    }
  },
  kernel([a, b], out, { transposeA, transposeB }) {
    const [f, i, j] = [axis("f", out.shape[0]!), axis("i", out.shape[1]!), axis("j", out.shape[2]!)];
    const k = axis("k", a!.shape[transposeA ? 1 : 2]!);
    const product = mul(load(a!, transposeA ? [f, k, i] : [f, i, k]), load(b!, transposeB ? [f, j, k] : [f, k, j]));
    return kernelOf("bmm", out, [f, i, j], [f, i, j], [k], {}, product);
  },
  counts([a], out, { transposeA }) {
    const products = out.shape.reduce((n, e) => n * e, 1) * a!.shape[transposeA ? 1 : 2]!;
    return { multiplyAdds: products, connections: products };
  },
});

/** Products of the matrices of a [b, m, k] and b [b, k, n], one by one; either may be stored transposed. PyTorch's bmm. */
export const bmm = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  apply(bmmOp, [a, b], { transposeA, transposeB });
