/** `npm run zoo [-- NAME ...]`: runs every model of the zoo once at its published input size, with weights drawn at random. Exits with 1 if one fails. */
import { type Backend, compile, type DType, type InputSpec, type Tensor, wasm } from "../src/index.ts";
import { createModel, models, type ZooModel } from "../src/models/index.ts";

const only = process.argv.slice(2);
const unknown = only.filter((name) => !Object.hasOwn(models, name));
if (unknown.length > 0) throw new Error(`the models are ${Object.keys(models).join(", ")}, got ${unknown.join(", ")}`);

const CELLS = [20, 8, 13, 10, 12] as const;
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(CELLS[i]) : cell.padStart(CELLS[i]!))).join("  ");

/** Values that differ: tokens of a small vocabulary, or a wave. */
const valuesFor = (size: number, dtype: DType): Int32Array | Float32Array =>
  dtype === "i32"
    ? Int32Array.from({ length: size }, (_, i) => (i * 7919) % 1000)
    : Float32Array.from({ length: size }, (_, i) => ((i * 2654435761) % 1024) / 512 - 1);

/** Whether the model gives a finite score for each class; says what it took. */
async function runs(name: string, { input, dtype, classes }: ZooModel, backend: Backend): Promise<boolean> {
  const model = createModel(name).initialize(1);
  const began = performance.now();
  const spec: InputSpec = { shape: [1, ...input], dtype };
  const program = await compile(backend, { x: spec }, ({ x }) => ({ scores: model.forward(x as never) as Tensor }), { mode: "eval" });
  const compiled = performance.now();
  const x = valuesFor(
    input.reduce((a, b) => a * b, 1),
    dtype,
  );
  const { scores } = await program.run({ x });
  const from = performance.now();
  await program.run({ x });
  const seconds = performance.now() - from;
  const { total } = program.memory;
  await program.close();
  const ok = scores.data.length === classes && scores.data.every(Number.isFinite);
  const took = [`${(compiled - began).toFixed(0)} ms`, `${seconds.toFixed(1)} ms`, `${(total / 2 ** 20).toFixed(0)} MiB`];
  console.log(line([name, ok ? "runs" : "FAILS", ...took]));
  return ok;
}

console.log(line(["model", "", "compile", "one input", "memory"]));
let failed = 0;
for (const [name, model] of Object.entries(models)) {
  if (only.length > 0 && !only.includes(name)) continue;
  if (!(await runs(name, model, wasm({ threads: 1 })))) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
