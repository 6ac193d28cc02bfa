/** Gradients against finite differences, in f64. */
import { f32, type NdArray } from "../base/ndarray.ts";
import { permutation, RandomStream } from "../base/random.ts";
import { type Shape, showShape, sizeOf, stridesOf } from "../base/shape.ts";
import { reachable } from "../ir/graph.ts";
import { OpError, type Values } from "../ir/op.ts";
import { constant, input, inputsOf, Tensor } from "../ir/tensor.ts";
import { type Mode, withTrace } from "../ir/trace.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/sum.ts";
import { grad } from "./grad.ts";

export interface GradcheckOptions {
  /** How far an element is moved, times its magnitude where that is above 1. Default 1e-4. */
  readonly eps?: number;
  /** The largest error that passes, as a share of the largest gradient of the same input. Default 1e-5. */
  readonly tolerance?: number;
  /** How many elements of each input are moved: all of a smaller one, random ones of a larger one. Default 64. */
  readonly samples?: number;
  /** What the random elements and the weights of the outputs are drawn by. Default 0. */
  readonly seed?: number;
  /** Whether layers that differ between the two train or evaluate. Default "train". */
  readonly mode?: Mode;
}

/** One element's gradient, both ways. */
export interface Deviation {
  /** Name of the input or the state. */
  readonly input: string;
  /** The element's place. */
  readonly index: readonly number[];
  /** What the gradient rules give. */
  readonly analytic: number;
  /** What central differences give. */
  readonly numeric: number;
  /** Their distance beyond what rounding explains, as a share of the input's largest gradient. */
  readonly error: number;
  /** Whether the slopes on the two sides of the element differ: the function has a kink or a jump within reach. */
  readonly kink: boolean;
}

/** What `gradcheck` found of one input. */
export interface InputCheck {
  readonly passed: boolean;
  /** How many of its elements were moved. */
  readonly checked: number;
  /** The element with the largest error. */
  readonly worst: Deviation | undefined;
}

/** What `gradcheck` found. */
export interface Gradcheck {
  readonly passed: boolean;
  /** What was checked, or what is wrong and where. */
  readonly message: string;
  /** The element with the largest error; undefined if nothing could be compared. */
  readonly worst: Deviation | undefined;
  /** By name of the input or the state. */
  readonly perInput: Readonly<Record<string, InputCheck>>;
}

/** The tensors that `fn` gets for these arrays. */
type Leaves<I extends Readonly<Record<string, NdArray>>> = { readonly [K in keyof I]: Tensor };

/**
 * Compares the gradients of `fn`, by every f32 input and every f32 state that its results are made of, with central differences of
 * its values: (f(x + eps) - f(x - eps)) / 2 eps, all in f64 by the ops' own definitions. A result that is not a single number, or
 * several of them, are weighted at random and summed. It never throws: what `fn` throws is in the message.
 *
 *     const { passed, message } = gradcheck(({ x, w }) => relu(conv(x, w)), { x: f32([1, 1, 5, 5], pixels), w: f32([2, 1, 3, 3], weights) });
 *
 * Functions are tested where they are smooth. At a kink (relu near 0, equal elements under a max) the two sides have different
 * slopes, differences give something between them, and any rule fails: choose inputs further than eps from kinks, distinct ones
 * for max pools. The message says where one was found. A gradient that is not meant to be the derivative, a straight-through
 * estimator say, fails as it should.
 */
export function gradcheck<I extends Readonly<Record<string, NdArray>>>(
  fn: (inputs: Leaves<I>) => Tensor | Readonly<Record<string, Tensor>>,
  inputs: I,
  options: GradcheckOptions = {},
): Gradcheck {
  try {
    return checked(fn, inputs, { ...DEFAULTS, ...options });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { passed: false, message: `gradcheck: ${reason}`, worst: undefined, perInput: {} };
  }
}

const DEFAULTS: Required<GradcheckOptions> = { eps: 1e-4, tolerance: 1e-5, samples: 64, seed: 0, mode: "train" };

function checked<I extends Readonly<Record<string, NdArray>>>(
  fn: (inputs: Leaves<I>) => Tensor | Readonly<Record<string, Tensor>>,
  inputs: I,
  options: Required<GradcheckOptions>,
): Gradcheck {
  for (const key of ["eps", "tolerance", "samples"] as const)
    if (!(options[key] > 0)) throw new OpError("", `${key} must be above 0, got ${options[key]}`);
  const { loss, terms, leaves, point } = traced(fn, inputs, options);
  if (leaves.size === 0) throw new OpError("", "there is no f32 input and no state to take gradients by");
  const gradients = grad(loss, [...leaves.values()]);
  // What only a gradient rule reads is needed, and is not moved.
  for (const t of reachable(gradients)) locate(t, point);
  const values = evaluate([...gradients, ...terms], point);
  // What rounding leaves of the loss: its last bits, times a margin for what happened on the way.
  const noise = 2 ** -46 * terms.reduce((all, t) => all + values.get(t)!.data.reduce((n, v) => n + Math.abs(v), 0), 0);
  const checks = [...leaves].map(([name, x], i): [string, InputCheck] => [
    name,
    checkLeaf(name, x, values.get(gradients[i]!)!.data, loss, point, noise, options),
  ]);
  return report(checks, options.tolerance);
}

interface Traced {
  readonly loss: Tensor;
  /** The loss is the sum of their elements. */
  readonly terms: readonly Tensor[];
  /** What gradients are taken by: the f32 inputs and states, by name. */
  readonly leaves: ReadonlyMap<string, Tensor>;
  /** Where they are taken: values of all inputs and states. */
  readonly point: Map<Tensor, Float64Array>;
}

function traced<I extends Readonly<Record<string, NdArray>>>(
  fn: (inputs: Leaves<I>) => Tensor | Readonly<Record<string, Tensor>>,
  inputs: I,
  { mode, seed }: Required<GradcheckOptions>,
): Traced {
  const given = Object.entries(inputs).map(([name, value]) => ({ name, value, tensor: input(name, value.shape, value.dtype) }));
  const result = withTrace({ mode, updates: new Map() }, () => fn(Object.fromEntries(given.map((g) => [g.name, g.tensor])) as Leaves<I>));
  const outputs: readonly Tensor[] = result instanceof Tensor ? [result] : Object.values(result);
  const floats = outputs.filter((y) => y.dtype === "f32");
  if (floats.length === 0) throw new OpError("", "the function gives no f32 tensor");
  const terms = floats.map((y, i) => (outputs.length === 1 && sizeOf(y.shape) === 1 ? y : mul(y, weights(y.shape, seed, `dy${i}`))));
  const loss = terms.map((t) => sum(t)).reduce((a, b) => add(a, b));

  const leaves = new Map(given.flatMap((g): [string, Tensor][] => (g.tensor.dtype === "f32" ? [[g.name, g.tensor]] : [])));
  const point = new Map(given.map((g): [Tensor, Float64Array] => [g.tensor, Float64Array.from(g.value.data)]));
  for (const t of reachable([loss])) {
    locate(t, point);
    if (t.source.kind === "state" && t.dtype === "f32") leaves.set(unused(t.source.state.name || "state", leaves), t);
  }
  return { loss, terms, leaves, point };
}

/** Adds the value of a state to the point. */
function locate(t: Tensor, point: Map<Tensor, Float64Array>): void {
  if (point.has(t)) return;
  if (t.source.kind === "state") point.set(t, Float64Array.from(t.source.state.read().data));
  if (t.source.kind === "input") throw new OpError("", `the function uses an input "${t.source.name}" that is not its own`);
}

/** `name`, or with a number behind it if something else is called so. */
function unused(name: string, taken: ReadonlyMap<string, Tensor>): string {
  if (!taken.has(name)) return name;
  for (let i = 2; ; i++) if (!taken.has(`${name} (${i})`)) return `${name} (${i})`;
}

/** Weights of an output's elements: of both signs, none near zero, so that every element counts and none hides another. */
function weights(shape: Shape, seed: number, name: string): Tensor {
  const stream = new RandomStream(seed, `gradcheck.${name}`);
  const signed = (u: number): number => (u < 0.5 ? -0.5 - 2 * u : 2 * u - 0.5);
  return constant(
    f32(
      shape,
      Array.from({ length: sizeOf(shape) }, (_, i) => signed(stream.uniform(i))),
    ),
  );
}

/** Moves elements of one leaf up and down. */
function checkLeaf(
  name: string,
  x: Tensor,
  analytic: Float64Array,
  loss: Tensor,
  point: ReadonlyMap<Tensor, Float64Array>,
  noise: number,
  { eps, tolerance, samples, seed }: Required<GradcheckOptions>,
): InputCheck {
  const start = point.get(x)!;
  const lossAt = movedLoss(loss, x, point);
  const middle = lossAt(start);
  const found = chosen(start.length, samples, seed, name).map((i) => {
    const step = eps * Math.max(1, Math.abs(start[i]!));
    const moved = (by: number): number => lossAt(start.with(i, start[i]! + by));
    const [up, down] = [(moved(step) - middle) / step, (middle - moved(-step)) / step];
    return { i, step, up, down, analytic: analytic[i]!, numeric: (up + down) / 2 };
  });
  const finite = found.flatMap((f) => [f.analytic, f.numeric]).filter(Number.isFinite);
  const scale = finite.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
  let worst: Deviation | undefined;
  for (const f of found) {
    const distance = Math.abs(f.analytic - f.numeric);
    const beyond = Math.max(0, distance - noise / f.step);
    const error = Number.isFinite(beyond) ? (beyond === 0 ? 0 : beyond / scale) : Infinity;
    if (worst && error <= worst.error) continue;
    // A smooth function's two slopes differ by its second derivative times the step, which is far less than this.
    const kink = Math.abs(f.up - f.down) > 0.01 * scale + (4 * noise) / f.step;
    worst = { input: name, index: placeOf(f.i, x.shape), analytic: f.analytic, numeric: f.numeric, error, kink };
  }
  return { passed: (worst?.error ?? 0) <= tolerance, checked: found.length, worst };
}

/** Positions to check among `size`: all, or so many different ones. */
function chosen(size: number, samples: number, seed: number, name: string): readonly number[] {
  if (size <= samples) return Array.from({ length: size }, (_, i) => i);
  const shuffled = permutation(size, new RandomStream(seed, `gradcheck.places.${name}`));
  return Array.from(shuffled.slice(0, Math.max(1, Math.floor(samples)))).sort((a, b) => a - b);
}

const placeOf = (position: number, shape: Shape): readonly number[] =>
  stridesOf(shape).map((stride, d) => Math.floor(position / stride) % shape[d]!);

/** The loss as a function of one leaf. What does not depend on the leaf is computed once. */
function movedLoss(loss: Tensor, leaf: Tensor, point: ReadonlyMap<Tensor, Float64Array>): (value: Float64Array) => number {
  const nodes = reachable([loss]);
  const moving = new Set<Tensor>([leaf]);
  for (const t of nodes) if (inputsOf(t).some((x) => moving.has(x))) moving.add(t);
  const still = evaluate(
    nodes.filter((t) => !moving.has(t)),
    point,
  );
  const order = nodes.filter((t) => moving.has(t));
  return (value) => {
    const values = new Map(still);
    for (const t of order) values.set(t, t === leaf ? { shape: t.shape, data: value } : valueAt(t, values, point));
    return values.get(loss)!.data[0]!;
  };
}

/** Values of these and of all they need. */
function evaluate(roots: readonly Tensor[], point: ReadonlyMap<Tensor, Float64Array>): ReadonlyMap<Tensor, Values> {
  const values = new Map<Tensor, Values>();
  for (const t of reachable(roots)) values.set(t, valueAt(t, values, point));
  return values;
}

/**
 * One node by its op's definition. The reference backend does the same, but it lies above this folder and computes whole graphs,
 * where here only what moves is computed again.
 */
function valueAt(t: Tensor, values: ReadonlyMap<Tensor, Values>, point: ReadonlyMap<Tensor, Float64Array>): Values {
  const { source, shape } = t;
  if (source.kind === "constant") return { shape, data: Float64Array.from(source.value.data) };
  if (source.kind !== "op") return { shape, data: point.get(t)! };
  const out = { shape, data: new Float64Array(sizeOf(shape)) };
  source.op.reference(
    source.inputs.map((x) => values.get(x)!),
    out,
    source.attrs,
  );
  return out;
}

function report(checks: readonly (readonly [string, InputCheck])[], tolerance: number): Gradcheck {
  const perInput = Object.fromEntries(checks);
  const worst = checks.map(([, c]) => c.worst).reduce((a, b) => (a && (!b || a.error >= b.error) ? a : b), undefined);
  const failed = checks.filter(([, c]) => !c.passed).map(([name]) => name);
  if (failed.length === 0 || !worst) {
    const elements = checks.reduce((n, [, c]) => n + c.checked, 0);
    const most = worst ? `, the largest error is ${worst.error.toPrecision(2)}` : "";
    return {
      passed: true,
      message: `gradcheck: ${elements} elements of ${checks.map(([n]) => n).join(", ")} agree${most}`,
      worst,
      perInput,
    };
  }
  const element = worst.index.length === 0 ? worst.input : `${worst.input}${showShape(worst.index)}`;
  const hint = worst.kink ? ". The slopes on its two sides differ: move it away from the kink or jump" : "";
  const message =
    `gradcheck: the gradient of ${failed.join(", ")} is wrong: by ${element} it is ${short(worst.analytic)}, but differences give ` +
    `${short(worst.numeric)}, an error of ${worst.error.toPrecision(2)} where ${tolerance} is allowed${hint}`;
  return { passed: false, message, worst, perInput };
}

/** As many digits as differences have. */
const short = (x: number): string => `${Number(x.toPrecision(8))}`;
