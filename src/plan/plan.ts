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
  /** One, or siblings, which run as one, or those of a chain, which run one after the other for each block. */
  readonly kernels: readonly Kernel[];
  /** Whether all threads must have finished what was before. */
  readonly barrier: boolean;
  /** Whether it depends on nothing but parameters that runs do not change: it needs to run again only when somebody has set one. These come first. */
  readonly fixed: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
  readonly states: ReadonlyMap<State, Slot>;
  readonly constants: ReadonlyMap<Buffer, NdArray>;
  /** States that a run changes. */
  readonly updated: readonly State[];
  /** Byte offset of a buffer in the arena, or of a local one in each thread's part of it. */
  readonly address: (b: Buffer) => number;
  /** Whether each thread has a buffer of its own for it. */
  readonly isLocal: (b: Buffer) => boolean;
  /** Where the threads' parts begin, and how long each is. */
  readonly locals: { readonly start: number; readonly bytes: number };
  /** Bytes of the arena, as the memory report's total. */
  readonly bytes: number;
  readonly memory: MemoryReport;
  /** Lives of the buffers that share the arena's lower part, for the law that they never overlap. */
  readonly lives: readonly Life[];
}

const bytesOf = (b: Buffer): number => sizeOf(b.shape) * BYTES[b.dtype];
/** Vector loads may read this far past a buffer; what they read is not used. */
const SLACK = ALIGNMENT;

/** Plans `graph` for so many threads and memory that starts at 0 and of which the first `reserved` bytes are taken. */
export function planGraph(graph: Graph, reserved = 0, threads = 1): Plan {
  const lowered = lowerGraph(graph);
  const scheduled = schedule(lowered);
  const { aliases } = scheduled;
  const root = (b: Buffer): Buffer => aliases.get(b) ?? b;
  const { parts, fixed, kept } = fixedFirst(inSteps(scheduled.kernels), lowered);
  const persistent = new Set<Buffer>(
    [...lowered.inputs.values(), ...lowered.outputs.values(), ...lowered.states.values()].map((s) => s.buffer),
  );
  for (const b of [...lowered.constants.keys(), ...kept]) persistent.add(b);

  const offsets = new Map<Buffer, number>();
  let top = aligned(reserved);
  for (const b of persistent) {
    offsets.set(b, top);
    top += aligned(bytesOf(b));
  }
  const isLocal = localsOf(parts, offsets);
  const lives = livesOf(parts, root, (b) => persistent.has(b) || isLocal.has(b));
  const arena = assign(lives);
  for (const [b, offset] of arena.offsets) offsets.set(b, top + offset);
  const locals = { start: top + arena.bytes + SLACK, bytes: isLocal.bytes };
  const bytes = locals.start + threads * locals.bytes;
  const address = (b: Buffer): number => offsets.get(root(b))!;
  return {
    steps: withBarriers(parts, fixed, (b) => (isLocal.has(b) ? [] : [{ buffer: b, start: address(b), end: address(b) + bytesOf(b) }])),
    inputs: lowered.inputs,
    outputs: lowered.outputs,
    states: lowered.states,
    constants: lowered.constants,
    updated: [...lowered.updates.keys()],
    address,
    isLocal: (b) => isLocal.has(b),
    locals,
    bytes,
    memory: report(graph, lowered, lives, bytes),
    lives,
  };
}

type Part = readonly Kernel[];

/** The kernels of each step. */
function inSteps(kernels: readonly Kernel[]): Part[] {
  const parts: Kernel[][] = [];
  for (const k of kernels) {
    const last = parts.at(-1);
    const joins = (own: Kernel): boolean => (k.chain ? own.chain === k.chain : k.siblings !== undefined && own.siblings === k.siblings);
    if (last && joins(last[0]!)) last.push(k);
    else parts.push([k]);
  }
  return parts;
}

/**
 * The steps that depend on nothing but constants and parameters that no run changes (weights made ready), then the others: how many of these first ones there are,
 * and what they make for the others, which must stay.
 */
function fixedFirst(
  parts: readonly Part[],
  lowered: Lowered,
): { readonly parts: readonly Part[]; readonly fixed: number; readonly kept: readonly Buffer[] } {
  const known = new Set<Buffer>(lowered.constants.keys());
  for (const [state, slot] of lowered.states) if (state instanceof Parameter && !lowered.updates.has(state)) known.add(slot.buffer);
  const outputs = new Set([...lowered.outputs.values()].map((s) => s.buffer));
  const writers = new Map<Buffer, Part[]>();
  for (const part of parts) for (const k of part) writers.set(k.out, [...(writers.get(k.out) ?? []), part]);
  const first = new Set<Part>();
  for (const part of parts) {
    const isFixed = part.every(
      (k) => buffersRead(k).every((b) => known.has(b) || part.some((own) => own.out === b)) && !outputs.has(k.out),
    );
    if (!isFixed || part.some((k) => k.chain)) continue;
    first.add(part);
    for (const k of part) if (writers.get(k.out)!.every((p) => first.has(p))) known.add(k.out);
  }
  const rest = parts.filter((p) => !first.has(p));
  const read = new Set(rest.flat().flatMap(buffersRead));
  const made = new Set([...first].flat().map((k) => k.out));
  // Some of the steps may write what others, which do change, write too.
  const mixed = rest.flat().some((k) => made.has(k.out));
  if (mixed) return { parts, fixed: 0, kept: [] };
  return { parts: [...first, ...rest], fixed: first.size, kept: [...made].filter((b) => read.has(b)) };
}

/**
 * The buffers that each thread has for itself; their offsets in its part go into `offsets`. Steps share the part, and so do kernels of a
 * step, as far as nobody needs what lies there: the less of it there is, the more stays in the cache.
 */
function localsOf(parts: readonly Part[], offsets: Map<Buffer, number>): { readonly has: (b: Buffer) => boolean; readonly bytes: number } {
  const found = new Set<Buffer>();
  let bytes = 0;
  for (const part of parts) {
    const own = new Set([...(part[0]!.chain?.locals ?? []), ...part.flatMap((k) => k.transform?.scratch ?? [])]);
    const lives = [...own].map((buffer): Life => {
      const uses = part.flatMap((k, i) =>
        k.out === buffer || k.transform?.scratch === buffer || buffersRead(k).includes(buffer) ? [i] : [],
      );
      // A sum that goes on from block to block is there all the time.
      const stays = part.some((k) => k.out === buffer && k.resumes);
      const [from, to] = stays ? [0, part.length] : [uses[0]!, uses.at(-1)!];
      return { buffer, bytes: bytesOf(buffer) + SLACK, from, to };
    });
    const placed = assign(lives);
    for (const [b, offset] of placed.offsets) {
      found.add(b);
      offsets.set(b, offset);
    }
    bytes = Math.max(bytes, placed.bytes);
  }
  return { has: (b) => found.has(b), bytes };
}

function livesOf(parts: readonly Part[], root: (b: Buffer) => Buffer, apart: (b: Buffer) => boolean): Life[] {
  const spans = new Map<Buffer, { from: number; to: number }>();
  parts.forEach((part, step) => {
    for (const b of part.flatMap((k) => [k.out, ...buffersRead(k)]).map(root)) {
      if (apart(b)) continue;
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
function withBarriers(parts: readonly Part[], fixed: number, range: (b: Buffer) => readonly Range[]): Step[] {
  let reads: Range[] = [];
  let writes: Range[] = [];
  return parts.map((kernels, i) => {
    const read = kernels.flatMap(buffersRead).flatMap(range);
    const write = kernels.map((k) => k.out).flatMap(range);
    const meets = (ranges: readonly Range[], own: readonly Range[]): boolean => own.some((r) => ranges.some((x) => meet(x, r)));
    const barrier = write.some((r) => writes.some((w) => clash(w, r))) || meets(writes, read) || meets(reads, write);
    if (barrier) {
      reads = [];
      writes = [];
    }
    reads.push(...read);
    writes.push(...write);
    return { kernels, barrier, fixed: i < fixed };
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
  const last = lives.reduce((n, l) => Math.max(n, l.to), 0);
  /** Bytes that come to life at each step, less those that died after the one before. */
  const changes = (pass: ReadonlySet<Buffer>): number[] => {
    const change = new Array<number>(last + 2).fill(0);
    for (const l of lives) {
      if (!pass.has(l.buffer)) continue;
      change[l.from]! += aligned(l.bytes);
      change[l.to + 1]! -= aligned(l.bytes);
    }
    return change;
  };
  const [ofForward, ofBackward] = [changes(forward), changes(backward)];
  let best = { activations: 0, gradients: 0 };
  let [activations, gradients] = [0, 0];
  for (let step = 0; step <= last; step++) {
    activations += ofForward[step]!;
    gradients += ofBackward[step]!;
    if (activations + gradients > best.activations + best.gradients) best = { activations, gradients };
  }
  return best;
}
