import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lowerKernel } from "../../src/backend/wasm/lower.ts";
import { assembleModule } from "../../src/backend/wasm/module.ts";
import { signature } from "../../src/backend/wasm/signature.ts";
import { type Buffer, type Expr, type Load, mapExpr, substituteAxes } from "../../src/kernel/expr.ts";
import { type Axis, axis, Int } from "../../src/kernel/int.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { randomContraction } from "./randomContraction.ts";
import { Draw, inRandomLayout, randomKernel } from "./randomKernel.ts";

/** The kernel with other axes and other buffers that mean the same. */
function renamed(k: Kernel): Kernel {
  const axes = new Map([...k.axes, ...k.reduce].map((a) => [a, axis(`${a.name}'`, a.extent)]));
  const ints = new Map([...axes].map(([a, b]) => [a, Int.of(b)]));
  const buffers = new Map<Buffer, Buffer>();
  const other = (b: Buffer): Buffer => buffers.get(b) ?? buffers.set(b, { ...b, name: `${b.name}'` }).get(b)!;
  const expr = (e: Expr): Expr => mapExpr(substituteAxes(e, ints), (x) => (x.kind === "load" ? { ...x, buffer: other(x.buffer) } : x));
  const of = (list: readonly Axis[]): Axis[] => list.map((a) => axes.get(a)!);
  const body = expr(k.body);
  const c = k.contraction;
  const [a, b] = body.kind === "binary" ? [body.a as Load, body.b as Load] : [];
  return {
    ...k,
    name: "other",
    out: other(k.out),
    at: k.at.map((i) => i.substitute(ints)),
    axes: of(k.axes),
    reduce: of(k.reduce),
    body,
    post: expr(k.post),
    ...(k.within && { within: k.within.map((w) => ({ at: w.at.substitute(ints), high: w.high })) }),
    ...(c && {
      contraction: {
        a: a!,
        b: b!,
        batch: of(c.batch),
        outer: of(c.outer),
        inner: of(c.inner),
        rows: c.rows && axes.get(c.rows),
        panels: c.panels && axes.get(c.panels),
        lanes: axes.get(c.lanes)!,
      },
    }),
  };
}

const code = (k: Kernel): Uint8Array =>
  assembleModule({ exports: { run: lowerKernel(k).fn }, memory: { initial: 1, maximum: 1 }, names: false });

const draw = (d: Draw): Kernel => (d.often() ? inRandomLayout(d, randomKernel(d)) : randomContraction(d));

describe("signature", () => {
  it("is the same for kernels that differ in names alone, and so is the code", () => {
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const k = draw(new Draw(g));
        const other = renamed(k);
        expect(signature(other)).toBe(signature(k));
        expect(code(other)).toEqual(code(k));
        expect(lowerKernel(other).items).toBe(lowerKernel(k).items);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it("differs wherever the code does", () => {
    const byText = new Map<string, Uint8Array>();
    let different = 0;
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const k = draw(new Draw(g));
        const [text, bytes] = [signature(k), code(k)];
        const known = byText.get(text);
        if (known) expect(bytes).toEqual(known);
        else different++;
        byText.set(text, bytes);
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(different).toBeGreaterThan(100);
  });
});
