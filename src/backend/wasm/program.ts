/**
 * A program is one module: every thread runs the same straight line of kernel calls, each on its share of the work, with
 * barriers where the plan asks for them.
 */
import { invariant } from "../../base/assert.ts";
import { CONTROL, CONTROL_BYTES, emitBarrier } from "./barrier.ts";
import { FunctionBuilder, type Local } from "./function.ts";
import { assembleModule, type MemoryPlan, type ModulePlan } from "./module.ts";

/** A buffer's byte address, at CONTROL_BYTES or above; or its offset in the part of memory that a thread has for itself. */
export interface Place {
  readonly at: number;
  readonly local: boolean;
}

/** One kernel call of the plan. */
export interface KernelCall {
  readonly lowered: {
    /** Takes one i32 byte address per buffer, whether sums start if it `resumes`, and the range of work units lo, hi. Emitted once. */
    readonly fn: FunctionBuilder;
    readonly resumes?: boolean;
    /** Work units; any split of them among threads gives the same result. */
    readonly items: number;
  };
  readonly places: readonly Place[];
}

/** What a call of a chain does: an equal share of its work units for each block, or each part; or all of them for every block. */
export type Share = "block" | "part" | "whole";

/** One kernel, or several that run one after the other for each block. */
export interface ProgramStep {
  /** Those for each part come last. */
  readonly calls: readonly (KernelCall & { readonly share: Share })[];
  /**
   * Number of blocks, and of parts, each of which has equally many of them. Threads share the parts; within one, blocks run in order, and
   * sums start with the first of them. Undefined for a single kernel, whose work units threads share.
   */
  readonly chain: { readonly blocks: number; readonly parts: number } | undefined;
  /** Whether all threads must have finished the steps before. */
  readonly barrier: boolean;
  /** Whether it runs only where CONTROL.renew is set. These steps come first. */
  readonly fixed: boolean;
}

export interface ProgramPlan {
  readonly steps: readonly ProgramStep[];
  /** Where the threads' own parts of memory begin, one after the other, and how long each is. */
  readonly locals: { readonly start: number; readonly bytes: number };
  /** Size of memory with the control block. */
  readonly memoryBytes: number;
  /** Whether several threads take part. If not, the module has no atomics and runs anywhere. */
  readonly shared: boolean;
}

/** Memory a module takes, in pages of 64 KiB. */
export const pagesFor = (bytes: number): number => Math.ceil(bytes / 65536);

/** The module of a program as bytes; it imports its memory as env.memory. */
export function emitProgram(plan: ProgramPlan): Uint8Array<ArrayBuffer> {
  return assembleModule(programModule(plan));
}

/**
 * The module of a program, before it is bytes. Exports `run(thread)`; if shared also `serve(thread)`, which a worker sits in,
 * and `go(command)`, by which thread 0 has everybody run (1) or leave `serve` (0).
 */
export function programModule(plan: ProgramPlan): ModulePlan {
  for (const step of plan.steps) for (const call of step.calls) verifyCall(call, plan);
  const pages = pagesFor(plan.memoryBytes);
  const memory: MemoryPlan = { initial: pages, maximum: pages, shared: plan.shared, import: { module: "env", name: "memory" } };
  if (!plan.shared) return { exports: { run: emitAlone(plan) }, memory };
  const barrier = emitBarrier();
  const run = emitShare(plan, barrier);
  return { exports: { run, serve: emitServe(run, barrier), go: emitGo(run, barrier) }, memory };
}

function verifyCall({ lowered: { fn, items, resumes }, places }: KernelCall, { locals, memoryBytes }: ProgramPlan): void {
  const takes = fn.params.filter((type) => type === "i32").length;
  invariant(
    takes === fn.params.length && takes === places.length + (resumes ? 3 : 2) && fn.results.length === 0,
    () => `kernel ${fn.name} takes (${fn.params}), but is called with ${places.length} addresses and a range`,
  );
  invariant(Number.isInteger(items) && items >= 0 && items < 2 ** 31, () => `kernel ${fn.name} has ${items} work units`);
  for (const { at, local } of places) {
    const inside = local ? at >= 0 && at < locals.bytes : at >= CONTROL_BYTES && at <= memoryBytes;
    invariant(inside, () => `kernel ${fn.name} is given the ${local ? "local " : ""}address ${at}`);
  }
}

/** Calls every kernel of a step; `range` pushes the work units of a single one, or the blocks are between `low` and `high`. */
class Calls {
  readonly #f: FunctionBuilder;
  /** Where this thread's part of memory begins. */
  readonly #own: Local | undefined;

  constructor(f: FunctionBuilder, thread: Local, { steps, locals }: ProgramPlan) {
    this.#f = f;
    if (!steps.some((s) => s.calls.some((c) => c.places.some((p) => p.local)))) return;
    this.#own = f.local("i32");
    f.get(thread).i32(locals.bytes).op("i32.mul").i32(locals.start).op("i32.add").set(this.#own);
  }

  /** The work units, or parts, from `low` to below `high`. */
  emit(step: ProgramStep, low: () => void, high: () => void): void {
    const f = this.#f;
    const { calls, chain } = step;
    if (!chain) {
      this.#places(calls[0]!);
      low();
      high();
      f.call(calls[0]!.lowered.fn);
      return;
    }
    const [part, end] = [f.local("i32"), f.local("i32")];
    low();
    f.set(part);
    high();
    f.set(end);
    const each = chain.blocks / chain.parts;
    const [block, last] = each === 1 ? [part, part] : [f.local("i32"), f.local("i32")];
    const inBlock = (): void => {
      for (const call of calls.filter((c) => c.share !== "part"))
        this.#share(call, call.share === "block" ? block : undefined, chain.blocks, block, each);
    };
    f.range(part, end, 1, () => {
      if (each === 1) inBlock();
      else {
        f.get(part).i32(each).op("i32.mul").tee(block).i32(each).op("i32.add").set(last);
        f.range(block, last, 1, inBlock);
      }
      for (const call of calls.filter((c) => c.share === "part")) this.#share(call, part, chain.parts, part, 1);
    });
  }

  /** Calls a kernel with the share of its work units that belongs to number `at` of `of`, or with all. Sums start where `each` divides `block`. */
  #share(call: KernelCall, at: Local | undefined, of: number, block: Local, each: number): void {
    const f = this.#f;
    const { fn, items, resumes } = call.lowered;
    this.#places(call);
    if (resumes) f.get(block).i32(each).op("i32.rem_u").op("i32.eqz");
    if (at) {
      invariant(items % of === 0, `kernel ${fn.name} has ${items} work units for ${of} blocks`);
      const own = items / of;
      f.get(at).i32(own).op("i32.mul").get(at).i32(own).op("i32.mul").i32(own).op("i32.add");
    } else f.i32(0).i32(items);
    f.call(fn);
  }

  #places(call: KernelCall): void {
    for (const { at, local } of call.places) {
      if (!local) this.#f.i32(at);
      else this.#f.get(this.#own!).i32(at).op("i32.add");
    }
  }
}

/** What threads share of a step. */
const unitsOf = ({ calls, chain }: ProgramStep): number => chain?.parts ?? calls[0]!.lowered.items;

/** `run` for one thread: all the work. */
function emitAlone(plan: ProgramPlan): FunctionBuilder {
  const f = new FunctionBuilder("run", ["i32"]);
  const calls = new Calls(f, f.param(0), plan);
  const nobody = (): void => {};
  emitParts(f, plan.steps, nobody, (step) => {
    calls.emit(
      step,
      () => f.i32(0),
      () => f.i32(unitsOf(step)),
    );
  });
  return f;
}

/** `run` for thread t of T: the work units [items * t / T, items * (t + 1) / T) of each step. */
function emitShare(plan: ProgramPlan, barrier: FunctionBuilder): FunctionBuilder {
  const f = new FunctionBuilder("run", ["i32"]);
  const thread = f.param(0);
  const calls = new Calls(f, thread, plan);
  const [low, high, patience, threads, wide] = [f.local("i32"), f.local("i32"), f.local("i64"), f.local("i64"), f.local("i64")];
  f.i32(0).memory("i64.load", CONTROL.timeout).set(patience);
  f.i32(0).memory("i32.load", CONTROL.threads).op("i64.extend_i32_u").set(threads);
  const share = (items: number): FunctionBuilder => f.i64(BigInt(items)).op("i64.mul").get(threads).op("i64.div_u").op("i32.wrap_i64");
  let shared = -1;
  const meet = (): void => void f.get(patience).call(barrier);
  emitParts(f, plan.steps, meet, (step, isFirst) => {
    // The start of a run is a barrier anyway.
    if (step.barrier && !isFirst) meet();
    if (unitsOf(step) !== shared || isFirst) {
      shared = unitsOf(step);
      f.get(thread).op("i64.extend_i32_u").tee(wide);
      share(shared).set(low);
      f.get(wide).i64(1n).op("i64.add");
      share(shared).set(high);
    }
    calls.emit(
      step,
      () => f.get(low),
      () => f.get(high),
    );
  });
  return f;
}

/** The fixed steps where they are wanted, then the others; between them threads `meet`. `emit` is told which step is the first of each kind. */
function emitParts(
  f: FunctionBuilder,
  steps: readonly ProgramStep[],
  meet: () => void,
  emit: (step: ProgramStep, isFirst: boolean) => void,
): void {
  const fixed = steps.filter((s) => s.fixed);
  const rest = steps.filter((s) => !s.fixed);
  if (fixed.length > 0) {
    f.i32(0).memory("i32.load", CONTROL.renew);
    f.if(() => {
      fixed.forEach((step, i) => {
        emit(step, i === 0);
      });
      if (rest.length > 0) meet();
    });
  }
  rest.forEach((step, i) => {
    emit(step, i === 0);
  });
}

const pushTimeout = (f: FunctionBuilder): FunctionBuilder => f.i32(0).memory("i64.load", CONTROL.timeout);

/** What a worker does all its life. It waits for the next command without end: the pause between two runs is the user's. */
function emitServe(run: FunctionBuilder, barrier: FunctionBuilder): FunctionBuilder {
  const f = new FunctionBuilder("serve", ["i32"]);
  f.loop(() => {
    f.i64(-1n).call(barrier);
    f.i32(0).memory("i32.load", CONTROL.command).op("i32.eqz");
    f.if(() => f.ret());
    f.get(f.param(0)).call(run);
    pushTimeout(f).call(barrier).br(0);
  });
  return f;
}

function emitGo(run: FunctionBuilder, barrier: FunctionBuilder): FunctionBuilder {
  const f = new FunctionBuilder("go", ["i32"]);
  f.i32(0).get(f.param(0)).memory("i32.store", CONTROL.command);
  pushTimeout(f).call(barrier);
  f.get(f.param(0)).if(() => {
    f.i32(0).call(run);
    pushTimeout(f).call(barrier);
  });
  return f;
}
