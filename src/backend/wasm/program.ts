/**
 * A program is one module: every thread runs the same straight line of kernel calls, each on its share of the work, with
 * barriers where the plan asks for them.
 */
import { invariant } from "../../base/assert.ts";
import { CONTROL, CONTROL_BYTES, emitBarrier } from "./barrier.ts";
import { FunctionBuilder } from "./function.ts";
import { assembleModule, type MemoryPlan, type ModulePlan } from "./module.ts";

/** One kernel call of the plan. */
export interface ProgramStep {
  readonly lowered: {
    /** Takes one i32 byte address per buffer, then the range of work units lo, hi. The same object is emitted once. */
    readonly fn: FunctionBuilder;
    /** Work units; any split of them among threads gives the same result. */
    readonly items: number;
  };
  /** Byte address of each buffer, at CONTROL_BYTES or above. */
  readonly addresses: readonly number[];
  /** Whether all threads must have finished the steps before. */
  readonly barrier: boolean;
}

export interface ProgramPlan {
  readonly steps: readonly ProgramStep[];
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
  for (const step of plan.steps) verifyStep(step, plan.memoryBytes);
  const pages = pagesFor(plan.memoryBytes);
  const memory: MemoryPlan = { initial: pages, maximum: pages, shared: plan.shared, import: { module: "env", name: "memory" } };
  if (!plan.shared) return { exports: { run: emitAlone(plan.steps) }, memory };
  const barrier = emitBarrier();
  const run = emitShare(plan.steps, barrier);
  return { exports: { run, serve: emitServe(run, barrier), go: emitGo(run, barrier) }, memory };
}

function verifyStep({ lowered: { fn, items }, addresses }: ProgramStep, memoryBytes: number): void {
  const takes = fn.params.filter((type) => type === "i32").length;
  invariant(
    takes === fn.params.length && takes === addresses.length + 2 && fn.results.length === 0,
    `kernel ${fn.name} takes (${fn.params}), but is called with ${addresses.length} addresses and a range`,
  );
  invariant(Number.isInteger(items) && items >= 0 && items < 2 ** 31, `kernel ${fn.name} has ${items} work units`);
  for (const a of addresses) invariant(a >= CONTROL_BYTES && a <= memoryBytes, `kernel ${fn.name} is given the address ${a}`);
}

function pushAddresses(f: FunctionBuilder, step: ProgramStep): void {
  for (const a of step.addresses) f.i32(a);
}

/** `run` for one thread: all the work. */
function emitAlone(steps: readonly ProgramStep[]): FunctionBuilder {
  const f = new FunctionBuilder("run", ["i32"]);
  for (const step of steps) {
    pushAddresses(f, step);
    f.i32(0).i32(step.lowered.items).call(step.lowered.fn);
  }
  return f;
}

/** `run` for thread t of T: the work units [items * t / T, items * (t + 1) / T) of each step. */
function emitShare(steps: readonly ProgramStep[], barrier: FunctionBuilder): FunctionBuilder {
  const f = new FunctionBuilder("run", ["i32"]);
  const thread = f.param(0);
  const [low, high, patience, threads, wide] = [f.local("i32"), f.local("i32"), f.local("i64"), f.local("i64"), f.local("i64")];
  f.i32(0).memory("i64.load", CONTROL.timeout).set(patience);
  f.i32(0).memory("i32.load", CONTROL.threads).op("i64.extend_i32_u").set(threads);
  const share = (items: number): FunctionBuilder => f.i64(BigInt(items)).op("i64.mul").get(threads).op("i64.div_u").op("i32.wrap_i64");
  let shared = -1;
  for (const [i, step] of steps.entries()) {
    // The start of a run is a barrier anyway.
    if (step.barrier && i > 0) f.get(patience).call(barrier);
    if (step.lowered.items !== shared) {
      shared = step.lowered.items;
      f.get(thread).op("i64.extend_i32_u").tee(wide);
      share(shared).set(low);
      f.get(wide).i64(1n).op("i64.add");
      share(shared).set(high);
    }
    pushAddresses(f, step);
    f.get(low).get(high).call(step.lowered.fn);
  }
  return f;
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
