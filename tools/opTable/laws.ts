import fc from "fast-check";
import { sizeOf } from "../../src/base/shape.ts";
import { compile, gradcheck, type InputSpec, NdArray, reference, type Tensor, wasm } from "../../src/index.ts";
import type { Op } from "../../src/ir/op.ts";
import { apply } from "../../src/ir/tensor.ts";
import { OPS, type OpName } from "../../src/ops/table.ts";
import { CASES } from "../../test/cases/index.ts";
import { drawInputs, type OpCase, type OpCases } from "../../test/cases/opCase.ts";
import { markdown } from "./markdown.ts";

/** Axes of space; 0 where there is none. */
const RANKS = [1, 2, 3, 0] as const;
/** Cases of one op and rank that run, and random ones that they are chosen from. */
const RUN = 2;
const SAMPLED = 60;

type Arrays = Readonly<Record<string, NdArray>>;

/** What every op of src/ops does with its cases of each rank. */
export async function lawTable(): Promise<string> {
  const rows: string[][] = [];
  for (const name of Object.keys(CASES) as OpName[]) {
    const cells: string[] = [];
    for (const rank of RANKS) cells.push(await abilities(OPS[name], CASES[name], rank));
    rows.push([name, ...cells]);
  }
  return [
    "Every op of the table: forward, gradient, wasm. Forward: the definition gives numbers. Gradient: `gradcheck` agrees with the rule; stops: it " +
      "gives none on purpose; n/a: there is nothing to differentiate. wasm: its results are the definition's. Found with up to " +
      `${RUN} cases of each rank; no entry: there is no such case among the fixed ones of the tests and ${SAMPLED} of their random ones.`,
    markdown(["op", ...RANKS.map((rank) => (rank === 0 ? "no space" : `${rank}-D`))], rows),
  ].join("\n\n");
}

/** "forward, gradient, wasm", each in a word; nothing without cases. */
async function abilities(op: Op, cases: OpCases, rank: number): Promise<string> {
  const drawn = [...cases.fixed, ...fc.sample(cases.random, { numRuns: SAMPLED, seed: 1 })];
  const size = (c: OpCase): number => c.inputs.reduce((n, i) => n + sizeOf(i.shape), 0);
  const own = drawn.filter((c) => spaceOf(c) === rank).sort((a, b) => size(a) - size(b));
  // The smallest say the least, the largest take the longest.
  const middle = Math.floor(own.length / 2);
  const results: Ability[] = [];
  for (const c of own.slice(middle, middle + RUN)) results.push(await ability(op, cases, c));
  if (results.length === 0) return "";
  return (["forward", "gradient", "wasm"] as const).map((what) => joined(results.map((r) => r[what]))).join(", ");
}

interface Ability {
  readonly forward: string;
  readonly gradient: string;
  readonly wasm: string;
}

/** "no" if any says no. */
const joined = (answers: readonly string[]): string => answers.find((a) => a === "no") ?? answers[0]!;

const yes = (holds: boolean): string => (holds ? "yes" : "no");

async function ability(op: Op, { stopsGradient }: OpCases, c: OpCase): Promise<Ability> {
  const values = drawInputs(c, 1);
  const arrays = Object.fromEntries(
    c.inputs.map((i, k): [string, NdArray] => {
      const array = new NdArray(i.dtype, i.shape);
      array.data.set(values[k]!);
      return [`x${k}`, array];
    }),
  );
  const fn = (inputs: Readonly<Record<string, Tensor>>): Tensor =>
    apply(
      op,
      c.inputs.map((_, k) => inputs[`x${k}`]!),
      c.attrs,
    );
  const expected = await run(reference, c, fn, arrays);
  const actual = await run(() => wasm({ threads: 1 }), c, fn, arrays);
  return {
    forward: yes(expected?.data.every((x) => !Number.isNaN(x)) === true),
    gradient: stopsGradient ? "stops" : gradientOf(op, c, fn, arrays),
    wasm: yes(expected !== undefined && actual !== undefined && close(actual, expected)),
  };
}

function gradientOf(op: Op, c: OpCase, fn: (inputs: Readonly<Record<string, Tensor>>) => Tensor, arrays: Arrays): string {
  const floats = c.inputs.some((i) => i.dtype === "f32") && op.infer(c.inputs, c.attrs).dtype === "f32";
  if (!floats) return "n/a";
  return op.grad ? yes(gradcheck(fn, arrays, { samples: 16 }).passed) : "no";
}

async function run(
  backend: () => ReturnType<typeof reference>,
  c: OpCase,
  fn: (inputs: Readonly<Record<string, Tensor>>) => Tensor,
  arrays: Arrays,
): Promise<NdArray | undefined> {
  const specs = Object.fromEntries(c.inputs.map((i, k): [string, InputSpec] => [`x${k}`, { shape: i.shape, dtype: i.dtype }]));
  try {
    const program = await compile(backend(), specs, fn);
    const { output } = await program.run(arrays);
    await program.close();
    return output;
  } catch {
    return undefined;
  }
}

/** Within what rounding may do to sums; integers are equal. */
function close(actual: NdArray, expected: NdArray): boolean {
  const largest = Math.max(0, ...Array.from(expected.data, Math.abs));
  const allowed = expected.dtype === "f32" ? 1e-5 * largest : 0;
  return actual.data.every((x: number, i: number) => Math.abs(x - expected.data[i]!) <= allowed);
}

/** Axes of space: as many as the op's windows have, else those of the first input beyond batch and channels. */
function spaceOf(c: OpCase): number {
  const kernel = c.attrs.kernel ?? c.attrs.inputSpace;
  const rank = Array.isArray(kernel) ? kernel.length : (c.inputs[0]?.shape.length ?? 0) - 2;
  return rank >= 1 && rank <= 3 ? rank : 0;
}
