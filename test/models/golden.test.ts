/** LeNet-5, forwards, backwards and three steps of SGD, against PyTorch in double precision. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile, grad, type NdArray, reference } from "../../src/index.ts";
import { fromSafetensors } from "../../src/interop/index.ts";
import { lenet5Tanh } from "../../src/models/index.ts";
import { crossEntropy } from "../../src/ops/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { type Bound, difference } from "../../tools/conformance/compare.ts";

interface Info {
  readonly losses: readonly number[];
  readonly optimizer: { readonly lr: number; readonly momentum: number; readonly weight_decay: number };
  readonly order: { readonly parameters: readonly string[] };
  readonly parameters: number;
}

const folder = join(import.meta.dirname, "../golden/nets");
// What is stored is f64 rounded to f32, and so is what we compute.
const BOUND: Bound = { absolute: 1e-8, relative: 1e-6 };

describe("LeNet-5 against PyTorch", () => {
  const info = JSON.parse(readFileSync(join(folder, "lenet5.json"), "utf8")) as Info;
  const { losses, optimizer: options, order, parameters } = info;
  const { tensors } = fromSafetensors(readFileSync(join(folder, "lenet5.safetensors")));
  const tensor = (name: string): NdArray => tensors.get(name)!;
  const stored = (prefix: string): Map<string, NdArray> =>
    new Map([...tensors].flatMap(([name, t]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), t] as const] : [])));
  const batch = { x: tensor("batch/x"), y: tensor("batch/target") };
  const inputs = { x: [4, 1, 28, 28], y: { shape: [4], dtype: "i32" } } as const;

  function expectEqual(actual: ReadonlyMap<string, NdArray>, wanted: ReadonlyMap<string, NdArray>): void {
    expect([...actual.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [name, t] of wanted) expect(difference(name, actual.get(name), t, BOUND)).toBeUndefined();
  }

  it("has PyTorch's names in PyTorch's order", () => {
    const model = lenet5Tanh();
    expect(model.parameters().map((p) => p.name)).toEqual(order.parameters);
    expect(model.parameters().reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0)).toBe(parameters);
  });

  it("gives the logits and gradients", async () => {
    const model = lenet5Tanh();
    model.loadStateDict(stored("state0/"));
    const program = await compile(
      reference(),
      inputs,
      ({ x, y }) => {
        const logits = model.forward(x);
        const loss = crossEntropy(logits, y);
        const all = grad(
          loss,
          model.parameters().map((p) => p.tensor),
        );
        return { logits, loss, ...Object.fromEntries(all.map((g, i) => [`grad ${order.parameters[i]}`, g])) };
      },
      { mode: "train" },
    );
    const results: Readonly<Record<string, NdArray>> = await program.run(batch);
    expect(difference("logits", results.logits, tensor("out/logits"), BOUND)).toBeUndefined();
    expect(results.loss!.item()).toBeCloseTo(losses[0]!, 6);
    expectEqual(new Map(order.parameters.map((name) => [name, results[`grad ${name}`]!])), stored("grad/"));
  });

  it("learns as PyTorch does for three steps", async () => {
    const model = lenet5Tanh();
    model.loadStateDict(stored("state0/"));
    const optimizer = new SGD({ lr: options.lr, momentum: options.momentum, weightDecay: options.weight_decay });
    const step = await compile(
      reference(),
      { ...inputs, lr: [] },
      ({ x, y, lr }) => {
        const loss = crossEntropy(model.forward(x), y);
        const all = model.parameters();
        const gradients = grad(
          loss,
          all.map((p) => p.tensor),
        );
        optimizer.step(all, gradients, lr);
        return { loss };
      },
      { mode: "train" },
    );
    for (const loss of losses) expect((await step.run({ ...batch, lr: options.lr })).loss.item()).toBeCloseTo(loss, 6);
    expectEqual(await model.stateDict(), stored("state3/"));

    const evaluate = await compile(reference(), { x: inputs.x }, ({ x }) => model.forward(x));
    const { output } = await evaluate.run({ x: batch.x });
    expect(difference("logits", output, tensor("eval/logits3"), BOUND)).toBeUndefined();
  });
});
