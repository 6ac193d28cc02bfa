import { type Shape, showShape } from "../../base/shape.ts";
import { OpError } from "../../ir/op.ts";
import { Tensor } from "../../ir/tensor.ts";

/** The class to explain: one for all images, or one for each. */
export type Target = number | readonly number[];

/** What a network gave, if it is a score for each class, [n, classes]. Else an OpError. */
export function classScores(op: string, result: unknown, images: number): Tensor {
  const shape = result instanceof Tensor ? showShape(result.shape) : typeof result;
  if (result instanceof Tensor && result.shape.length === 2 && result.shape[0] === images) return result;
  throw new OpError(op, `the network must give a score for each class, [${images}, classes], got ${shape}`);
}

/** The target of each of `images` images, all within the classes of `scores` [n, classes]. */
export function targetsOf(op: string, target: Target, scores: Shape): Int32Array {
  const [images = 0, classes = 0] = scores;
  const targets = typeof target === "number" ? Array<number>(images).fill(target) : target;
  if (targets.length !== images) throw new OpError(op, `needs one class for each of ${images} images, got ${targets.length}`);
  for (const k of targets) {
    if (!Number.isInteger(k) || k < 0 || k >= classes) throw new OpError(op, `the class must be 0 to ${classes - 1}, got ${k}`);
  }
  return Int32Array.from(targets);
}
