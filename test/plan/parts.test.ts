/** Results that several kernels write in parts: through fusion, schedule and threads. */
import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/base/shape.ts";
import { assign, grad, type InputSpec, pullback, State, type Tensor } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { trace } from "../../src/runtime/compile.ts";
import { agree, type Fn, type Shapes } from "./agree.ts";

/** Names of the kernels that a function becomes. */
const kernels = (shapes: Shapes, fn: Fn): string[] =>
  planGraph(optimize(trace(shapes as Readonly<Record<string, InputSpec>>, fn as never))).steps.flatMap((s) => s.kernels.map((k) => k.name));

describe("parts of one result", () => {
  const shapes = { x: [2, 3, 6, 5], w1: [4, 3, 1, 1], w3: [8, 3, 3, 3], w5: [5, 17, 3, 3] };
  const inception: Fn = ({ x, w1, w3, w5 }) => {
    const branches = [
      ops.relu(ops.conv(x!, w1!)),
      ops.relu(ops.conv(x!, w3!, undefined, { padding: 1 })),
      ops.maxPool(x!, 3, { stride: 1, padding: 1 }),
      ops.avgPool(ops.slice(x!, [[], [0, 2]]), 1),
    ];
    return { y: ops.relu(ops.conv(ops.concat(branches), w5!, undefined, { padding: "same" })) };
  };

  test("branches write where they are joined, where nobody else reads them", () => {
    const names = kernels(shapes, inception);
    expect(names.filter((n) => n.includes("concat"))).toEqual(names.filter((n) => /^(conv|maxPool|avgPool).*\+concat$/.test(n)));
    expect(names.filter((n) => n.endsWith("+concat"))).toHaveLength(4);
  });

  test("the values, with gradients through everything", () =>
    agree(shapes, () => ({
      fn: (inputs) => {
        const { y } = inception(inputs) as { y: Tensor };
        const [dx, dw1, dw3, dw5] = grad(ops.sum(ops.mul(y, y)), [inputs.x!, inputs.w1!, inputs.w3!, inputs.w5!]) as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        return { y, dx, dw1, dw3, dw5 };
      },
    })));

  test("an elementwise function of the whole goes into every part", () => {
    const names = kernels({ x: [1, 4, 5, 5] }, ({ x }) => ({ y: ops.relu(ops.add(ops.concat([ops.exp(x!), ops.tanh(x!)]), 1)) }));
    expect(names).toEqual(["exp+concat+add+relu", "tanh+concat+add+relu"]);
  });

  test("but not where another reads the whole, too", () =>
    agree({ x: [1, 4, 5, 5] }, () => ({
      fn: ({ x }) => {
        const whole = ops.concat([ops.exp(x!), x!]);
        return { whole, y: ops.relu(whole), z: ops.mul(whole, ops.flip(whole, [1])) };
      },
    })));

  test("parts of parts, in every order", () =>
    agree({ x: [2, 4, 5, 6] }, () => ({
      fn: ({ x }) => {
        const inner = ops.concat([ops.slice(x!, [[], [1, 3]]), ops.exp(x!)]);
        const outer = ops.concat([inner, ops.pad(x!, 0), ops.roll(x!, 2, 3)]);
        return { y: ops.pad(outer, [1, 2], { mode: "reflect" }), z: ops.interpolate(inner, { scaleFactor: 2, mode: "bilinear" }) };
      },
    })));

  test("states whose new value is made of parts, of their own among others", () =>
    agree({ x: [1, 3, 4] }, () => {
      const queue = new State([4, 3, 4]);
      const turned = new State([3, 4]);
      return {
        states: [queue, turned],
        fn: ({ x }) => {
          const newest = ops.concat([ops.slice(queue.tensor, [[1]]), x!], 0);
          assign(queue, newest);
          assign(turned, ops.roll(ops.add(turned.tensor, ops.reshape(x!, [3, 4])), 1, 0));
          return { mean: ops.mean(queue.tensor, [0]), turned: turned.tensor };
        },
      };
    }));

  test("a sum of terms of which one is not everywhere keeps the others", () =>
    // The gradient of a slice has gaps; fused into a sum, the rest of each term must stay.
    agree({ x: [3, 16], y: [3, 6] }, () => ({
      fn: ({ x, y }) => {
        const [gaps] = pullback(ops.slice(x!, [[], [1, 12, 2]]), y!, [x!]) as [Tensor];
        const terms = ops.add(gaps, x!);
        return { rows: ops.sum(ops.reshape(terms, [3, 4, 4]), [1]), columns: ops.sum(terms, [0]) };
      },
    })));

  test("every element is written once", () => {
    const plan = planGraph(optimize(trace({ x: [1, 2, 5, 7] }, ({ x }) => ops.pad(x, [2, 3], { mode: "symmetric" }))));
    const written = plan.steps.reduce((n, { kernels: [k] }) => n + sizeOf(k!.axes.map((a) => a.extent)), 0);
    expect(plan.steps.length).toBe(9);
    expect(written).toBe(2 * 9 * 13);
  });
});
