/** Minimal filtering runs block by block: the plan has such chains, they give what the ops say, and threads change no bit. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/reference/interpret.ts";
import { CONTROL_BYTES } from "../../src/backend/wasm/barrier.ts";
import { emitProgram } from "../../src/backend/wasm/program.ts";
import { RandomStream } from "../../src/base/random.ts";
import { type Shape, sizeOf } from "../../src/base/shape.ts";
import { compile, input, type NdArray, pullback, type Tensor, trace, wasm } from "../../src/index.ts";
import { conv } from "../../src/ops/conv.ts";
import { mul, relu } from "../../src/ops/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";
import { lowerSteps } from "../../src/runtime/wasm.ts";
import { evaluatePlan } from "./evaluatePlan.ts";

interface Layer {
  readonly x: Shape;
  readonly filters: number;
  readonly padding: number;
  readonly tile: 2 | 4;
  /** Along each axis; 3 unless it says so. */
  readonly taps?: number;
  /** 1 unless it says so. */
  readonly stride?: number;
}

const LAYERS: readonly Layer[] = [
  { x: [1, 4, 34, 5], filters: 5, padding: 1, tile: 4 },
  { x: [5, 4, 7, 5], filters: 9, padding: 0, tile: 2 },
  { x: [9, 5, 3, 4], filters: 4, padding: 2, tile: 4 },
  // Channels at a distance of 1 KiB.
  { x: [8, 256, 2, 3], filters: 4, padding: 1, tile: 2 },
  { x: [3, 8, 40], filters: 12, padding: 1, tile: 4 },
  // Filters in panels, which their transform writes.
  { x: [8, 4, 8, 16], filters: 16, padding: 1, tile: 2 },
  // Two windows of stride 1, and the gradient's phases.
  { x: [3, 4, 34, 9], filters: 5, padding: 1, tile: 4, stride: 2 },
  { x: [16, 5, 8, 7], filters: 4, padding: 0, tile: 4, stride: 2 },
  { x: [8, 6, 5, 7], filters: 4, padding: 1, tile: 4, taps: 5 },
  { x: [8, 4, 41], filters: 12, padding: 3, tile: 4, taps: 7, stride: 2 },
];

const shapesOf = ({ x, filters, taps = 3 }: Layer): { readonly x: Shape; readonly w: Shape; readonly b: Shape; readonly s: Shape } => ({
  x,
  w: [filters, x[1]!, ...x.slice(2).map(() => taps)],
  b: [filters],
  s: [filters, ...x.slice(2).map(() => 1)],
});

/** y with bias, scale and ReLU, whose kernels become the epilogue of the transform, and the gradients of a plain convolution. */
const passes =
  ({ padding, tile, stride = 1 }: Layer) =>
  ({ x, w, b, s, dy }: Readonly<Record<"x" | "w" | "b" | "s" | "dy", Tensor>>): Record<string, Tensor> => {
    const options = { padding, tile, stride, algorithm: "winograd" } as const;
    const [dx, dw] = pullback(conv(x, w, undefined, options), dy, [x, w]);
    return { y: relu(mul(conv(x, w, b, options), s)), dx: dx!, dw: dw! };
  };

function drawn(shape: Shape, name: string): Float32Array {
  const stream = new RandomStream(7, name);
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * stream.uniform(i) - 1);
}

test("a transform of filters writes the panels that a product reads", () => {
  const layer = LAYERS[5]!;
  const own = shapesOf(layer);
  const plan = planGraph(
    optimize(trace({ x: own.x, w: own.w }, ({ x, w }) => conv(x, w, undefined, { padding: 1, tile: 2, algorithm: "winograd" }))),
  );
  const panels = plan.steps.flatMap((s) => s.kernels).filter((k) => k.out.name.endsWith(".panels"));
  expect(panels.map((k) => k.transform !== undefined)).toEqual([true]);
});

const titleOf = ({ x, filters, tile, taps = 3, stride = 1 }: Layer): string =>
  `${x.join("x")} to ${filters}, F(${tile}, ${taps}), stride ${stride}`;

describe.each(LAYERS.map((l) => [titleOf(l), l] as const))("%s", (_, layer) => {
  const own = shapesOf(layer);
  const dy = conv(input("x", own.x), input("w", own.w), undefined, { padding: layer.padding, stride: layer.stride ?? 1 }).shape;
  const shapes = { ...own, dy };
  const values = { x: drawn(own.x, "x"), w: drawn(own.w, "w"), b: drawn(own.b, "b"), s: drawn(own.s, "s"), dy: drawn(dy, "dy") };
  const graph = optimize(trace(shapes, passes(layer)));
  const found = interpret(graph, (t) => Float64Array.from(values[t.source.kind === "input" ? (t.source.name as "x") : "x"]));
  const expected = (name: string): Float64Array => found.get(graph.outputs.get(name)!)!.data;

  test("the plan has three chains, and gives what the ops say", () => {
    const plan = planGraph(graph);
    const chains = plan.steps.map((s) => s.kernels).filter(([k]) => k!.chain);
    expect(chains.map((kernels) => kernels.filter((k) => k.name !== "margin").length)).toEqual(expect.arrayContaining([3, 3, 4]));
    // What reaches beyond the edges of images is read from a copy: no transform tests what it reads.
    for (const k of chains.flat()) if (k.transform) expect(k.transform.load.guards).toEqual([]);
    if (layer.padding > 0) expect(chains.flat().some((k) => k.name === "margin")).toBe(true);
    const { outputs } = evaluatePlan(plan, values);
    for (const name of ["y", "dx", "dw"]) {
      const [actual, wanted] = [outputs.get(name)!, expected(name)];
      wanted.forEach((v, i) => {
        // The matrices' entries are rounded to f32, everything else is f64.
        expect(Math.abs(actual[i]! - v), `${name}[${i}]`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v)));
      });
    }
  });

  test("threads change no bit", async () => {
    const runs: Record<string, NdArray>[] = [];
    for (const threads of [1, 2, 3]) {
      const program = await compile(wasm({ threads }), shapes, passes(layer));
      runs.push(await program.run(values));
      await program.close();
    }
    for (const name of ["y", "dx", "dw"]) {
      const largest = expected(name).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      expected(name).forEach((v, i) => {
        expect(Math.abs(runs[0]![name]!.data[i]! - v), `${name}[${i}]`).toBeLessThan(2e-5 * largest);
      });
      for (const run of runs) expect(run[name]!.data).toEqual(runs[0]![name]!.data);
    }
  });

  test("threads stay inside the arena, in parts of their own", () => {
    const plan = planGraph(graph, CONTROL_BYTES, 3);
    expect(plan.locals.start + 3 * plan.locals.bytes).toBe(plan.bytes);
    const pages = Math.ceil(plan.bytes / 65536) + 1;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const bytes = new Uint8Array(memory.buffer);
    const program = emitProgram({ steps: lowerSteps(plan), locals: plan.locals, memoryBytes: pages * 65536, shared: false });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(program), { env: { memory } });
    for (const thread of [2, 0, 1]) {
      bytes.fill(0xa5, plan.locals.start);
      (instance.exports.run as (thread: number) => void)(thread);
      const [from, to] = [plan.locals.start + thread * plan.locals.bytes, plan.locals.start + (thread + 1) * plan.locals.bytes];
      const touched = bytes.findIndex((b, i) => b !== 0xa5 && i >= plan.locals.start && (i < from || i >= to));
      expect(touched, `thread ${thread}`).toBe(-1);
      expect(bytes.subarray(from, to).some((b) => b !== 0xa5)).toBe(true);
    }
  });
});
