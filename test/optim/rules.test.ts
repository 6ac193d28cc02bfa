/** Optimizers against PyTorch's loops, written out in f64, over all combinations of their options. */
import { describe, expect, it } from "vitest";
import { compile, f32, input, OpError, Parameter, reference, wasm } from "../../src/index.ts";
import { Adagrad, Adam, AdamW, type Optimizer, RMSprop, SGD } from "../../src/optim/index.ts";

const STEPS = 4;
const START = [0.5, -1.25, 2];
/** Gradients of step t: they change sign and size, so that amsgrad's maximum matters. */
const gradient = (t: number): number[] => START.map((_, i) => Math.fround(Math.sin(5 * t + i) * (t === 1 ? 2 : 0.5)));
const lrAt = (t: number): number => Math.fround(0.1 / (t + 1));

/** One element through STEPS steps; a rule gets the element, its gradient, lr, the step from 1 on, and a place for its memory. */
type Rule = (p: number, g: number, lr: number, t: number, memory: Record<string, number>) => number;
function expected(rule: Rule): number[] {
  return START.map((start, i) => {
    const memory = {};
    let p = start;
    for (let t = 1; t <= STEPS; t++) p = rule(p, gradient(t)[i]!, lrAt(t), t, memory);
    return p;
  });
}

/** `momentum` gives each step's, if it changes. */
async function actual(optimizer: Optimizer, momentum?: (t: number) => number): Promise<number[]> {
  const p = new Parameter([3], undefined, "p");
  p.write(f32([3], START));
  const step = await compile(reference(), { g: [3], lr: [], m: [] }, ({ g, lr, m }) => {
    optimizer.step([p], [g], lr, momentum && m);
    return {};
  });
  for (let t = 1; t <= STEPS; t++) await step.run({ g: gradient(t), lr: lrAt(t), m: momentum?.(t) ?? 0 });
  return [...p.read().data];
}

const combinations = <T extends Record<string, readonly unknown[]>>(options: T): { [K in keyof T]: T[K][number] }[] =>
  Object.entries(options).reduce<Record<string, unknown>[]>(
    (all, [key, values]) => all.flatMap((o) => values.map((value) => ({ ...o, [key]: value }))),
    [{}],
  ) as { [K in keyof T]: T[K][number] }[];

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  got.forEach((x, i) => {
    expect(Math.abs(x - wanted[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted[i]!)));
  });
}

describe("SGD", () => {
  const all = combinations({
    momentum: [0, 0.9],
    dampening: [0, 0.3],
    nesterov: [false, true],
    weightDecay: [0, 0.1],
    maximize: [false, true],
  });
  for (const o of all.filter((c) => !c.nesterov || (c.momentum > 0 && c.dampening === 0))) {
    it(JSON.stringify(o), async () => {
      const rule: Rule = (p, g, lr, t, m) => {
        let d = (o.maximize ? -g : g) + o.weightDecay * p;
        if (o.momentum > 0) {
          m.buffer = t === 1 ? d : o.momentum * m.buffer! + (1 - o.dampening) * d;
          d = o.nesterov ? d + o.momentum * m.buffer : m.buffer;
        }
        return p - lr * d;
      };
      expectClose(await actual(new SGD({ lr: 0.1, ...o })), expected(rule));
    });
  }
});

describe("Adam and AdamW", () => {
  const all = combinations({ make: [Adam, AdamW], weightDecay: [0, 0.1], amsgrad: [false, true], maximize: [false, true] });
  for (const { make: Make, ...o } of all) {
    it(`${Make.name} ${JSON.stringify(o)}`, async () => {
      const [b1, b2] = [0.8, 0.99];
      const rule: Rule = (p, g, lr, t, m) => {
        let d = o.maximize ? -g : g;
        if (Make === AdamW) p *= 1 - lr * o.weightDecay;
        else d += o.weightDecay * p;
        m.mean = b1 * (m.mean ?? 0) + (1 - b1) * d;
        m.square = b2 * (m.square ?? 0) + (1 - b2) * d * d;
        m.largest = Math.max(m.largest ?? 0, m.square);
        const root = Math.sqrt(o.amsgrad ? m.largest : m.square) / Math.sqrt(1 - b2 ** t);
        return p - (lr / (1 - b1 ** t)) * (m.mean / (root + 1e-6));
      };
      expectClose(await actual(new Make({ betas: [b1, b2], eps: 1e-6, ...o })), expected(rule));
    });
  }

  it("counts its steps", async () => {
    const optimizer = new Adam();
    await actual(optimizer);
    const states = await optimizer.stateDict();
    expect([...states.keys()]).toEqual(["step", "correction1", "correction2", "p.exp_avg", "p.exp_avg_sq"]);
    expect(states.get("step")!.item()).toBe(STEPS);
    expect(states.get("correction2")!.item()).toBeCloseTo(1 - 0.999 ** STEPS, 9);
  });

  it("has PyTorch's defaults", () => {
    expect(new Adam()).toMatchObject({ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false });
    expect(new AdamW().weightDecay).toBe(0.01);
  });
});

describe("RMSprop", () => {
  const all = combinations({ momentum: [0, 0.9], centered: [false, true], weightDecay: [0, 0.1], maximize: [false, true] });
  for (const o of all) {
    it(JSON.stringify(o), async () => {
      const rule: Rule = (p, g, lr, _, m) => {
        const d = (o.maximize ? -g : g) + o.weightDecay * p;
        m.square = 0.8 * (m.square ?? 0) + 0.2 * d * d;
        m.mean = 0.8 * (m.mean ?? 0) + 0.2 * d;
        const step = d / (Math.sqrt(o.centered ? m.square - m.mean * m.mean : m.square) + 1e-6);
        m.buffer = o.momentum * (m.buffer ?? 0) + step;
        return p - lr * m.buffer;
      };
      expectClose(await actual(new RMSprop({ alpha: 0.8, eps: 1e-6, ...o })), expected(rule));
    });
  }

  it("stays finite where gradients do not change, and the variance is zero but for rounding", async () => {
    const p = new Parameter([1], undefined, "p");
    const optimizer = new RMSprop({ centered: true, alpha: 0.5 });
    const step = await compile(wasm({ threads: 1 }), { g: [1], lr: [] }, ({ g, lr }) => {
      optimizer.step([p], [g], lr);
      return {};
    });
    for (let t = 0; t < 40; t++) await step.run({ g: [0.1], lr: 1e-6 });
    expect(Number.isFinite(p.read().item())).toBe(true);
    await step.close();
  });

  it("has PyTorch's defaults", () => {
    expect(new RMSprop()).toMatchObject({ lr: 0.01, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false });
  });
});

describe("Adagrad", () => {
  const all = combinations({ lrDecay: [0, 0.2], weightDecay: [0, 0.1], initialAccumulatorValue: [0, 0.5], maximize: [false, true] });
  for (const o of all) {
    it(JSON.stringify(o), async () => {
      const rule: Rule = (p, g, lr, t, m) => {
        const d = (o.maximize ? -g : g) + o.weightDecay * p;
        m.sum = (m.sum ?? o.initialAccumulatorValue) + d * d;
        return p - ((lr / (1 + (t - 1) * o.lrDecay)) * d) / (Math.sqrt(m.sum) + 1e-6);
      };
      expectClose(await actual(new Adagrad({ eps: 1e-6, ...o })), expected(rule));
    });
  }

  it("has PyTorch's defaults", () => {
    expect(new Adagrad()).toMatchObject({ lr: 0.01, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 });
  });
});

describe("a momentum that changes", () => {
  const at = (t: number): number => Math.fround(0.9 - 0.05 * t);

  it.each([false, true])("SGD, nesterov %s", async (nesterov) => {
    const rule: Rule = (p, g, lr, t, m) => {
      m.buffer = t === 1 ? g : at(t) * m.buffer! + g;
      return p - lr * (nesterov ? g + at(t) * m.buffer : m.buffer);
    };
    expectClose(await actual(new SGD({ lr: 0.1, momentum: 0.5, nesterov }), at), expected(rule));
  });

  it("RMSprop", async () => {
    const rule: Rule = (p, g, lr, t, m) => {
      m.square = 0.99 * (m.square ?? 0) + 0.01 * g * g;
      m.buffer = at(t) * (m.buffer ?? 0) + g / (Math.sqrt(m.square) + 1e-8);
      return p - lr * m.buffer;
    };
    expectClose(await actual(new RMSprop({ momentum: 0.5 }), at), expected(rule));
  });

  it("Adam: its first beta", async () => {
    const rule: Rule = (p, g, lr, t, m) => {
      m.mean = at(t) * (m.mean ?? 0) + (1 - at(t)) * g;
      m.square = 0.999 * (m.square ?? 0) + 0.001 * g * g;
      return p - ((lr / (1 - at(t) ** t)) * m.mean) / (Math.sqrt(m.square / (1 - 0.999 ** t)) + 1e-8);
    };
    expectClose(await actual(new Adam(), at), expected(rule));
  });
});

describe("states", () => {
  const parameters = (): Parameter[] => ["a", "b"].map((name) => new Parameter([2], undefined, name));

  it("can be stored, and loaded before the first step: the run goes on as if it had not stopped", async () => {
    const run = async (optimizer: Optimizer, ps: readonly Parameter[], from: number, to: number): Promise<void> => {
      const step = await compile(reference(), { g: [2], lr: [] }, ({ g, lr }) => {
        optimizer.step(ps, [g, g], lr);
        return {};
      });
      for (let t = from; t < to; t++) await step.run({ g: gradient(t).slice(0, 2), lr: 0.1 });
    };
    for (const make of [
      () => new SGD({ lr: 0.1, momentum: 0.9, dampening: 0.5 }),
      () => new Adam({ amsgrad: true }),
      () => new Adagrad({ lrDecay: 0.1, initialAccumulatorValue: 1 }),
    ]) {
      const [whole, first, second] = [parameters(), parameters(), parameters()];
      await run(make(), whole, 0, 6);
      const before = make();
      await run(before, first, 0, 3);
      const after = make();
      after.prepare(second);
      after.loadStateDict(await before.stateDict());
      second.forEach((p, i) => p.write(first[i]!.read()));
      await run(after, second, 3, 6);
      // What is stored is f32, what stays in the reference backend is f64.
      second.forEach((p, i) => expectClose([...p.read().data], [...whole[i]!.read().data]));
    }
  });

  it("are named after their parameters, also when these get their names later", () => {
    const optimizer = new SGD({ lr: 1, momentum: 0.5 });
    const [a, b] = parameters() as [Parameter, Parameter];
    optimizer.prepare([a, b]);
    b.name = "head.b";
    expect([...optimizer.namedStates().keys()]).toEqual(["a.momentum", "head.b.momentum"]);
    b.name = "a";
    expect(() => optimizer.namedStates()).toThrow("optimizer: two parameters are called a");
  });

  it("do not exist where they are not needed", () => {
    const optimizer = new SGD({ lr: 1 });
    optimizer.prepare(parameters());
    expect(optimizer.namedStates().size).toBe(0);
  });
});

describe("what cannot be", () => {
  const p = new Parameter([2], undefined, "p");
  const [g, lr] = [input("g", [2]), input("lr", [])];
  it.each([
    [() => new SGD({ lr: -1 }), "SGD: lr must be at least 0, got -1"],
    [() => new SGD({ lr: Number.NaN }), "SGD: lr must be at least 0, got NaN"],
    [() => new SGD({ lr: 1, nesterov: true }), "SGD: nesterov needs momentum and no dampening, got 0 and 0"],
    [() => new SGD({ lr: 1, momentum: -0.5 }), "SGD: momentum must be at least 0, got -0.5"],
    [() => new Adam({ betas: [0.9, 1] }), "Adam: betas must be in [0, 1), got 1"],
    [() => new SGD({ lr: 1 }).step([p], [], lr), "step: takes one gradient for each of 1 parameters, got 0"],
    [() => new SGD({ lr: 1 }).step([p], [input("g", [3])], lr), "step: the gradient of p must be [2], got [3]"],
    [() => new SGD({ lr: 1 }).step([p], [g], g), "step: lr must be a scalar, got [2]"],
    [() => new Adam().step([p], [g], lr, g), "step: momentum must be a scalar, got [2]"],
    [
      () => new SGD({ lr: 1 }).step([p], [g], lr, lr),
      "step: the momentum can change only where there is one. Make the optimizer with a momentum",
    ],
    [() => new RMSprop({ alpha: -1 }), "RMSprop: alpha must be at least 0, got -1"],
    [() => new Adagrad({ lrDecay: -1 }), "Adagrad: lrDecay must be at least 0, got -1"],
  ] as const)("%#: %s", (make, message) => {
    expect(make).toThrow(new OpError("", message));
  });
});
