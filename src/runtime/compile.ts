import type { Backend } from "../backend/backend.ts";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { type Graph, graphOf } from "../ir/graph.ts";
import type { State } from "../ir/state.ts";
import { input, Tensor } from "../ir/tensor.ts";
import { type Mode, type Warning, withTrace } from "../ir/trace.ts";
import { Program } from "./program.ts";

/** A shape of f32, or a shape with its element type. */
export type InputSpec = Shape | { readonly shape: Shape; readonly dtype: DType };
type ShapeOf<I> = I extends Shape ? [...I] : I extends { readonly shape: infer S extends Shape } ? [...S] : never;

/** The inputs as the traced function sees them. */
export type Traced<I extends Readonly<Record<string, InputSpec>>> = { readonly [K in keyof I]: Tensor<ShapeOf<I[K]>> };
/** What a traced function gives: one tensor (called "output") or several by name. */
export type Outputs = Tensor | Readonly<Record<string, Tensor>>;

export interface CompileOptions {
  /** Whether layers that differ between the two train or evaluate. Default "eval". */
  readonly mode?: Mode;
}

/**
 * Traces `fn` once, for inputs of these shapes, and compiles what it computes. Updates that it assigns to states happen at
 * the end of each run.
 *
 *     const program = await compile(wasm(), { x: [1, 1, 28, 28] }, ({ x }) => model.forward(x));
 *     const { output } = await program.run({ x: new Float32Array(784) });
 */
export async function compile<const I extends Readonly<Record<string, InputSpec>>, O extends Outputs>(
  backend: Backend,
  inputs: I,
  fn: (inputs: Traced<I>) => O,
  options: CompileOptions = {},
): Promise<Program<I, O>> {
  const graph = trace(inputs, fn, options);
  return new Program<I, O>(graph, await backend.compile(graph));
}

/** The graph of `fn`, before any pass. */
export function trace<const I extends Readonly<Record<string, InputSpec>>, O extends Outputs>(
  inputs: I,
  fn: (inputs: Traced<I>) => O,
  options: CompileOptions = {},
): Graph {
  const given = new Map(
    Object.entries(inputs).map(([name, spec]) => {
      const { shape, dtype } = "shape" in spec ? spec : ({ shape: spec, dtype: "f32" } as const);
      return [name, input(name, shape, dtype)];
    }),
  );
  const updates = new Map<State, Tensor>();
  const warnings: Warning[] = [];
  const result = withTrace({ mode: options.mode ?? "eval", updates, warnings }, () =>
    fn(Object.fromEntries(given) as unknown as Traced<I>),
  );
  const outputs = result instanceof Tensor ? { output: result } : result;
  return graphOf(given, new Map(Object.entries(outputs)), updates, warnings);
}
