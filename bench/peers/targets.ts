/** What Fovea is to reach against others, and whether a run shows it. */
import type { WorkList } from "../workList.ts";
import type { Figures, Metric } from "./figures.ts";
import { PEERS } from "./peers.ts";
import { compilation, MNIST, STEADY } from "./processes.ts";

/** Who is compared with: one peer by name, or the fastest of several. */
export type Rival = "WebAssembly" | "all" | (string & {});

export interface Target {
  readonly what: string;
  readonly threads: number;
  /** The bound on `measured`, from below or above. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit: "x as fast" | "x the time" | "of the ceiling" | "ms" | "bytes a step";
  /** The figure, and whom it is relative to; undefined where something was not measured. */
  measured(figures: Figures): Measured | undefined;
}

/** A value, undefined where no rival can do the work. */
export interface Measured {
  readonly value: number | undefined;
  readonly rival?: string;
  /** Whether others used the machine while one of the two was measured. */
  readonly noisy?: boolean;
}

export type Verdict = "met" | "missed" | "no rival" | "not measured";

export function verdictOf(target: Target, measured: Measured | undefined): Verdict {
  if (measured === undefined) return "not measured";
  const { value } = measured;
  if (value === undefined) return "no rival";
  return value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity) ? "met" : "missed";
}

/** The peers that a name stands for. */
function rivalsOf(rival: Rival): string[] {
  const others = PEERS.filter((p) => p.kind !== "fovea" && p.kind !== "bound");
  if (rival === "WebAssembly") return others.filter((p) => p.kind === "webassembly").map((p) => p.name);
  return rival === "all" ? others.map((p) => p.name) : [rival];
}

/** The fastest of the rivals that have done the work. */
function fastest(
  figures: Figures,
  work: string,
  rival: Rival,
  threads: number,
): { readonly ms: number; readonly name: string } | undefined {
  const times = rivalsOf(rival).flatMap((name) => {
    const ms = figures.value(work, name, threads);
    return ms === undefined ? [] : [{ ms, name }];
  });
  return times.sort((a, b) => a.ms - b.ms)[0];
}

const whom = (rival: Rival): string => (rival === "WebAssembly" ? "the best WebAssembly peer" : rival === "all" ? "every peer" : rival);

/** A ratio of Fovea's time and a rival's. */
function against(work: string, threads: number, rival: Rival, bound: { readonly atLeast: number } | { readonly atMost: number }): Target {
  const speed = "atLeast" in bound;
  return {
    what: `${work} against ${whom(rival)}`,
    threads,
    ...bound,
    unit: speed ? "x as fast" : "x the time",
    measured(figures) {
      const own = figures.value(work, "fovea", threads);
      const other = fastest(figures, work, rival, threads);
      if (own === undefined) return undefined;
      if (!other) return rivalsOf(rival).some((name) => figures.get(work, name, threads)) ? { value: undefined } : undefined;
      const noisy = [figures.get(work, "fovea", threads), figures.get(work, other.name, threads)].some((f) => f?.noisy);
      return { value: speed ? other.ms / own : own / other.ms, rival: other.name, ...(noisy && { noisy }) };
    },
  };
}

function ofCeiling(work: string, threads: number, atLeast: number): Target {
  return {
    what: `${work}: share of what registers alone could do without fused multiply-add`,
    threads,
    atLeast,
    unit: "of the ceiling",
    measured(figures) {
      const [own, bound] = [figures.value(work, "fovea", threads), figures.value(work, "ceiling", threads)];
      return own === undefined || bound === undefined ? undefined : { value: bound / own };
    },
  };
}

function scaling(work: string, threads: number, atLeast: number): Target {
  return {
    what: `${work}: ${threads} threads against 1`,
    threads,
    atLeast,
    unit: "x as fast",
    measured(figures) {
      const [one, many] = [figures.value(work, "fovea", 1), figures.value(work, "fovea", threads)];
      return one === undefined || many === undefined ? undefined : { value: one / many };
    },
  };
}

/** A bound on Fovea's own figure. */
function within(work: string, threads: number, metric: Metric, unit: Target["unit"], atMost: number): Target {
  return {
    what: work,
    threads,
    atMost,
    unit,
    measured(figures) {
      const value = figures.value(work, "fovea", threads, metric);
      return value === undefined ? undefined : { value };
    },
  };
}

const BOTH = [1, 2] as const;
const everyThreads = (make: (threads: number) => readonly Target[]): Target[] => BOTH.flatMap((threads) => make(threads));

/** All of them. The convolutions' letters are those of the work list. */
export function targetsOf({ convs, pools, networks }: WorkList): Target[] {
  const conv = (letters: string, pass: string): string[] =>
    convs.filter(({ id }) => letters.includes(id[0]!)).map(({ id }) => `conv ${id} ${pass}`);
  const network = (id: string): string[] => networks.filter((n) => n.id === id).map((n) => n.id);
  const nativeRatio: Readonly<Record<string, number>> = { f: 1.2, g: 0.9, h: 1.0 };
  return [
    ...everyThreads((threads) => [
      ...conv("ab", "fwd").flatMap((work) => [
        against(work, threads, "WebAssembly", { atLeast: 5 }),
        against(work, threads, "onnxruntime-node", { atLeast: 1.4 }),
        against(work, threads, "torch", { atLeast: 1.4 }),
      ]),
      ...conv("c", "fwd").flatMap((work) => [ofCeiling(work, threads, 0.9), against(work, threads, "WebAssembly", { atLeast: 1.5 })]),
      ...conv("de", "fwd").flatMap((work) => [
        against(work, threads, "WebAssembly", { atLeast: 2.2 }),
        against(work, threads, "onnxruntime-node", { atLeast: 0.75 }),
      ]),
      ...["f", "g", "h"].flatMap((letter) =>
        conv(letter, "fwd").map((work) => against(work, threads, "onnxruntime-node", { atLeast: nativeRatio[letter]! })),
      ),
      ...conv("abcdefgh", "fwdbwd").map((work) => against(work, threads, "tfjs-wasm", { atLeast: 10 })),
      ...conv("ab", "fwdbwd").map((work) => against(work, threads, "torch", { atLeast: 1.3 })),
      ...pools.flatMap(({ id, kind }) => [
        against(`${id} fwd`, threads, "all", { atMost: 1 }),
        against(`${id} fwdbwd`, threads, "all", { atMost: 1 }),
        ...(kind === "max" ? [against(`${id} fwdbwd`, threads, "torch", { atMost: 0.15 })] : []),
      ]),
      ...network("lenet b64").flatMap((id) => [
        against(`${id} step`, threads, "torch", { atMost: 0.5 }),
        against(`${id} step`, threads, "tfjs-wasm", { atMost: 0.08 }),
        ...(threads === 1 ? [against(`${id} step`, threads, "convnetjs", { atMost: 0.015 })] : []),
      ]),
      ...network("resnet20 b32").flatMap((id) => [
        against(`${id} step`, threads, "torch", { atMost: 0.6 }),
        against(`${id} step`, threads, "tfjs-wasm", { atMost: 0.04 }),
      ]),
      ...[...network("resnet18 b1"), ...network("resnet18 b8")].flatMap((id) => [
        against(`${id} fwd`, threads, "WebAssembly", { atMost: 0.3 }),
        against(`${id} fwd`, threads, "torch", { atMost: 0.8 }),
        against(`${id} fwd`, threads, "onnxruntime-node", { atMost: 1 }),
      ]),
    ]),
    ...network("resnet20 b32").map((id) => scaling(`${id} step`, 2, 1.8)),
    ...[...network("resnet18 b1"), ...network("resnet18 b8")].map((id) => scaling(`${id} fwd`, 2, 1.8)),
    ...networks.filter(({ id }) => id === "resnet18 b8").map((n) => within(compilation(n, "step"), 1, "ms", "ms", 400)),
    against(MNIST, 2, "torch", { atMost: 1 }),
    within(MNIST, 2, "ms", "ms", 30_000),
    // No object of V8 is smaller: a program that kept one from each step would exceed it.
    within(STEADY, 2, "bytesPerStep", "bytes a step", 12),
  ];
}
