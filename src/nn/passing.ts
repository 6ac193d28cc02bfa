/** How a container hands shapes and tensors to its children, whatever modules these are. */
import { OpError } from "../ir/op.ts";
import { Tensor } from "../ir/tensor.ts";
import type { NamedChild } from "./children.ts";
import { Layer } from "./layer.ts";
import { Misfit } from "./shapes/message.ts";
import type { PartialShape } from "./shapes/shape.ts";

/** The shape that the child makes of `x`, as far as that can be said without running it. Throws a Misfit with the child's name. */
export function shapeThrough([name, module]: NamedChild, x: PartialShape): PartialShape {
  return at(name, () => (module instanceof Layer ? module.outputShape(x) : undefined));
}

/** What the child of a container of class `type` gives for `x`. Throws a Misfit with the child's name. */
export function tensorThrough([name, module]: NamedChild, x: Tensor, type: string): Tensor {
  return at(name, () => {
    // Known by now also after modules that are no layers.
    if (module instanceof Layer) module.outputShape(x.shape);
    const output = module.forward(x as never);
    if (output instanceof Tensor) return output;
    throw new OpError(type, `its children must give one tensor, got ${Array.isArray(output) ? "a list" : typeof output} from "${name}"`);
  });
}

function at<T>(name: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw error instanceof Misfit ? error.under(name) : error;
  }
}
