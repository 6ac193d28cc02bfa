/** Measuring steps runs each of them and each kernel of a chain, and changes no state. No test says how long they take. */
import { expect, test } from "vitest";
import { trainingGraph } from "../../src/analysis/summary/programs.ts";
import { CONTROL_BYTES } from "../../src/backend/wasm/barrier.ts";
import { NdArray } from "../../src/base/ndarray.ts";
import { resnet20 } from "../../src/models/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { measureSteps } from "../../src/runtime/stepTimes.ts";

test("every step is measured, and the kernels of a chain", async () => {
  const model = resnet20().initialize(1);
  const weight = model.parameters()[0]!;
  const before = weight.read();
  const graph = optimize(trainingGraph(model, { shape: [3, 32, 32], dtype: "f32" }, 8, new SGD({ lr: 1, momentum: 0.9 })));
  const plan = planGraph(graph, CONTROL_BYTES);
  const inputs = new Map([...graph.inputs].map(([name, t]) => [name, new NdArray(t.dtype, t.shape)]));
  const { run, steps, rounds } = await measureSteps(plan, inputs, 1);
  expect(run).toBeGreaterThan(0);
  expect(rounds).toBeGreaterThan(0);
  expect(steps.map((s) => s.kernels.length)).toEqual(plan.steps.map((s) => (s.kernels[0]!.chain ? s.kernels.length : 0)));
  expect(steps.some((s) => s.kernels.length > 0)).toBe(true);
  for (const s of steps) for (const ms of [s.milliseconds, ...s.kernels]) expect(ms).toBeGreaterThanOrEqual(0);
  expect(weight.read()).toEqual(before);
});
