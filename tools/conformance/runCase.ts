import { type Backend, compile, constant, f32, type InputSpec, type NdArray, pullback, Tensor } from "../../src/index.ts";
import { CaseReader } from "./caseReader.ts";
import { type Bound, difference } from "./compare.ts";
import type { GoldenCase, Tensors } from "./manifest.ts";
import { type Built, OP_CASES } from "./opCases.ts";
import { runOptimizer } from "./optimizerCase.ts";
import { runSchedule } from "./scheduleCase.ts";
import { Unsupported } from "./status.ts";

/** What golden manifests hold beside ops. */
const OTHER_CASES: Readonly<Record<string, (c: GoldenCase, backend: Backend) => Promise<Tensors>>> = {
  lr_schedule: async (c) => runSchedule(c),
  optimizer: runOptimizer,
};

/**
 * Runs one op case, outputs and gradients in one program, and throws where it differs from PyTorch by more than OP_BOUND, or than a share
 * `relative` of the tensor's largest element.
 */
export async function runCase(c: GoldenCase, backend: Backend, relative?: number): Promise<void> {
  const computed = await (OTHER_CASES[c.op] ?? runGraph)(c, backend);
  const wrong = [
    ...Object.entries(c.outputs).map(([name, expected]) => difference(name, computed[name], expected, bound(c, name, relative))),
    ...Object.entries(c.grads).map(([name, expected]) =>
      difference(`d${name}`, computed[`d${name}`], expected, bound(c, `d${name}`, relative)),
    ),
  ].filter((w) => w !== undefined);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
}

/** The tolerance of op cases, in words: what the golden README calls fair. */
export const OP_BOUND = "by direct sums, within max(4 x PyTorch's own f32 error (f32_err), 2e-6 of the tensor's largest element)";

function bound(c: GoldenCase, key: string, relative = 2e-6): Bound {
  // An optimizer's parameters p0_1, p1_1, ... share one figure.
  const error = c.f32_err[key] ?? c.f32_err[key.replace(/^p\d+_\d+$/, "p")] ?? 0;
  return { absolute: 4 * error, relative };
}

async function runGraph(c: GoldenCase, backend: Backend): Promise<Tensors> {
  const build = OP_CASES[c.op] ?? "this op is not known yet";
  if (typeof build === "string") throw new Unsupported(build);
  const specs = Object.fromEntries(
    Object.entries(c.inputs).map(([name, { shape, dtype }]): [string, InputSpec] => [name, { shape, dtype }]),
  );
  let finish: Built["finish"];
  const program = await compile(backend, specs, (inputs: Readonly<Record<string, Tensor>>) => {
    const reader = new CaseReader(c.attrs, inputs, c.inputs);
    const result = build(reader);
    reader.finish();
    const built = result instanceof Tensor ? { outputs: { y: result } } : result;
    finish = built.finish;
    return { ...built.outputs, ...gradients(c, inputs, built.outputs.y) };
  });
  const results: Record<string, NdArray> = { ...(await program.run(c.inputs)) };
  await program.close();
  for (const [name, rule] of Object.entries(finish ?? {})) results[name] = rule(results[name]!);
  return results;
}

/** Gradients of sum(y * dy) by the inputs that the case has gradients of; dy is 1 for a loss. */
function gradients(c: GoldenCase, inputs: Readonly<Record<string, Tensor>>, y: Tensor | undefined): Readonly<Record<string, Tensor>> {
  const names = Object.keys(c.grads);
  if (names.length === 0 || !y) return {};
  const wrt = names.map((n) => inputs[n]!);
  const all = pullback(y, inputs.dy ?? constant(f32([], [1])), wrt);
  return Object.fromEntries(names.map((n, i) => [`d${n}`, all[i]!]));
}
