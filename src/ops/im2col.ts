/**
 * Convolution as one product of matrices for each group: the windows as columns [c taps, n windows], the filters as rows [o, c taps].
 * Chellapilla, Puri, Simard, "High performance convolutional neural networks for document processing", 2006.
 */
import { sizeOf } from "../base/shape.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { bmm } from "./bmm.ts";
import type { ConvAttrs } from "./conv.ts";
import type { ConvMethod } from "./convAlgorithms.ts";
import { reshape } from "./reshape.ts";
import { permute } from "./transpose.ts";
import { outSpace, type WindowAttrs } from "./window.ts";
import { windowsGradOp, windowsOp } from "./windowReduce.ts";

const windowOnly = ({ kernel, stride, padding, dilation }: WindowAttrs): WindowAttrs => ({ kernel, stride, padding, dilation });

/** [n, g c, ...out, ...kernel] in parts g, c, taps, n, windows: [g, c taps, n windows]. */
function columns(x: Tensor, attrs: ConvAttrs): Tensor {
  const { kernel, groups } = attrs;
  const rank = kernel.length;
  const all = apply(windowsOp, [x], { ...windowOnly(attrs), fill: 0 });
  const [n, c] = [x.shape[0]!, x.shape[1]! / groups];
  const out = all.shape.slice(2, 2 + rank);
  const parts = reshape(all, [n, groups, c, sizeOf(out), sizeOf(kernel)]);
  return reshape(permute(parts, [1, 2, 4, 0, 3]), [groups, c * sizeOf(kernel), n * sizeOf(out)]);
}

/** [n, g o, ...out] as [g, o, n windows]. */
function rows(y: Tensor, groups: number): Tensor {
  const [n, o] = [y.shape[0]!, y.shape[1]! / groups];
  const size = sizeOf(y.shape.slice(2));
  return reshape(permute(reshape(y, [n, groups, o, size]), [1, 2, 0, 3]), [groups, o, n * size]);
}

/** [o, c, ...kernel] as [g, o, c taps]. */
const filters = (w: Tensor, groups: number): Tensor => reshape(w, [groups, w.shape[0]! / groups, sizeOf(w.shape.slice(1))]);

/** Convolution by columns, and its gradients by the transposes. */
export const im2col: ConvMethod = {
  forward(x, w, attrs) {
    const [n, o] = [x.shape[0]!, w.shape[0]!];
    const out = outSpace(x.shape.slice(2), attrs);
    const product = bmm(filters(w, attrs.groups), columns(x, attrs));
    const parts = reshape(product, [attrs.groups, o / attrs.groups, n, sizeOf(out)]);
    return reshape(permute(parts, [2, 0, 1, 3]), [n, o, ...out]);
  },
  inputGrad(dy, w, inputSpace, attrs) {
    const { kernel, groups } = attrs;
    const [n, c, out] = [dy.shape[0]!, w.shape[1]!, dy.shape.slice(2)];
    const product = bmm(filters(w, groups), rows(dy, groups), true, false);
    const parts = permute(reshape(product, [groups, c, sizeOf(kernel), n, sizeOf(out)]), [3, 0, 1, 4, 2]);
    return apply(windowsGradOp, [reshape(parts, [n, groups * c, ...out, ...kernel])], { ...windowOnly(attrs), inputSpace });
  },
  weightGrad(dy, x, attrs) {
    const product = bmm(rows(dy, attrs.groups), columns(x, attrs), false, true);
    return reshape(product, [dy.shape[1]!, x.shape[1]! / attrs.groups, ...attrs.kernel]);
  },
};
