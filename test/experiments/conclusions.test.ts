/** What pages say follows from the numbers, also where these contradict the textbook. Numbers here are made up. */
import { describe, expect, test } from "vitest";
import { auxiliary } from "../../src/experiments/auxiliary.ts";
import { equivariance } from "../../src/experiments/equivariance.ts";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { farApart } from "../../src/experiments/farApart.ts";
import { permutedPixels } from "../../src/experiments/permutedPixels.ts";
import type { Report } from "../../src/experiments/report/report.ts";
import { sharing } from "../../src/experiments/sharing.ts";
import { stridedVsPool } from "../../src/experiments/stridedVsPool.ts";

const seeds = [1, 2, 3];
type ResultsOf<E> = E extends Experiment<infer R, infer _> ? R : never;
const net = (name: string, parameters = 100, multiplyAdds = 1000) => ({ name, layers: "layers", parameters, multiplyAdds });
/** A little scatter, other for each seed. */
const about = (value: number, seed: number): number => value + [0.003, -0.002, 0.001][seed - 1]!;
const all = ({ answer, says }: Report): string => [answer, ...says].join("\n");

describe("permuted-pixels", () => {
  /** Test accuracy of the dense and of the convolutional network, in place and permuted. */
  const report = (dense: readonly [number, number], conv: readonly [number, number]): Report => {
    const runs = seeds.flatMap((seed) =>
      [1, 28].flatMap((side, i) => [
        { net: "dense" as const, side, seed, trainAccuracy: 1, testAccuracy: about(dense[i]!, (seed + i) % 3 || 3) },
        { net: "convolutional" as const, side, seed, trainAccuracy: 1, testAccuracy: about(conv[i]!, seed) },
      ]),
    );
    const results: ResultsOf<typeof permutedPixels> = {
      data: { train: 100, test: 100, name: "made up" },
      steps: 10,
      seeds,
      sides: [1, 28],
      nets: [net("dense"), net("convolutional")],
      runs,
      pictures: [],
    };
    return permutedPixels.report(results);
  };

  test("the textbook's way", () => {
    const text = all(report([0.93, 0.93], [0.98, 0.66]));
    expect(text).toContain("yes: without its neighbourhoods it loses 32.0 points");
    expect(text).toContain("The dense network learns permuted images as it learns others.");
    expect(text).toContain("First the convolutional network is ahead, then the dense network is ahead.");
  });

  test("no loss is no loss, and a loss of the dense network is told", () => {
    expect(report([0.93, 0.93], [0.98, 0.98]).answer).toContain("No loss of the convolutional network could be shown");
    expect(report([0.93, 0.93], [0.6, 0.9]).answer).toContain("does even better, by 30.0 points");
    expect(report([0.93, 0.5], [0.98, 0.66]).answer).toContain("The dense network loses too, which it should not");
    expect(report([0.5, 0.93], [0.98, 0.66]).answer).toContain("The dense network even gains");
  });
});

describe("sharing", () => {
  const report = (shared: number, unshared: number, dense: number): Report => {
    const runs = seeds.flatMap((seed) =>
      [50, 2000].flatMap((images) =>
        (["shared", "unshared", "dense"] as const).map((name) => {
          const testAccuracy = about({ shared, unshared, dense }[name], name === "shared" ? seed : (seed % 3) + 1);
          return { net: name, images, seed, trainAccuracy: 1, testAccuracy };
        }),
      ),
    );
    const nets = [net("shared", 10), net("unshared", 20), net("dense", 30)];
    return sharing.report({ data: { test: 10, name: "made up" }, sizes: [50, 2000], steps: 10, seeds, nets, runs });
  };

  test("either idea may help, harm or show nothing", () => {
    expect(report(0.9, 0.8, 0.7).answer).toBe(
      "Sharing is clearly ahead of unshared weights at 2 of 2 sizes, by 10.0 points at most. Locality alone is clearly ahead of dense weights at 2 of 2 sizes, by 10.0 points at most.",
    );
    expect(report(0.7, 0.8, 0.9).answer).toMatch(/^Sharing is clearly behind unshared weights at 2 of 2 sizes/);
    expect(report(0.8, 0.8, 0.8).answer).toMatch(/^Sharing shows no clear effect .* Locality alone shows no clear effect/);
  });

  test("that fewer parameters overfit less is said only if they did", () => {
    expect(all(report(0.9, 0.8, 0.7))).toContain("fewer parameters, smaller gap");
    expect(all(report(0.7, 0.9, 0.8))).toContain("the number of parameters alone does not explain the gap");
  });
});

describe("far-apart", () => {
  const NETS = ["small field", "large field", "small field, then dense", "dense"] as const;
  /** Accuracy of the small field and of all others, on training and test images alike. */
  const report = (small: Readonly<Record<"kind" | "order", number>>, others: number): Report => {
    const tasks = ["kind", "order"] as const;
    const runs = seeds.flatMap((seed) =>
      tasks.flatMap((task) =>
        NETS.map((name) => {
          const accuracy = about(name === "small field" ? small[task] : others, seed);
          return { task, net: name, seed, trainAccuracy: accuracy, testAccuracy: accuracy };
        }),
      ),
    );
    const nets = NETS.map((name) => net(name));
    return farApart.report({ images: { train: 10, test: 10 }, tasks, steps: 10, seeds, nets, runs, pictures: [] });
  };

  test("a prior that is wrong for one task", () => {
    const text = all(report({ kind: 0.99, order: 0.5 }, 0.99));
    expect(text).toContain("cannot even fit its training images of the tasks “order”, and others learn them. It learns: kind.");
    expect(text).toContain("it underfits, and is not above chance");
  });

  test("a task that nobody learns is not blamed on the prior", () => {
    expect(report({ kind: 0.99, order: 0.5 }, 0.6).answer).toContain("no other network learns them, so the prior alone is not to blame");
  });

  test("where the small field learns everything, there is no harm", () => {
    expect(report({ kind: 0.99, order: 0.99 }, 0.99).answer).toMatch(/^In none of these tasks/);
  });
});

describe("equivariance", () => {
  const report = (circular: number, inside: number, border: number): Report => {
    const shifts = [0, 1, 4];
    const runs = seeds.flatMap((seed) =>
      (["circular", "zeros"] as const).flatMap((padding) =>
        (["stride 1", "stride 2", "max-pool"] as const).map((shrink) => {
          const own = padding === "circular" ? circular : border;
          const off = shifts.map((shift) => (shift === 0 ? 0 : shift === 1 && shrink !== "stride 1" ? 0.9 : own));
          return { padding, shrink, seed, all: off, interior: shifts.map(() => (padding === "circular" ? circular : inside)), border: off };
        }),
      ),
    );
    const geometry = { "stride 1": { step: 1, reach: 2 }, "stride 2": { step: 4, reach: 3 }, "max-pool": { step: 4, reach: 5 } };
    return equivariance.report({ side: 32, seeds, shifts, nets: [], geometry, runs });
  };

  test("exact, rounding and wrong are three things", () => {
    expect(report(0, 0, 0.3).answer).toContain("the error is exactly 0");
    expect(report(1e-7, 0, 0.3).answer).toContain("the error is no more than rounding");
    expect(report(0.2, 0, 0.3).answer).toContain("Not even with circular padding or inside: the error reaches 20.0%");
    expect(report(0, 0, 0.3).answer).toContain("Zeros around the image make it 30.0%");
  });
});

describe("strided-vs-pool", () => {
  const NETS = ["max-pool", "mean-pool", "trainable pool", "learnt stride", "strided"] as const;
  const report = (pools: number, strided: number): Report => {
    const runs = seeds.flatMap((seed) =>
      NETS.map((name) => {
        const testAccuracy = name === "strided" ? about(strided, (seed % 3) + 1) : about(pools, seed);
        return { net: name, seed, trainAccuracy: 1, testAccuracy };
      }),
    );
    const nets = NETS.map((name) => net(name, 10, name === "strided" ? 100 : 400));
    const bytes = NETS.map((name) => ({ net: name, training: 100, inference: 50 }));
    return stridedVsPool.report({ data: { train: 10, test: 10, name: "made up" }, steps: 10, seeds, nets, bytes, runs });
  };

  test("worth it, harmful, or neither", () => {
    expect(report(0.98, 0.9).answer).toMatch(/^For accuracy, yes: .* multiplies 4\.0 times as much as strides alone\.$/);
    expect(report(0.9, 0.98).answer).toMatch(/^No: .* clearly less accurate\. The best network only strides\.$/);
    expect(report(0.95, 0.95).answer).toMatch(/^Not here: no network is clearly more accurate/);
  });
});

describe("auxiliary", () => {
  const report = (gain: number, on: number, off: number): Report => {
    const runs = seeds.flatMap((seed) =>
      (["without heads", "one head", "two heads"] as const).map((kind) => {
        const head = kind !== "without heads";
        const norms = [head ? gain : 1, 1];
        const testAccuracy = head ? about(on, seed) : about(off, (seed % 3) + 1);
        return { kind, depth: 2, seed, before: norms, after: norms, trainAccuracy: 1, testAccuracy };
      }),
    );
    return auxiliary.report({ data: { train: 10, test: 10, name: "made up" }, steps: 10, seeds, depths: [2], nets: [], runs });
  };

  test("larger gradients are not yet better networks", () => {
    expect(report(8, 0.9, 0.9).answer).toBe(
      "One head makes the gradient of the first layer 8.0 times as large at the start, with 2 layers. No depth shows a clear effect on accuracy.",
    );
    expect(report(0.5, 0.9, 0.8).answer).toMatch(
      /^One head does not enlarge .* Networks become clearly more accurate with 2 layers and one head and 2 layers and two heads\.$/,
    );
    expect(report(8, 0.7, 0.8).answer).toContain("clearly less accurate with 2 layers and one head");
  });
});
