import { describe, expect, test } from "vitest";
import { grad } from "../../src/autodiff/grad.ts";
import { CONTROL_BYTES } from "../../src/backend/wasm/barrier.ts";
import { emitProgram } from "../../src/backend/wasm/program.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { lenet5 } from "../../src/models/index.ts";
import { crossEntropy } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { compile, trace } from "../../src/runtime/compile.ts";
import { lowerSteps, wasm } from "../../src/runtime/wasm.ts";

const inputs = { x: [16, 1, 28, 28], y: { shape: [16], dtype: "i32" }, lr: [] } as const;

function trainingStep(): Parameters<typeof compile<typeof inputs, { loss: never }>>[2] {
  const model = lenet5();
  const optimizer = new SGD({ lr: 0.05, momentum: 0.9 });
  return (({ x, y, lr }) => {
    const loss = crossEntropy(model.forward(x as never), y);
    const parameters = model.parameters();
    optimizer.step(
      parameters,
      grad(
        loss,
        parameters.map((p) => p.tensor),
      ),
      lr,
    );
    return { loss };
  }) as Parameters<typeof compile<typeof inputs, { loss: never }>>[2];
}

describe("memory", () => {
  const graph: Graph = optimize(trace(inputs, trainingStep(), { mode: "train" }));
  const plan = planGraph(graph, CONTROL_BYTES);

  test("the kinds add up to the total, and the total is the arena", async () => {
    const program = await compile(wasm({ threads: 1 }), inputs, trainingStep(), { mode: "train" });
    const { weights, activations, gradients, optimizer, scratch, total } = program.memory;
    expect(weights + activations + gradients + optimizer + scratch).toBe(total);
    expect(total).toBe(plan.bytes);
    // LeNet-5: 61,706 weights of 4 bytes, each array rounded up to whole lines of 64; momentum likewise.
    expect(weights).toBeGreaterThanOrEqual(61_706 * 4);
    expect(weights).toBeLessThan(61_706 * 4 + 10 * 64);
    expect(optimizer).toBe(weights);
    await program.close();
  });

  test("a run stays inside the arena to the byte: what lies beyond it is untouched", () => {
    const pages = Math.ceil(plan.bytes / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const beyond = new Uint8Array(memory.buffer, plan.bytes);
    expect(beyond.length).toBeGreaterThan(0);
    beyond.fill(0xa5);
    const bytes = emitProgram({ steps: lowerSteps(plan), locals: plan.locals, memoryBytes: plan.bytes, shared: false });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    for (let i = 0; i < 3; i++) (instance.exports.run as (thread: number) => void)(0);
    expect(beyond.every((b) => b === 0xa5)).toBe(true);
  });

  test("every buffer lies inside the arena and above the control block", () => {
    for (const kernel of plan.steps.flatMap((s) => s.kernels)) {
      const own = plan.isLocal(kernel.out);
      const at = plan.address(kernel.out) + (own ? plan.locals.start : 0);
      expect(at).toBeGreaterThanOrEqual(CONTROL_BYTES);
      expect(at + kernel.out.shape[0]! * (kernel.out.dtype === "u8" ? 1 : 4)).toBeLessThanOrEqual(plan.bytes);
    }
  });
});
