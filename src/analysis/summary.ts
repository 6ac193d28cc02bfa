import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import type { Warning } from "../ir/trace.ts";
import type { Module } from "../nn/module.ts";
import type { InputOf } from "../nn/network.ts";
import { times } from "../nn/shapes/message.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { SGD } from "../optim/sgd.ts";
import { chart } from "./summary/chart.ts";
import { countPaths } from "./summary/countPaths.ts";
import { figures, notes } from "./summary/figures.ts";
import type { SUMS, SummaryBackward, SummaryBytes, SummaryLayer, SummaryTotal } from "./summary/layerRow.ts";
import { layersOf } from "./summary/layersOf.ts";
import { markdownTable } from "./summary/markdown.ts";
import { bytesOf, type InputKind, inferenceGraph, trainingGraph } from "./summary/programs.ts";
import { table } from "./summary/table.ts";
import { classOf } from "./tracedLayers.ts";

export type { SummaryBackward, SummaryBytes, SummaryLayer, SummarySums, SummaryTotal } from "./summary/layerRow.ts";

/** What the bytes and the backward pass are counted for. */
export interface SummaryOptions {
  /** What to call the network. Default: its class. */
  readonly name?: string;
  /** Element type of the input: "i32" for words of a text. Default "f32". */
  readonly dtype?: DType;
  /** Inputs of one step, and of one forward pass. Default 1. */
  readonly batch?: number;
  /** What makes the step, with the states it keeps. Default: SGD without momentum, which keeps none. */
  readonly optimizer?: Optimizer;
}

/** A network layer by layer. `toString()` gives a table and a chart of 80 columns. */
export class Summary {
  readonly name: string;
  /** Shape of one input, without the batch. */
  readonly input: Shape;
  /** In order of execution; they add up to `total`. */
  readonly layers: readonly SummaryLayer[];
  /** Bytes take a moment in deep networks: they are planned when they are first read. */
  readonly total: SummaryTotal;
  /** Inputs of one step and of one forward pass. */
  readonly batch: number;
  /** Class of the optimizer, and whether it has a momentum if that is a choice. */
  readonly optimizer: string;
  /** Names of the layers that training alone runs: auxiliary heads. They have weights, but no part in the other sums. */
  readonly trainingOnly: readonly string[];
  /** What is odd: pixels that no window reads, say. */
  readonly warnings: readonly Warning[];
  readonly #backward: () => SummaryBackward;
  readonly #problem: () => string | undefined;

  /** @internal */
  constructor(model: Module, kind: InputKind, { name, batch = 1, optimizer = new SGD({ lr: 1 }) }: SummaryOptions) {
    if (!Number.isSafeInteger(batch) || batch < 1) throw new OpError("summary", `batch must be a whole number of at least 1, got ${batch}`);
    const { layers, trainingOnly, warnings } = layersOf(model, kind);
    this.name = name ?? classOf(model);
    this.input = kind.shape;
    this.layers = layers;
    this.batch = batch;
    this.optimizer = nameOf(optimizer);
    this.trainingOnly = trainingOnly;
    this.warnings = warnings;

    const training = once(() => attempt(() => trainingGraph(model, kind, batch, optimizer)));
    const trainingBytes = once(() => {
      const graph = training();
      return typeof graph === "string" ? null : bytesOf(graph);
    });
    const inferenceBytes = once(() => bytesOf(inferenceGraph(model, kind, batch)));
    const bytes: SummaryBytes = {
      get training() {
        return trainingBytes();
      },
      get inference() {
        return inferenceBytes();
      },
    };
    const sum = (key: (typeof SUMS)[number]): number => layers.reduce((total, layer) => total + layer[key], 0);
    this.total = {
      weights: sum("weights"),
      units: sum("units"),
      connections: sum("connections"),
      connectionsWithBias: sum("connectionsWithBias"),
      multiplyAdds: sum("multiplyAdds"),
      bytes,
    };
    this.#problem = () => {
      const graph = training();
      return typeof graph === "string" ? graph : undefined;
    };
    this.#backward = once(() => {
      const graph = training();
      if (typeof graph === "string") return { layers: null, total: null };
      const counts = countPaths([...graph.outputs.values(), ...graph.updates.values()]);
      const own = layers.map((layer) => (counts.get(layer.name)?.backwardMultiplyAdds ?? 0) / batch);
      return { layers: own, total: own.reduce((a, b) => a + b, 0) };
    });
  }

  /**
   * Multiply-adds of the backward pass for one input, from the graph of the gradients: twice those of the forward pass, except that
   * nobody needs the gradient by the network's input, so the first layer only has its weights'.
   */
  get backward(): SummaryBackward {
    return this.#backward();
  }

  /** Why the network cannot be trained with this batch, or undefined. */
  get trainingProblem(): string | undefined {
    return this.#problem();
  }

  /** The table, the totals and the chart in lines of at most `width` characters, from about 60 on; a warning is one line, however long. */
  text(width = 80): string {
    const lines = [...figures(this).map(([what, value]) => `${what.padEnd(15)}  ${value}`), ...notes(this)];
    return [this.#head(), table(this, width), "", ...lines, "", chart(this.layers, width)].join("\n");
  }

  /** The same as Markdown, with every number in full. */
  markdown(): string {
    const lines = [...figures(this).map(([what, value]) => `${what}: ${value}`), ...notes(this)];
    const picture = `\`\`\`text\n${chart(this.layers, 80)}\n\`\`\``;
    return [`## ${this.#head()}`, markdownTable(this), lines.map((line) => `- ${line}`).join("\n"), picture].join("\n\n");
  }

  #head(): string {
    return `${this.name} for inputs of ${times(this.input)}`;
  }

  toString(): string {
    return this.text();
  }

  /** Plain data, the same for the same network. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, input, layers, total, batch, optimizer, backward, trainingOnly, trainingProblem, warnings } = this;
    return {
      model: name,
      input,
      layers,
      total,
      batch,
      optimizer,
      backwardMultiplyAdds: backward,
      trainingOnly,
      trainingProblem: trainingProblem ?? null,
      warnings,
    };
  }
}

/**
 * What the network consists of and what it costs, for inputs of shape `shape` (without the batch: [channels, height, width]). All of it
 * comes from the graph that it is traced to; no weight is read.
 *
 *     console.log(`${summary(model, [1, 28, 28])}`);
 *
 * Throws an OpError, with the path of the layer, if the network cannot take such inputs; where they are too small, it says the sizes on
 * the way and the smallest that works. PyTorch: torchinfo's summary.
 */
export function summary<M extends Module, const S extends Shape>(model: M, shape: InputOf<M, S>, options: SummaryOptions = {}): Summary {
  return new Summary(model, { shape: shape as Shape, dtype: options.dtype ?? "f32" }, options);
}

const nameOf = (optimizer: Optimizer): string =>
  optimizer instanceof SGD ? `SGD ${optimizer.momentum > 0 ? "with" : "without"} momentum` : optimizer.constructor.name;

/** What `fn` gives, or the message of the OpError in it. */
function attempt<T>(fn: () => T): T | string {
  try {
    return fn();
  } catch (error) {
    if (error instanceof OpError) return error.message;
    throw error;
  }
}

function once<T>(fn: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => {
    value ??= { of: fn() };
    return value.of;
  };
}
