import { describe, expect, test } from "vitest";
import { grad, pullback } from "../../src/autodiff/grad.ts";
import { interpret } from "../../src/backend/reference/interpret.ts";
import { RandomStream } from "../../src/base/random.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { Parameter, State } from "../../src/ir/state.ts";
import { assign } from "../../src/ir/trace.ts";
import * as ops from "../../src/ops/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { trace } from "../../src/runtime/compile.ts";
import { evaluatePlan } from "./evaluatePlan.ts";

const random = (n: number, name: string): Float64Array => {
  const s = new RandomStream(7, name);
  return Float64Array.from({ length: n }, (_, i) => s.uniform(i) - 0.5);
};

function parameter(shape: readonly number[], name: string): Parameter {
  return new Parameter(shape, (a, s) => a.data.forEach((_, i) => (a.data[i] = s.uniform(i) - 0.5)), name);
}

/** Plan and reference agree on every output and every new state. */
function agree(graph: Graph, inputs: Record<string, ArrayLike<number>>): void {
  const truth = interpret(graph, (t) =>
    Float64Array.from(t.source.kind === "state" ? t.source.state.read().data : inputs[(t.source as { name: string }).name]!),
  );
  const plan = planGraph(optimize(graph));
  const got = evaluatePlan(plan, inputs);
  const close = (a: Float64Array, b: Float64Array, what: string): void => {
    const scale = b.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-30);
    const worst = a.reduce((m, x, i) => Math.max(m, Number.isNaN(x) ? Number.POSITIVE_INFINITY : Math.abs(x - b[i]!)), 0);
    expect(worst / scale, what).toBeLessThan(1e-6);
  };
  for (const [name, t] of graph.outputs) close(got.outputs.get(name)!, truth.get(t)!.data, `output ${name}`);
  for (const [s, t] of graph.updates) close(got.states.get(s)!, truth.get(t)!.data, `state ${s.name}`);
}

/** A small LeNet with SGD and momentum. */
function lenetStep(batch: number): Graph {
  const w1 = parameter([6, 1, 5, 5], "w1");
  const b1 = parameter([6], "b1");
  const w2 = parameter([16, 6, 3, 3], "w2");
  const w3 = parameter([10, 64], "w3");
  const b3 = parameter([10], "b3");
  const momenta = [w1, b1, w2, w3, b3].map((p) => new State(p.shape, undefined, `${p.name}.momentum`));
  return trace(
    { x: { shape: [batch, 1, 12, 12], dtype: "u8" }, y: { shape: [batch], dtype: "i32" }, lr: [] },
    ({ x, y, lr }) => {
      const pixels = ops.div(ops.sub(ops.div(ops.toFloat(x), 255), 0.13), 0.31);
      const h1 = ops.maxPool(ops.relu(ops.conv(pixels, w1.tensor, b1.tensor, { padding: 2 })), 2);
      const h2 = ops.maxPool(ops.relu(ops.conv(h1, w2.tensor)), 2);
      const scores = ops.linear(ops.flatten(h2), w3.tensor, b3.tensor);
      const loss = ops.crossEntropy(scores, y);
      const gradients = grad(
        loss,
        [w1, b1, w2, w3, b3].map((p) => p.tensor),
      );
      [w1, b1, w2, w3, b3].forEach((p, i) => {
        const v = ops.add(ops.mul(momenta[i]!.tensor, 0.9), ops.add(gradients[i]!, ops.mul(p.tensor, 0.01)));
        assign(momenta[i]!, v);
        assign(p, ops.sub(p.tensor, ops.mul(lr, v)));
      });
      return { loss, correct: ops.sum(ops.select("eq", ops.toFloat(ops.argmax(scores, 1)), ops.toFloat(y), 1, 0)) };
    },
    { mode: "train" },
  );
}

test("a constant gradient that padding guards is fused no further", () => {
  const w = parameter([2, 3, 3, 3], "w");
  const graph = trace({ x: [1, 3, 6, 5] }, ({ x }) => {
    const loss = ops.mean(ops.conv(ops.mul(x, x), w.tensor, undefined, { padding: 1 }));
    return { dx: grad(loss, [x])[0]! };
  });
  agree(graph, { x: random(90, "x") });
});

describe("plan", () => {
  test("a training step of a small LeNet equals the reference, updates included", () => {
    const x = random(4 * 144, "x").map((v) => Math.floor((v + 0.5) * 255));
    agree(lenetStep(4), { x, y: [1, 9, 0, 3], lr: [0.05] });
  });

  test.each([
    { stride: [2, 2], padding: [1, 1], dilation: [1, 1], kernel: [3, 3], groups: 1 },
    { stride: [3, 2], padding: [0, 2], dilation: [2, 1], kernel: [2, 3], groups: 1 },
    { stride: [1, 1], padding: [1, 1], dilation: [1, 1], kernel: [3, 3], groups: 2 },
    { stride: [2, 1], padding: [1, 0], dilation: [1, 2], kernel: [1, 1], groups: 4 },
  ])("convolution and its gradients, $stride $padding $dilation $kernel $groups", ({ stride, padding, dilation, kernel, groups }) => {
    const [n, c, o, h, w] = [2, 8, 12, 9, 8];
    const graph = trace({ x: [n, c, h, w] }, ({ x }) => {
      const wt = parameter([o, c / groups, ...kernel], "w");
      const y = ops.tanh(ops.conv(x, wt.tensor, undefined, { stride, padding, dilation, groups }));
      const [dx, dw] = grad(ops.sum(ops.mul(y, y)), [x, wt.tensor]);
      return { y, dx: dx!, dw: dw! };
    });
    agree(graph, { x: random(n * c * h * w, "x") });
  });

  test("pools and their gradients", () => {
    const graph = trace({ x: [2, 5, 9, 7] }, ({ x }) => {
      const a = ops.maxPool(x, 3, { stride: 2, padding: 1 });
      const b = ops.avgPool(x, [2, 3], { stride: [1, 2] });
      const [dx] = grad(ops.add(ops.sum(ops.mul(a, a)), ops.sum(ops.mul(b, b))), [x]);
      return { a, b, dx: dx! };
    });
    agree(graph, { x: random(2 * 5 * 63, "x") });
  });

  test("a maximum and where it is are one step, and so are the phases of its gradient", () => {
    const pooled = (space: number, out: number): Graph =>
      trace({ x: [2, 8, space, space], dy: [2, 8, out, out] }, ({ x, dy }) => {
        const y = ops.maxPool(x, 3, { stride: 2, padding: 1 });
        return { y, dx: pullback(y, dy, [x])[0]! };
      });
    const names = (graph: Graph): string[][] => planGraph(optimize(graph)).steps.map((s) => s.kernels.map((k) => k.name));
    const gradients = (count: number): string[] => Array.from({ length: count }, () => "maxPoolGrad");
    const even = pooled(48, 24);
    agree(even, { x: random(16 * 48 ** 2, "x"), dy: random(16 * 24 ** 2, "dy") });
    expect(names(even)).toEqual([["maxPool", "maxPoolWinner"], gradients(4)]);
    // of an odd extent the phases differ in size
    expect(names(pooled(47, 24))).toEqual([["maxPool", "maxPoolWinner"], ...gradients(4).map((name) => [name])]);
  });

  test("a sum that reads a state stays apart from the one that writes its new value in place", () => {
    const s = new State([2048, 1], (a) => a.data.fill(0.5), "s");
    const graph = trace({ x: [2048, 4] }, ({ x }) => {
      const old = s.tensor;
      assign(s, ops.add(old, ops.sum(x, [1], true)));
      return { y: ops.mul(old, ops.max(x, [1], true)), z: ops.sum(ops.mul(x, x), [1], true) };
    });
    agree(graph, { x: random(8192, "x") });
    const kernels = planGraph(optimize(graph)).steps.map((step) => step.kernels.length);
    expect(kernels.toSorted()).toEqual([1, 2]);
  });

  test("a depthwise filter that is no parameter is laid out anew, so that lanes need not be gathered", () => {
    const [w, own] = [new State([32, 1, 3, 3], (a) => a.data.forEach((_, i) => (a.data[i] = i % 7)), "w"), parameter([32, 1, 3, 3], "w")];
    const depthwise = (s: State): Graph =>
      trace({ x: [1, 32, 16, 16] }, ({ x }) => ({ y: ops.conv(x, s.tensor, undefined, { padding: 1, groups: 32 }) }));
    agree(depthwise(w), { x: random(32 * 256, "x") });
    const copies = (graph: Graph): number => planGraph(optimize(graph)).steps.filter((s) => s.kernels[0]!.name === "halo").length;
    expect([copies(depthwise(w)), copies(depthwise(own))]).toEqual([1, 0]);
  });

  test("long sums in parts, views, and outputs that are inputs", () => {
    const graph = trace({ x: [64, 50], y: [50] }, ({ x, y }) => ({
      total: ops.sum(x),
      columns: ops.sum(x, [0]),
      moved: ops.permute(ops.reshape(x, [8, 8, 50]), [2, 0, 1]),
      same: y,
      mean: ops.mean(ops.mul(x, y)),
    }));
    agree(graph, { x: random(3200, "x"), y: random(50, "y") });
  });

  test("live buffers never overlap in the arena, and what is reported is what is allocated", () => {
    const plan = planGraph(optimize(lenetStep(8)), 1024);
    for (const a of plan.lives) {
      for (const b of plan.lives) {
        if (a === b || a.from > b.to || b.from > a.to) continue;
        const [pa, pb] = [plan.address(a.buffer), plan.address(b.buffer)];
        expect(pa + a.bytes <= pb || pb + b.bytes <= pa, `${a.buffer.name} and ${b.buffer.name}`).toBe(true);
      }
    }
    const { weights, activations, gradients, optimizer, scratch, total } = plan.memory;
    expect(weights + activations + gradients + optimizer + scratch).toBe(total);
    expect(total).toBe(plan.bytes);
  });
});
