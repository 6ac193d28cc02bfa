/** Every pass keeps every value, and the verifier holds after it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/reference/interpret.ts";
import { type Graph, graphOf, input, type NdArray, type Tensor } from "../../src/index.ts";
import { verifyGraph } from "../../src/ir/graph.ts";
import * as ops from "../../src/ops/index.ts";
import { PASSES } from "../../src/passes/optimize.ts";
import { buildExpression, EXPRESSION_INPUTS, expressionInputs, expressions } from "./expressions.ts";
import { RUNS, SEED } from "./forEveryCase.ts";
import { drawn, graphOfSample, NETWORKS } from "./networks.ts";

const passes = [...new Map(PASSES.map((p) => [p.name, p.run]))];

/** Values of every output and of every state's update, in f64. */
function results(graph: Graph, inputs: Readonly<Record<string, NdArray>>): Map<string, Float64Array> {
  const values = interpret(graph, (t) => {
    const array = t.source.kind === "state" ? t.source.state.read() : inputs[t.source.kind === "input" ? t.source.name : ""];
    return Float64Array.from(array!.data);
  });
  const named = [...graph.outputs, ...[...graph.updates].map(([s, t]): [string, Tensor] => [`update ${s.name}`, t])];
  return new Map(named.map(([name, t]) => [name, values.get(t)!.data]));
}

/**
 * Constants that a pass computes are stored in f32, and algorithms add up in other orders, in f64; everything else stays as it was, the sign
 * of zero apart.
 */
function expectSame(before: Map<string, Float64Array>, after: Map<string, Float64Array>, tolerance: number): void {
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, expected] of before) {
    const scale = expected.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    after.get(name)!.forEach((a, i) => {
      const e = expected[i]!;
      const same = a === e || (Number.isNaN(a) && Number.isNaN(e)) || Math.abs(a - e) <= tolerance * scale;
      if (!same) expect.fail(`${name}[${i}] was ${e}, is ${a}`);
    });
  }
}

const tolerances: Readonly<Record<string, number>> = { fold: 1e-7, algorithms: 1e-13 };

describe.each(passes)("%s", (name, pass) => {
  test.each(Object.keys(NETWORKS))("keeps the values of: %s", (network) => {
    const sample = NETWORKS[network]!;
    const graph = graphOfSample(sample);
    const after = pass(graph);
    verifyGraph(after);
    expectSame(results(graph, sample.inputs), results(after, sample.inputs), tolerances[name] ?? 0);
  });

  test("keeps the values of random expressions", () => {
    fc.assert(
      fc.property(expressions, (steps) => {
        const leaves = expressionInputs();
        const graph = graphOf(new Map(Object.entries(leaves)), new Map(Object.entries(buildExpression(steps, leaves))));
        const after = pass(graph);
        verifyGraph(after);
        const inputs = Object.fromEntries(Object.entries(EXPRESSION_INPUTS).map(([n, shape]) => [n, drawn(n, shape)]));
        expectSame(results(graph, inputs), results(after, inputs), tolerances[name] ?? 0);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});

describe("simplify", () => {
  const simplify = new Map(passes).get("simplify")!;
  test.each(Object.keys(NETWORKS))("twice is once: %s", (network) => {
    const once = simplify(graphOfSample(NETWORKS[network]!));
    expect(simplify(once).nodes.length).toBe(once.nodes.length);
  });

  test("equal subexpressions become one, neutral elements vanish", () => {
    const x = input("x", [2, 3]);
    const twice = ops.add(ops.exp(ops.mul(x, 1)), ops.exp(ops.add(x, 0)));
    const graph = simplify(graphOf(new Map([["x", x]]), new Map([["y", ops.reshape(ops.reshape(twice, [6]), [2, 3])]])));
    expect(graph.nodes.flatMap((t) => (t.source.kind === "op" ? [t.source.op.name] : []))).toEqual(["exp", "add"]);
  });

  test("what differs stays apart: attributes, constants that differ in the sign of zero, element types", () => {
    const x = input("x", [2, 2]);
    const parts = [ops.sum(x, [0]), ops.sum(x, [1]), ops.div(x, ops.mul(x, 0)), ops.div(x, ops.mul(x, -0))];
    const graph = graphOf(new Map([["x", x]]), new Map(parts.map((t, i): [string, Tensor] => [`${i}`, t])));
    const simplified = simplify(graph);
    expect(new Set(simplified.outputs.values()).size).toBe(4);
    expectSame(results(graph, { x: drawn("x", [2, 2]) }), results(simplified, { x: drawn("x", [2, 2]) }), 0);
  });
});
