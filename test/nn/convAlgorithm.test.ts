import { expect, test } from "vitest";
import { compile, grad, wasm } from "../../src/index.ts";
import { Conv2d } from "../../src/nn/index.ts";
import { mul, sum } from "../../src/ops/index.ts";

test.each(["im2col", "winograd", "fft"] as const)(
  "a layer computes by %s what it computes directly, forward and backward",
  async (algorithm) => {
    const image = Float32Array.from({ length: 2 * 4 * 9 * 10 }, (_, i) => Math.fround(((i * 7919) % 1000) / 1000 - 0.5));
    const run = async (layer: Conv2d<4, 6, 3>) => {
      layer.initialize(3);
      const program = await compile(wasm({ threads: 1 }), { x: [2, 4, 9, 10] }, ({ x }) => {
        const y = layer.forward(x);
        const [dx, dw] = grad(sum(mul(y, y)), [x, layer.weight.tensor]);
        return { y, dx: dx!, dw: dw! };
      });
      const { y, dx, dw } = await program.run({ x: image });
      return [y, dx, dw].map((a) => Float32Array.from(a.data));
    };
    const direct = await run(new Conv2d(4, 6, 3, { algorithm: "direct" }) as never);
    const other = await run(new Conv2d(4, 6, 3, { algorithm }) as never);
    direct.forEach((truth, k) => {
      const scale = truth.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      const worst = other[k]!.reduce((m, x, i) => Math.max(m, Math.abs(x - truth[i]!)), 0);
      expect(worst / scale).toBeLessThan(2e-5);
    });
    // Other sums, other bits: that another algorithm ran at all.
    expect([...other[0]!]).not.toEqual([...direct[0]!]);
  },
);
