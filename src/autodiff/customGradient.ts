/** Functions whose gradient is the user's own. */
import { sameShape, showShape } from "../base/shape.ts";
import { defineOp, type Op, OpError } from "../ir/op.ts";
import { apply, type Tensor } from "../ir/tensor.ts";
import { detachOp } from "../ops/detach.ts";

/** What a gradient rule may use. */
export interface CustomNode<X extends readonly Tensor[], Y extends Tensor = Tensor> {
  /** What the function was called with. */
  readonly inputs: X;
  /** What it gave. */
  readonly output: Y;
}

/** A function of tensors and its gradient rule. */
export interface CustomGradient<X extends readonly Tensor[], Y extends Tensor> {
  /** What errors and printed graphs call it. Default "custom". */
  readonly name?: string;
  /** The value: any ops. */
  forward(...inputs: X): Y;
  /**
   * Gradients of the loss by each input, in the inputs' shapes, given `dy`, its gradient by the output; undefined for an input that
   * has none. Any ops: what they give can be differentiated again.
   */
  backward(dy: Tensor, node: CustomNode<X, Y>): { readonly [K in keyof X]: Tensor | undefined };
}

/**
 * A function with the values of `forward` and the gradient of `backward`, whatever the derivative of `forward` is. PyTorch's
 * autograd.Function, without a context: where `backward` needs something that `forward` made, it makes it again, and the
 * compiler computes it once.
 *
 *     // The sign forwards; backwards as if it had not been there: a straight-through estimator.
 *     const binary = customGradient({
 *       forward: (x: Tensor) => select("gt", x, 0, 1, -1),
 *       backward: (dy) => [dy],
 *     });
 *     const y = binary(x);
 *
 * Gradients go to the arguments alone: a parameter that `forward` reads without being given it has none through this function,
 * so pass it. Gradients of gradients are those of `backward`. `gradcheck` compares the rule with `forward`.
 */
export function customGradient<const X extends readonly Tensor[], Y extends Tensor = Tensor>(
  definition: CustomGradient<X, Y>,
): (...inputs: X) => Y {
  const op = ruleOp(definition);
  return (...inputs) => apply(op, [definition.forward(...inputs), ...inputs], {}) as Y;
}

/** The value, input 0, unchanged, as detach gives it; the gradient goes past it to the arguments, the other inputs. One op for each function. */
function ruleOp<X extends readonly Tensor[], Y extends Tensor>(definition: CustomGradient<X, Y>): Op {
  const name = definition.name ?? "custom";
  return defineOp({
    name,
    facts: {},
    infer: ([value]) => ({ shape: value!.shape, dtype: value!.dtype }),
    grad(dy, { inputs, output }) {
      const own = inputs.slice(1);
      const gradients: readonly (Tensor | undefined)[] = definition.backward(dy, {
        inputs: own as unknown as X,
        output: output as Y,
      });
      checkGradients(name, own, gradients);
      return [undefined, ...gradients];
    },
    reference: ([value], y, attrs) => detachOp.reference([value!], y, attrs),
    kernel: ([value], y, attrs) => detachOp.kernel([value!], y, attrs),
    // Gradients have been traced by the time that graphs are simplified: the rule has done its work.
    simplify: ([value]) => value,
  });
}

function checkGradients(name: string, inputs: readonly Tensor[], gradients: readonly (Tensor | undefined)[]): void {
  if (gradients.length !== inputs.length)
    throw new OpError(
      name,
      `backward must give one gradient for each of ${inputs.length} inputs, got ${gradients.length}. Give undefined where there is none`,
    );
  inputs.forEach((x, i) => {
    const g = gradients[i];
    if (g && (!sameShape(g.shape, x.shape) || g.dtype !== "f32"))
      throw new OpError(name, `the gradient of input ${i} must be f32 ${showShape(x.shape)}, got ${g.dtype} ${showShape(g.shape)}`);
  });
}
