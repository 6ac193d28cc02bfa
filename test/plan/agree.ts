/** A traced function on both backends. */
import { expect } from "vitest";
import { compile, type InputSpec, reference, type State, type Tensor, wasm } from "../../src/index.ts";
import { drawn } from "../laws/networks.ts";

export type Fn = (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Every output and state of two runs, on the backends and with some threads, as the reference gives them. */
export async function agree(shapes: Shapes, make: () => { fn: Fn; states?: readonly State[] }): Promise<void> {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, drawn(name, shape)]));
  const run = async (backend: ReturnType<typeof reference>): Promise<Map<string, ArrayLike<number>>> => {
    const { fn, states = [] } = make();
    const program = await compile(backend, shapes as Readonly<Record<string, InputSpec>>, fn as never, { mode: "train" });
    await program.run(inputs);
    const results = (await program.run(inputs)) as unknown as Readonly<Record<string, { data: ArrayLike<number> }>>;
    const found = new Map(Object.entries(results).map(([name, r]) => [name, r.data]));
    states.forEach((s, i) => found.set(`state ${i}`, s.read().data));
    await program.close();
    return found;
  };
  const expected = await run(reference());
  for (const threads of [1, 3]) {
    const actual = await run(wasm({ threads }));
    for (const [name, e] of expected) {
      const a = actual.get(name)!;
      expect(a.length).toBe(e.length);
      const allowed = 1e-5 * Math.max(...Array.from(e, Math.abs));
      for (let i = 0; i < e.length; i++) expect(Math.abs(a[i]! - e[i]!), `${name}[${i}], ${threads} threads`).toBeLessThanOrEqual(allowed);
    }
  }
}
