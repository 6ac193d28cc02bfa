/** A plan says everything but the machine code: which kernels, in which order, where each buffer lies, where threads must meet. */

import { BYTES } from "../base/dtype.ts";
import type { NdArray } from "../base/ndarray.ts";
import { sizeOf } from "../base/shape.ts";
import { type Graph, reachable } from "../ir/graph.ts";
import { Parameter, type State } from "../ir/state.ts";
import type { Buffer } from "../kernel/expr.ts";
import { buffersRead, type Kernel } from "../kernel/kernel.ts";
import { ALIGNMENT, aligned, assign, type Life } from "./arena.ts";
import { type Lowered, lowerGraph, type Slot } from "./lower.ts";
import type { MemoryReport } from "./memoryReport.ts";
import { schedule } from "./schedule.ts";

export interface Step {
  readonly kernel: Kernel;
  /** Whether all threads must have finished what was before. */
  readonly barrier: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  readonly states: ReadonlyMap<State, Slot>;
  readonly constants: ReadonlyMap<Buffer, NdArray>;
  /** States that a run changes. */
  readonly updated: readonly State[];
  /** Byte offset of a buffer in the arena. */
  readonly address: (b: Buffer) => number;
  /** Bytes of the arena, as the memory report's total. */
  readonly bytes: number;
  readonly memory: MemoryReport;
  /** Lives of the buffers that share the arena's lower part, for the law that they never overlap. */
  readonly lives: readonly Life[];
}

const bytesOf = (b: Buffer): number => sizeOf(b.shape) * BYTES[b.dtype];
/** Vector loads may read this far past a buffer; what they read is not used. */
const SLACK = ALIGNMENT;

/** Plans `graph` for memory that starts at 0 and of which the first `reserved` bytes are taken. */
export function planGraph(graph: Graph, reserved = 0): Plan {
  const lowered = lowerGraph(graph);
  const { kernels, aliases } = schedule(lowered);
  const root = (b: Buffer): Buffer => aliases.get(b) ?? b;
  const persistent = new Set<Buffer>(
    [...lowered.inputs.values(), ...lowered.outputs.values(), ...lowered.states.values()].map((s) => s.buffer),
  );
  for (const b of lowered.constants.keys()) persistent.add(b);

  const offsets = new Map<Buffer, number>();
  let top = aligned(reserved);
  for (const b of persistent) {
    offsets.set(b, top);
    top += aligned(bytesOf(b));
  }
  const lives = livesOf(kernels, root, persistent);
  const arena = assign(lives);
  for (const [b, offset] of arena.offsets) offsets.set(b, top + offset);
  const bytes = top + arena.bytes + SLACK;
  const address = (b: Buffer): number => offsets.get(root(b))!;
  return {
    steps: withBarriers(kernels, (b) => ({ buffer: b, start: address(b), end: address(b) + bytesOf(b) })),
    inputs: lowered.inputs,
    outputs: lowered.outputs,
    states: lowered.states,
    constants: lowered.constants,
    updated: [...lowered.updates.keys()],
    address,
    bytes,
    memory: report(graph, lowered, lives, bytes),
    lives,
  };
}

function livesOf(kernels: readonly Kernel[], root: (b: Buffer) => Buffer, persistent: ReadonlySet<Buffer>): Life[] {
  const spans = new Map<Buffer, { from: number; to: number }>();
  kernels.forEach((k, step) => {
    for (const b of [k.out, ...buffersRead(k)].map(root)) {
      if (persistent.has(b)) continue;
      const span = spans.get(b);
      if (span) span.to = step;
      else spans.set(b, { from: step, to: step });
    }
  });
  return [...spans].map(([buffer, span]) => ({ buffer, bytes: bytesOf(buffer), ...span }));
}

interface Range {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}
const meet = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;
/** Kernels that write one buffer (phases of a strided gradient) write different elements of it. */
const clash = (a: Range, b: Range): boolean => meet(a, b) && a.buffer !== b.buffer;

/** A barrier before each step that touches what a step since the last barrier writes, or writes what one reads. */
function withBarriers(kernels: readonly Kernel[], range: (b: Buffer) => Range): Step[] {
  let reads: Range[] = [];
  let writes: Range[] = [];
  return kernels.map((kernel) => {
    const read = buffersRead(kernel).map(range);
    const write = range(kernel.out);
    const barrier = writes.some((w) => clash(w, write) || read.some((r) => meet(w, r))) || reads.some((r) => meet(r, write));
    if (barrier) {
      reads = [];
      writes = [];
    }
    reads.push(...read);
    writes.push(write);
    return { kernel, barrier };
  });
}

function report(graph: Graph, lowered: Lowered, lives: readonly Life[], total: number): MemoryReport {
  const forward = new Set(reachable(graph.outputs.values()).flatMap((t) => (t.source.kind === "state" ? [t.source.state] : [])));
  let weights = 0;
  let optimizer = 0;
  for (const [s, slot] of lowered.states) {
    if (s instanceof Parameter || forward.has(s)) weights += aligned(bytesOf(slot.buffer));
    else optimizer += aligned(bytesOf(slot.buffer));
  }
  const { activations, gradients } = peak(lives, lowered);
  return { weights, optimizer, activations, gradients, scratch: total - weights - optimizer - activations - gradients, total };
}

/** Live bytes of the forward and the backward pass at the step where their sum is largest. */
function peak(lives: readonly Life[], { forward, backward }: Lowered): { activations: number; gradients: number } {
  let best = { activations: 0, gradients: 0 };
  const last = lives.reduce((n, l) => Math.max(n, l.to), 0);
  for (let step = 0; step <= last; step++) {
    const live = lives.filter((l) => l.from <= step && step <= l.to);
    const sum = (pass: ReadonlySet<Buffer>): number => live.filter((l) => pass.has(l.buffer)).reduce((n, l) => n + aligned(l.bytes), 0);
    const now = { activations: sum(forward), gradients: sum(backward) };
    if (now.activations + now.gradients > best.activations + best.gradients) best = now;
  }
  return best;
}
