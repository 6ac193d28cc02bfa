import { OpError } from "../ir/op.ts";
import { Tensor } from "../ir/tensor.ts";
import { currentPath, withPath } from "../ir/trace.ts";
import { Module } from "./module.ts";
import { type BadShape, joinPath, Misfit, type Unless } from "./shapes/message.ts";
import type { Apply, PartialShape, Shape, ShapeFn } from "./shapes/shape.ts";

/** The tensor a layer takes, or the message that says why it cannot take this one. */
type Accepts<F extends ShapeFn, X extends Shape> = Unless<BadShape<Apply<F, X>>, Tensor<X>>;
/** The shape a layer gives, as far as it is known. */
type Output<F extends ShapeFn, X extends Shape> = Apply<F, X> extends infer Y extends Shape ? Y : Shape;

/**
 * A module with one input and one output whose shapes are checked twice by the same rule: by the compiler, where sizes are
 * literal (`F`, a shape function), and while tracing (`outputShape`), in the same words.
 */
export abstract class Layer<F extends ShapeFn> extends Module<F> {
  /** Name of the class, as messages and summaries write it. */
  abstract readonly type: string;

  /** The layer's output for x. Throws an OpError with the layer's path if the shape does not fit. */
  override forward<X extends Shape>(x: Accepts<F, X>): Tensor<Output<F, X>> {
    if (!((x as unknown) instanceof Tensor)) throw new OpError(this.type, `forward takes a Tensor, got ${describe(x)}`);
    const input = x as Tensor;
    return raised(() => {
      this.outputShape(input.shape);
      return this.apply(input);
    }) as Tensor<Output<F, X>>;
  }

  /** The shape the layer gives for this one; sizes that are not known are undefined. Throws a Misfit if it cannot take it. */
  abstract outputShape(x: PartialShape): PartialShape;

  /** The layer itself: `x` has a shape that `outputShape` accepts. */
  protected abstract apply(x: Tensor): Tensor;
}

/** What `fn` gives; a Misfit in it becomes the OpError that users see, with the path from the root. */
export function raised<T>(fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw withPath(joinPath(currentPath(), error.path), () => new OpError("", error.sentence));
  }
}

function describe(x: unknown): string {
  if (typeof x === "object" && x !== null) return `an object of ${x.constructor?.name}`;
  return `${x}`;
}
