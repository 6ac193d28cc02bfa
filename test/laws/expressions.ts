/**
 * Random graphs: a dozen steps, each an operation on tensors made before. Neutral elements, repeated expressions, chains of
 * shapes and many users of one tensor are frequent. On whole numbers every step is exact in f32, so all backends must agree
 * in every bit, ties and all.
 */
import fc from "fast-check";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { constant, f32, input, pullback, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { drawn } from "./networks.ts";

/** Which operation, and which earlier tensors. */
export interface Step {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly number: number;
}

type Rule = (p: Tensor, q: Tensor, number: number, draw: number) => Tensor | undefined;

const same = (p: Tensor, q: Tensor): boolean => p.shape.join() === q.shape.join();
const isImage = (p: Tensor): boolean => p.shape.length >= 3 && p.shape.length <= 5;

/** Weights of -1, 0 and 1. */
function filter(shape: Shape, draw: number): Tensor {
  return constant(f32(shape, drawn(`filter ${draw % 5}`, shape, 1.5).data.map(Math.round)));
}

// No max over axes: its gradient divides among equal winners, by three too.
const RULES: readonly Rule[] = [
  (p, _, n) => ops.add(p, n),
  (p, _, n) => ops.mul(n, p),
  (p, _, n) => ops.sub(n, p),
  (p, _, n) => ops.div(p, n === 0 ? 1 : n),
  (p) => ops.relu(p),
  (p) => ops.detach(p),
  (p) => ops.neg(p),
  (p) => ops.abs(p),
  (p) => ops.reshape(p, [-1]),
  (p) => (p.shape.length > 1 ? ops.flatten(p) : undefined),
  (p, _, __, draw) => ops.expand(p, [1 + (draw % 3), ...p.shape]),
  (p) => ops.permute(p, [...p.shape.keys()].reverse()),
  (p) => (p.shape.length > 0 ? ops.sum(p, [0], true) : undefined),
  (p) => (p.shape.length > 1 ? ops.sum(p, [p.shape.length - 1]) : undefined),
  (p) => (p.shape.length > 0 ? ops.toFloat(ops.argmax(p)) : undefined),
  (p, _, n) => ops.maximum(p, n),
  (p, q) => (same(p, q) ? ops.minimum(p, q) : undefined),
  (p, q) => (same(p, q) ? ops.add(p, q) : undefined),
  (p, q) => (same(p, q) ? ops.mul(p, q) : undefined),
  (p, q, n) => (same(p, q) ? ops.select("gt", p, n, q, p) : undefined),
  (p, _, __, draw) =>
    isImage(p) ? ops.conv(p, filter([3, p.shape[1]!, ...p.shape.slice(2).map(() => 2)], draw), undefined, { padding: 1 }) : undefined,
  (p, _, __, draw) =>
    isImage(p)
      ? ops.conv(p, filter([2 * p.shape[1]!, 1, ...p.shape.slice(2).map(() => 3)], draw), undefined, {
          padding: 2,
          stride: 2,
          groups: p.shape[1]!,
        })
      : undefined,
  (p) => (isImage(p) ? ops.maxPool(p, 2, { padding: 1 }) : undefined),
  (p) => (isImage(p) ? ops.avgPool(p, 2, { stride: 1, padding: 1 }) : undefined),
  (p, q, __, draw) => (same(p, q) && p.shape.length > 0 ? ops.concat([p, q, p], draw % p.shape.length) : undefined),
  (p, _, __, draw) =>
    ops.slice(
      p,
      p.shape.map((n, d) => (n > 2 && d % 2 === draw % 2 ? [1, undefined, 1 + (draw % 3)] : undefined)),
    ),
  (p, _, __, draw) => (p.shape.length > 0 ? ops.flip(p, [draw % p.shape.length]) : undefined),
  (p, _, n, draw) => (p.shape.length > 0 ? ops.pad(p, [[1 - (draw % 3), 2]], { value: n }) : undefined),
  (p, _, __, draw) => (p.shape.length > 0 ? ops.roll(p, 1 + (draw % 2), draw % p.shape.length) : undefined),
  (p) => (isImage(p) && p.shape.slice(2).every((n) => n > 1) ? ops.pad(p, 1, { mode: "reflect" }) : undefined),
  (p) => (isImage(p) ? ops.interpolate(p, { scaleFactor: 2 }) : undefined),
  (p) => (isImage(p) && p.shape[1] === 4 ? ops.pixelShuffle(p, 2) : undefined),
  (p) =>
    isImage(p)
      ? ops.localConv(p, filter([2, p.shape[1]!, ...p.shape.slice(2), ...p.shape.slice(2).map(() => 2)], 3), undefined, { padding: "same" })
      : undefined,
  (p, _, __, draw) => (p.shape.length === 2 ? ops.linear(p, filter([5, p.shape[1]!], draw), filter([5], draw + 1)) : undefined),
  (p, q) => (p.shape.length === 2 && q.shape.length === 2 && p.shape[1] === q.shape[0] ? ops.matmul(p, q) : undefined),
];

/** The steps of one graph. */
export const expressions: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.nat(RULES.length - 1),
    a: fc.nat(99),
    b: fc.nat(99),
    number: fc.oneof(...[0, -0, 1, -1, 2].map((n) => fc.constant(n))),
  }),
  { minLength: 1, maxLength: 14 },
);

export const EXPRESSION_INPUTS: Readonly<Record<string, Shape>> = { x: [2, 3, 4, 5], y: [2, 3], z: [2, 3, 4, 5] };

/** Every tensor that the steps make, and the gradients of the last one by the inputs. */
export function buildExpression(steps: readonly Step[], { x, y, z }: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
  const made = [x!, y!, z!];
  for (const { kind, a, b, number } of steps) {
    // Later tensors rather than earlier ones, so that graphs grow deep.
    const pick = (n: number): Tensor => made[made.length - 1 - (n % Math.min(made.length, 4))]!;
    const next = RULES[kind]!(pick(a), pick(b), number, a + b);
    // Doubling at every step would outgrow memory.
    if (next && sizeOf(next.shape) <= 600 && next.shape.length <= 6) made.push(next);
  }
  const last = made.at(-1)!;
  const dy = constant(f32(last.shape, drawn("dy", last.shape, 2).data.map(Math.round)));
  const [dx, dyy, dz] = pullback(last, dy, [x!, y!, z!]) as [Tensor, Tensor, Tensor];
  // Some in the middle are outputs too, so that they must survive what comes after.
  return { last, middle: made[made.length >> 1]!, dx, dy: dyy, dz };
}

/** The inputs as tensors, where no compile makes them. */
export const expressionInputs = (): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(EXPRESSION_INPUTS).map(([name, shape]) => [name, input(name, shape)]));
