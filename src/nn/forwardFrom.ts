import type { Shape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { input, type Tensor } from "../ir/tensor.ts";
import { currentMode, withTrace } from "../ir/trace.ts";
import { Layer } from "./layer.ts";
import { Module } from "./module.ts";
import { times } from "./shapes/message.ts";
import type { ShapeFn } from "./shapes/shape.ts";

/** The largest extent that is tried, and how many steps are spent on a network that takes one size alone. */
const [LARGEST, MOST_STEPS] = [1024, 256] as const;
/** How many sizes a message lists. */
const MOST_SIZES = 8;

/**
 * The network's output for `x`. If the forward fails because `x` is too small for the network's windows, the OpError also says the
 * sizes on the way to the layer that failed, and the smallest input that works.
 *
 *     features.12: MaxPool2d: kernel 2 is larger than the input (512 x 1 x 1); sizes on the way: input 3 x 8 x 8, features.2 64 x 4 x 4,
 *     ...; the smallest input that works is 3 x 32 x 32
 */
export function forwardFrom(model: Module, x: Tensor): unknown {
  try {
    return model.forward(x as never);
  } catch (error) {
    if (!(error instanceof OpError) || firstOfSpace(x) >= x.shape.length) throw error;
    const smallest = smallestInput(model, x);
    if (smallest === undefined) throw error;
    throw new OpError("", `${error.message}; sizes on the way: ${wayOf(model, x)}; the smallest input that works is ${times(smallest)}`);
  }
}

/** Where the axes of space begin: after batch and channels, and after the batch for the words of texts [n, length]. */
const firstOfSpace = (x: Tensor): number => (x.dtype === "i32" && x.shape.length === 2 ? 1 : 2);

/** "input 3 x 8 x 8, features.2 64 x 4 x 4": every size that a layer changed, up to the one that failed. */
function wayOf(model: Module, x: Tensor): string {
  const sizes = [`input ${times(x.shape.slice(1))}`];
  let space = `${x.shape.slice(firstOfSpace(x))}`;
  for (const { path, shape } of attempt(model, x, x.shape.slice(1)).outputs) {
    if (shape.length < 3) continue;
    if (`${shape.slice(2)}` !== space) sizes.push(`${path} ${times(shape.slice(1))}`);
    space = `${shape.slice(2)}`;
  }
  const half = MOST_SIZES / 2;
  return (sizes.length > MOST_SIZES ? [...sizes.slice(0, half), "...", ...sizes.slice(-half)] : sizes).join(", ");
}

/** The smallest input with the channels of `x` that the network takes, if `x` fails because it is too small; else undefined. */
function smallestInput(model: Module, x: Tensor): Shape | undefined {
  const channels = x.shape.slice(1, firstOfSpace(x));
  const space = x.shape.slice(firstOfSpace(x));
  const tried = (extents: Shape): Attempt => attempt(model, x, [...channels, ...extents]);
  const cube = (n: number): Shape => space.map(() => n);
  const given = tried(space);
  // With more than one input it works: a batch norm that trains wants another.
  if (given.works) return undefined;
  const own = given.outputs.length;

  let large = 2 ** Math.ceil(Math.log2(Math.max(2, ...space)));
  let best: Attempt;
  do {
    large *= 2;
    best = tried(cube(large));
  } while (!best.works && large < LARGEST);
  if (best.works) {
    // Whatever fits in windows also fits if it is larger, so each axis can be halved by itself.
    return [...channels, ...space.reduce((extents, _, axis) => smallestAlong(axis, extents, tried), cube(large))];
  }
  // Of no use: not the size is wrong, or not only.
  if (best.outputs.length <= own) return undefined;
  // The windows fit, but what comes after them wants one size alone.
  const reached = best.outputs.length;
  const fits = ({ works, outputs }: Attempt): boolean => works || outputs.length >= reached;
  let n = smallestNumber(1, large, (size) => fits(tried(cube(size))));
  for (const last = n + MOST_STEPS; n <= last; n++) if (tried(cube(n)).works) return [...channels, ...cube(n)];
  return undefined;
}

/** `extents` with the smallest one along this axis that works. */
const smallestAlong = (axis: number, extents: Shape, tried: (extents: Shape) => Attempt): Shape =>
  extents.with(
    axis,
    smallestNumber(1, extents[axis]!, (n) => tried(extents.with(axis, n)).works),
  );

/** The smallest of the numbers from `low` to `high` for which a condition holds that then holds for all larger ones too. */
function smallestNumber(low: number, high: number, holds: (n: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Attempt {
  readonly works: boolean;
  /** If it does not: what modules gave before one failed. */
  readonly outputs: readonly { readonly path: string; readonly shape: Shape }[];
}

/** Traces the network in a trace of its own for another shape of input, without the batch. Nothing is computed. */
function attempt(model: Module, x: Tensor, shape: Shape): Attempt {
  const outputs: { readonly path: string; readonly shape: Shape }[] = [];
  // Two at least, so that the sizes alone decide whether a batch norm can train.
  const like = input("x", [Math.max(2, x.shape[0]!), ...shape], x.dtype);
  const onModule = (path: string, _: object, output: Tensor): void => void outputs.push({ path, shape: output.shape });
  const run = (): void => void model.forward(like as never);
  if (succeeds(() => withTrace({ mode: currentMode(), updates: new Map() }, run))) return { works: true, outputs };
  succeeds(() => withTrace({ mode: currentMode(), updates: new Map(), onModule }, () => stepByStep(model, run)));
  return { works: false, outputs };
}

function succeeds(fn: () => void): boolean {
  try {
    fn();
    return true;
  } catch (error) {
    if (error instanceof OpError) return false;
    throw error;
  }
}

/**
 * Runs `fn` without the foresight of containers: they judge the shapes of all that is in them before any of it runs, and here
 * every layer is to run until one fails.
 */
function stepByStep(model: Module, fn: () => void): void {
  const containers = [...model.namedModules().values()].filter((m): m is AnyLayer => m instanceof Layer && hasModules(m));
  const blind = containers.filter((m) => !Object.hasOwn(m, "outputShape"));
  for (const m of blind) Object.defineProperty(m, "outputShape", { value: () => undefined, configurable: true });
  try {
    fn();
  } finally {
    for (const m of blind) Reflect.deleteProperty(m, "outputShape");
  }
}

type AnyLayer = Layer<ShapeFn>;

const hasModules = (module: Module): boolean => [...module.namedChildren()].some(([, child]) => child instanceof Module);
