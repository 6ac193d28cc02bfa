/** Every optimizer, step by step with given gradients, against PyTorch in double precision. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile, Parameter, reference } from "../../src/index.ts";
import { Adagrad, Adam, type AdamOptions, AdamW, type Optimizer, RMSprop, SGD, type SGDOptions } from "../../src/optim/index.ts";
import { difference } from "../../tools/conformance/compare.ts";
import { readCases } from "../../tools/conformance/manifest.ts";

interface Attrs extends Record<string, unknown> {
  readonly optimizer: string;
  readonly steps: number;
  readonly lr: number;
}

/** PyTorch's options under our names: weight_decay -> weightDecay. */
function optionsOf({ optimizer: _, steps: __, ...rest }: Attrs): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name.replace(/_(.)/g, (___, c: string) => c.toUpperCase()), value]),
  );
}

const MAKE: { readonly [name: string]: (options: Record<string, unknown>) => Optimizer } = {
  SGD: (options) => new SGD(options as unknown as SGDOptions),
  Adam: (options) => new Adam(options as AdamOptions),
  AdamW: (options) => new AdamW(options as AdamOptions),
  RMSprop: (options) => new RMSprop(options),
  Adagrad: (options) => new Adagrad(options),
};

const folder = join(import.meta.dirname, "../golden/cases");
const cases = (await readCases(folder)).filter((c) => c.op === "optimizer");

describe("optimizers against PyTorch", () => {
  for (const c of cases) {
    const attrs = c.attrs as Attrs;
    const make = MAKE[attrs.optimizer];
    it.skipIf(!make)(`${c.name} ${JSON.stringify(attrs)}${make ? "" : ": not here yet"}`, async () => {
      const optimizer = make!(optionsOf(attrs));
      const parameters = [c.inputs.p0!, c.inputs.p1!].map((start, i) => {
        const p = new Parameter(start.shape, undefined, `p${i}`);
        p.write(start);
        return p;
      });
      const step = await compile(reference(), { g0: parameters[0]!.shape, g1: parameters[1]!.shape, lr: [] }, ({ g0, g1, lr }) => {
        optimizer.step(parameters, [g0, g1], lr);
        return {};
      });
      for (let t = 1; t <= attrs.steps; t++) {
        await step.run({ g0: c.inputs[`g${t}_0`]!, g1: c.inputs[`g${t}_1`]!, lr: attrs.lr });
        for (const [i, p] of parameters.entries()) {
          const name = `p${i}_${t}`;
          expect(difference(name, p.read(), c.outputs[name]!, { absolute: 4 * (c.f32_err.p ?? 0), relative: 2e-6 })).toBeUndefined();
        }
      }
    });
  }

  it("has cases", () => expect(cases.length).toBeGreaterThan(0));
});
