import type { Command } from "commander";
import {
  type AlgorithmComparison,
  type AlgorithmFigures,
  CONV_PASSES,
  type ConvPass,
  type ConvWorkload,
  compareAlgorithms,
} from "../../analysis/algorithms.ts";
import { act, type CommonOptions, command } from "../command.ts";
import { UsageError } from "../failure.ts";
import { threadCount, wholeNumber } from "../options.ts";

interface Options extends CommonOptions {
  readonly layer: ConvWorkload;
  readonly batch: number;
  readonly threads: number;
  readonly time: number;
}

const PASS_NAMES: Readonly<Record<ConvPass, string>> = {
  forward: "forward",
  inputGrad: "gradient by the input",
  weightGrad: "gradient by the weight",
};

/** `fovea algorithms`: the ways to compute a convolution, side by side. */
export function algorithmsCommand(): Command {
  const examples = [
    ["a layer of ResNet-18", 'fovea algorithms --layer "conv 64->64 k3 p1 @56"'],
    ["strided, for batches of 8", 'fovea algorithms --layer "conv 3->64 k7 s2 p3 @224" --batch 8'],
    ["depthwise, not square", 'fovea algorithms --layer "conv 32->32 k3 p1 g32 @28x14"'],
    ["over time: one axis", 'fovea algorithms --layer "conv1d 16->32 k3 d2 @500" --json'],
  ] as const;
  const made = command("algorithms", "Compare the algorithms of convolution on one layer.", examples)
    .requiredOption("--layer <text>", "channels, k(ernel) s(tride) p(adding) d(ilation) g(roups) @size", layerOf)
    .option("--batch <n>", "images at a time", wholeNumber("--batch", 1), 1)
    .option("--threads <n>", "threads", threadCount, 1)
    .option("--time <ms>", "how long each figure is measured, at least", wholeNumber("--time", 1), 300);
  return act<Options>(made, async (_, { layer, batch, threads, time }) => {
    const found = await compareAlgorithms(layer, { batch, threads, milliseconds: time });
    return { json: { ...found }, text: textOf(found) };
  });
}

const LAYER = /^conv([123])?d?\s+(\d+)\s*->\s*(\d+)\s+(.*?)@\s*(\d+(?:x\d+)*)$/i;

/** The layer that "conv 64->64 k3 s1 p1 @56" says; two spatial axes unless it says conv1d or conv3d. */
export function layerOf(text: string): ConvWorkload {
  const wrong = (what: string): UsageError => new UsageError(`--layer ${what}, got "${text}". Write it as "conv 64->64 k3 s1 p1 @56"`);
  const match = LAYER.exec(text.trim());
  if (!match) throw wrong("is not understood");
  const rank = Number(match[1] ?? 2);
  const perAxis = (what: string, sizes: string): number[] => {
    const all = sizes.split("x").map(Number);
    if (all.length !== 1 && all.length !== rank) throw wrong(`takes one ${what} or ${rank}`);
    return all.length === 1 ? new Array<number>(rank).fill(all[0]!) : all;
  };
  const letters = new Map<string, string>();
  for (const word of match[4]!.split(/\s+/).filter((part) => part !== "")) {
    const part = /^([kspdg])(\d+(?:x\d+)*)$/i.exec(word);
    if (!part) throw wrong(`has the unknown part ${word}`);
    letters.set(part[1]!.toLowerCase(), part[2]!);
  }
  const kernel = letters.get("k");
  if (kernel === undefined) throw wrong("lacks its kernel");
  const channels = [Number(match[2]), Number(match[3])] as const;
  const groups = Number(letters.get("g") ?? 1);
  if (Math.min(...channels) < 1) throw wrong("needs channels");
  if (!Number.isInteger(groups) || groups < 1 || channels.some((n) => n % groups !== 0))
    throw wrong("needs groups that divide both channels");
  return {
    inChannels: channels[0],
    outChannels: channels[1],
    kernel: perAxis("kernel size", kernel),
    stride: perAxis("stride", letters.get("s") ?? "1"),
    padding: perAxis("padding", letters.get("p") ?? "0"),
    dilation: perAxis("dilation", letters.get("d") ?? "1"),
    groups,
    space: perAxis("size", match[5]!),
  };
}

const HEAD = ["", "ms", "MiB", "GFLOP/s", "of peak", "error", "bound"] as const;

function textOf({ layer, batch, threads, peakGflops, compared, rows }: AlgorithmComparison): string {
  const lines = [
    `conv ${layer.inChannels}->${layer.outChannels}, kernel ${layer.kernel.join(" x ")}, input ${layer.space.join(" x ")}, batch ${batch}`,
    `${threads} ${threads === 1 ? "thread" : "threads"}; at most ${peakGflops.toFixed(1)} GFLOP/s each`,
  ];
  const cellsOf = (f: AlgorithmFigures): string[] => [
    f.milliseconds.toPrecision(3),
    (f.bytes / 2 ** 20).toFixed(1),
    f.gflops.toPrecision(3),
    `${(100 * f.share).toFixed(0)}%`,
    f.error.toExponential(1),
    f.bound === undefined ? "unknown" : f.bound.toExponential(1),
  ];
  for (const pass of CONV_PASSES) {
    const cells = [[...HEAD], ...rows.flatMap((r) => (r.passes ? [[r.name, ...cellsOf(r.passes[pass])]] : []))];
    const widths = HEAD.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
    const table = cells.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!))).join("  "));
    const { elements, of } = compared[pass];
    const from = elements < of ? `errors from ${elements} of ${of} elements, since f64 takes long` : "errors from all elements";
    lines.push("", `${PASS_NAMES[pass]} (${from})`, ...table.map((row) => row.trimEnd()));
  }
  // The operation's name before what is wrong says nothing here, nor does the advice to use one of the others.
  const reason = (refusal: string): string => refusal.replace(/^conv\dd: algorithm \w+ /, "").split(". ")[0]!;
  const refusals = rows.flatMap((r) => (r.refusal === undefined ? [] : [`${r.name} ${reason(r.refusal)}`]));
  lines.push("", "error of random inputs, bound of the worst, relative to the largest element");
  return [...lines, ...(refusals.length > 0 ? ["", ...refusals] : [])].join("\n");
}
