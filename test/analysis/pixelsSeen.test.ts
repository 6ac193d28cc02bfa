/** What each unit of every op sees, read from its kernels, against what changes when a pixel does. */
import { expect } from "vitest";
import { pixelsSeen } from "../../src/analysis/receptiveField/pixelsSeen.ts";
import { endsAt } from "../../src/analysis/receptiveField/reach.ts";
import { reachesOf, spatialAxes } from "../../src/analysis/receptiveField/receptiveFields.ts";
import { type Shape, stridesOf } from "../../src/base/shape.ts";
import { apply } from "../../src/ir/tensor.ts";
import type { OpName } from "../../src/ops/table.ts";
import { CASES } from "../cases/index.ts";
import { drawInputs } from "../cases/opCase.ts";
import { runReference, tensorsOf } from "../laws/evaluate.ts";
import { forEveryCase } from "../laws/forEveryCase.ts";

/** The other input's extents when every number along these is another: which units along `axis` change. */
function unitsThatDiffer(a: Float64Array, b: Float64Array, shape: Shape, axis: number | undefined): Set<number> {
  const stride = axis === undefined ? 1 : stridesOf(shape)[axis]!;
  const found = new Set<number>();
  a.forEach((value, i) => {
    if (!Object.is(value, b[i]!)) found.add(axis === undefined ? 0 : Math.floor(i / stride) % shape[axis]!);
  });
  return found;
}

/** The input with other numbers wherever its index along `axis` is `at`. */
function changed(x: Float64Array, shape: Shape, axis: number, at: number): Float64Array {
  const stride = stridesOf(shape)[axis]!;
  return x.map((value, i) => (Math.floor(i / stride) % shape[axis]! === at ? value + 100.37 + 0.11 * (i % 7) : value));
}

/** Sums of windows and moved elements, all of whose weights count: what is seen makes a difference. */
const TIGHT: readonly OpName[] = [
  "conv",
  "convInputGrad",
  "avgPool",
  "maxPool",
  "windows",
  "pad",
  "extend",
  "slice",
  "spread",
  "permute",
  "concat",
];

const [LIMIT, RUNS] = [600, 25];

forEveryCase(
  "a unit changes only if what it sees does",
  (op, c, seed) => {
    const inputs = tensorsOf(c);
    const y = apply(op, inputs, c.attrs);
    const x = inputs[0]!;
    if (x.dtype !== "f32" || x.shape.reduce((a, b) => a * b, 1) > LIMIT) return;
    const seen = pixelsSeen([y], x).get(y) ?? spatialAxes(x).map(() => undefined);
    const values = drawInputs(c, seed);
    const before = runReference(op, c, values);
    const isBlind = seen.some((s) => !s || s.units.some((u) => u.every((p) => p === 0)));
    const isTight = TIGHT.some((name) => CASES[name] && op.name === name) && !isBlind;
    spatialAxes(x).forEach((axis, s) => {
      const own = seen[s];
      for (let at = 0; at < x.shape[axis]!; at++) {
        const after = runReference(op, c, [changed(values[0]!, x.shape, axis, at), ...values.slice(1)]);
        const differ = unitsThatDiffer(before, after, y.shape, own?.axis);
        const expected = new Set(own?.units.flatMap((u, i) => (u[at] ? [i] : [])));
        for (const unit of differ)
          if (!expected.has(unit)) expect.fail(`pixel ${at} of axis ${axis} changes unit ${unit}, which does not see it`);
        if (isTight) expect(differ, `units that see pixel ${at} of axis ${axis}`).toEqual(expected);
      }
    });
  },
  (_, cases) => cases.fixed.some((c) => c.inputs[0]!.shape.length > 2),
  RUNS,
);

/** Their edges read elsewhere than an endless image would have it: there up to half of the units may. */
const EDGED: readonly OpName[] = [
  "extend",
  "extendGrad",
  "roll",
  "interpolate",
  "interpolateGrad",
  "avgPoolGrad",
  "maxPoolGrad",
  "windowsGrad",
];

forEveryCase(
  "on an endless image a unit sees at least what it sees of this one",
  (op, c) => {
    const inputs = tensorsOf(c);
    const y = apply(op, inputs, c.attrs);
    const reaches = reachesOf([y], inputs[0]!).get(y) ?? [];
    const seen = pixelsSeen([y], inputs[0]!).get(y) ?? [];
    seen.forEach((own, s) => {
      let edges = EDGED.some((name) => op.name === name) ? (own?.units.length ?? 0) / 2 : 0;
      own?.units.forEach((pixels, unit) => {
        const [first, last] = endsAt(reaches[s]!, unit);
        const outside = [...pixels.keys()].filter((p) => pixels[p] && (p < first || p > last));
        if (outside.length > 0 && --edges < 0) expect.fail(`unit ${unit} sees ${outside} of axis ${s}, outside of ${first} to ${last}`);
      });
    });
  },
  (_, cases) => cases.fixed.some((c) => c.inputs[0]!.shape.length > 2),
  RUNS,
);
