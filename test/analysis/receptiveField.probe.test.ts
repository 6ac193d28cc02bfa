/** Receptive fields of random graphs, by their kernels, against the gradient of every unit. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { pixelsSeen } from "../../src/analysis/receptiveField/pixelsSeen.ts";
import { endsAt } from "../../src/analysis/receptiveField/reach.ts";
import { reachesOf, receptiveFields } from "../../src/analysis/receptiveField/receptiveFields.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { constant, f32, input, OpError, pullback, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { int } from "../cases/arbitraries.ts";
import { evaluator } from "../laws/evaluate.ts";
import { SEED } from "../laws/forEveryCase.ts";

/** Positive numbers, so that nothing cancels. */
function positive(shape: Shape, name: string): Float64Array {
  const stream = new RandomStream(5, name);
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(0.5 + stream.uniform(i)));
}
const weights = (...shape: number[]): Tensor => constant(f32(shape, positive(shape, `${shape}`)));

/** One step of a network: a function of images. */
interface Step {
  readonly name: string;
  readonly of: (x: Tensor) => Tensor;
  /** Whether the field is that of an endless image wherever it lies within the image. */
  readonly plain: boolean;
}

const step = (name: string, of: (x: Tensor) => Tensor, plain = true): Step => ({ name, of, plain });
const channels = (x: Tensor): number => x.shape[1]!;

const convStep = fc
  .record({ k: fc.tuple(int(1, 3), int(1, 3)), stride: int(1, 2), dilation: int(1, 2), groups: fc.constantFrom(1, 2) })
  .chain((c) => fc.record({ c: fc.constant(c), padding: fc.tuple(int(0, Math.floor(c.k[0] / 2)), int(0, Math.floor(c.k[1] / 2))) }))
  .map(({ c: { k, stride, dilation, groups }, padding }) =>
    step(`conv ${k} / ${stride}, dilation ${dilation}, padding ${padding}, groups ${groups}`, (x) =>
      ops.conv(x, weights(channels(x), channels(x) / groups, ...k), undefined, {
        stride,
        padding: padding.map((p): readonly [number, number] => [p * dilation, p * dilation]),
        dilation,
        groups,
      }),
    ),
  );
const poolStep = fc
  .record({ k: int(1, 3), stride: int(1, 3) })
  .map(({ k, stride }) => step(`avgPool ${k} / ${stride}`, (x) => ops.avgPool(x, k, { stride, padding: Math.floor(k / 2) })));
const transposedStep = fc
  .record({ k: int(2, 4), stride: int(1, 2), padding: int(0, 1) })
  .map(({ k, stride, padding }) =>
    step(`convTranspose ${k} / ${stride}, padding ${padding}`, (x) =>
      ops.convTranspose(x, weights(channels(x), channels(x), k, k), undefined, { stride, padding }),
    ),
  );
const same = (k: number, dilation: number) => (x: Tensor) =>
  ops.conv(x, weights(channels(x), channels(x), k, k), undefined, { padding: "same", dilation });
const residualStep = fc
  .record({ k: int(1, 4), dilation: int(1, 2) })
  .map(({ k, dilation }) => step(`residual of a conv ${k}, dilation ${dilation}`, (x) => ops.add(x, same(k, dilation)(x))));
const branchStep = fc
  .tuple(int(1, 4), int(1, 3))
  .map(([a, b]) =>
    step(`concat of convs ${a} and ${b}`, (x) =>
      same(1, 1)(ops.slice(ops.concat([same(a, 1)(x), same(b, 2)(x)]), [[], [1, 1 + channels(x)]])),
    ),
  );
const paceStep = fc.constant(
  step(
    "two paces that meet",
    (x) => {
      const [h, w] = x.shape.slice(2) as [number, number];
      return ops.add(ops.slice(x, [[], [], [0, h >> 1], [0, w >> 1]]), ops.avgPool(x, 2));
    },
    false,
  ),
);
const upStep = fc
  .record({ mode: fc.constantFrom("nearest" as const, "linear" as const, "cubic" as const) })
  .map(({ mode }) => step(`resized x 2, ${mode}`, (x) => ops.interpolate(x, { scaleFactor: 2, mode }), mode === "nearest"));
const otherStep = fc.constantFrom(
  step("reflected margin", (x) => ops.pad(x, [1, 1], { mode: "reflect" }), false),
  step("circular margin", (x) => ops.pad(x, [1, 0], { mode: "circular" }), false),
  step("roll", (x) => ops.roll(x, 1, 2), false),
  step("every other", (x) => ops.slice(x, [[], [], [0, x.shape[2]!, 2]]), true),
  step("flip", (x) => ops.flip(x, [3]), false),
  step("pixelUnshuffle", (x) => ops.slice(ops.pixelUnshuffle(x, 2), [[], [1, 3]]), false),
  step("relu", (x) => ops.relu(x)),
);

const networks = (...kinds: readonly fc.Arbitrary<Step>[]): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 5 });

/** The network's output for images of this shape, or undefined if they become too small, or too many to look at. */
function built(steps: readonly Step[], x: Tensor): Tensor | undefined {
  try {
    const y = steps.reduce<Tensor>((t, s) => s.of(t), x);
    return sizeOf(y.shape.slice(2)) <= 80 ? y : undefined;
  } catch (error) {
    if (error instanceof OpError) return undefined;
    throw error;
  }
}

interface Box {
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** Rows and columns that are not zero. */
function boxOf(image: Float64Array, [h, w]: readonly [number, number]): Box | undefined {
  const at = [...image.keys()].filter((i) => image[i] !== 0);
  if (at.length === 0) return undefined;
  const [rows, columns] = [at.map((i) => Math.floor(i / w) % h), at.map((i) => i % w)];
  return { start: [Math.min(...rows), Math.min(...columns)], end: [Math.max(...rows) + 1, Math.max(...columns) + 1] };
}

/** The gradient of every unit by the image, summed over channels: one image for each unit. */
function gradients(steps: readonly Step[], space: readonly [number, number], units: number): Float64Array[] {
  const x = input("x", [units, 2, ...space]);
  const y = built(steps, x)!;
  const dy = input("dy", y.shape);
  const [channelsOut, size] = [channels(y), sizeOf(y.shape.slice(2))];
  const one = Float64Array.from({ length: sizeOf(y.shape) }, (_, i) =>
    i % size === Math.floor(i / (size * channelsOut)) ? 1 + (i % 3) : 0,
  );
  const image = positive(x.shape.slice(1), "x");
  const images = Float64Array.from({ length: sizeOf(x.shape) }, (_, i) => image[i % image.length]!);
  const [dx] = evaluator([x, dy], [pullback(y, dy, [x])[0]!])([images, one]);
  const pixels = space[0] * space[1];
  return Array.from({ length: units }, (_, u) =>
    Float64Array.from({ length: pixels }, (_, p) => Math.abs(dx![u * 2 * pixels + p]!) + Math.abs(dx![(u * 2 + 1) * pixels + p]!)),
  );
}

/** Units whose field lies within the image, along one axis: there the closed form must be exact. */
let inner = 0;

/** Compares every unit's gradient with both forms; false if the network cannot be built. */
function check(steps: readonly Step[], space: readonly [number, number], isMonotone: boolean): boolean {
  const x = input("x", [1, 2, ...space]);
  const y = built(steps, x);
  if (!y) return false;
  const [rows, columns] = pixelsSeen([y], x).get(y)!;
  const field = receptiveFields([y], x).get(y);
  const reaches = reachesOf([y], x).get(y)!;
  const width = y.shape[3]!;
  gradients(steps, space, sizeOf(y.shape.slice(2))).forEach((image, unit) => {
    const place = [Math.floor(unit / width), unit % width];
    const own = [rows, columns].map((s, d) => (s ? s.units[s.axis === undefined ? 0 : place[d]!]! : new Uint8Array(space[d]!)));
    const actual = boxOf(image, space);
    const seen = boxOf(
      Float64Array.from({ length: space[0] * space[1] }, (_, i) => own[0]![Math.floor(i / space[1])]! * own[1]![i % space[1]]!),
      space,
    );
    const said = `unit ${place} of ${steps.map((s) => s.name).join("; ")} on ${space}`;
    if (isMonotone) expect(seen, said).toEqual(actual);
    if (!actual || !steps.every((s) => s.plain)) return;
    reaches.forEach((reach, d) => {
      const [first, last] = endsAt(reach!, place[d]!);
      expect(last - first + 1, said).toBeLessThanOrEqual(field!.size[d]!);
      // Of an endless image: it holds what is seen, and is exactly that where it lies within the image.
      expect(first, `${said}: first on axis ${d}`).toBeLessThanOrEqual(actual.start[d]!);
      expect(last, `${said}: last on axis ${d}`).toBeGreaterThanOrEqual(actual.end[d]! - 1);
      // Of a tensor with one unit all that is known may be what the units before it see together.
      const isWithin = reach!.axis !== undefined && first >= 0 && last <= space[d]! - 1;
      if (isWithin) expect([actual.start[d], actual.end[d]! - 1], said).toEqual([first, last]);
      if (isWithin) inner++;
    });
  });
  return true;
}

const spaces = fc.tuple(int(7, 12), int(7, 12));

test.each([
  ["windows, residuals and branches", networks(convStep, convStep, poolStep, residualStep, branchStep), true],
  ["transposed convolutions among them", networks(convStep, transposedStep, transposedStep, residualStep, poolStep), true],
  ["margins, moves, resizing and paths of two paces", networks(convStep, otherStep, upStep, paceStep, transposedStep), true],
] as const)("%s: what the gradient reaches is what the kernels say", (_, steps, isMonotone) => {
  let checked = 0;
  inner = 0;
  fc.assert(
    fc.property(steps, spaces, (net, space) => {
      if (check(net, space, isMonotone)) checked++;
    }),
    { numRuns: 60, seed: SEED },
  );
  expect(checked).toBeGreaterThan(10);
  expect(inner).toBeGreaterThan(100);
});
