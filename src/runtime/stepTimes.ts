/** How long each step of a program takes, in one thread: the module also exports each step, and each kernel of a chain, by itself. */
import type { FunctionBuilder } from "../backend/wasm/function.ts";
import { assembleModule } from "../backend/wasm/module.ts";
import { type ProgramPlan, type ProgramStep, programModule } from "../backend/wasm/program.ts";
import { present } from "../base/assert.ts";
import type { NdArray } from "../base/ndarray.ts";
import type { Plan } from "../plan/plan.ts";
import { PlanMemory } from "./planMemory.ts";
import { allocate } from "./threads.ts";
import { lowerSteps } from "./wasm.ts";

/** Medians in milliseconds. */
export interface StepTimes {
  /** Of the whole run, without its fixed steps. */
  readonly run: number;
  /** In the plan's order; fixed steps too, which a run leaves out unless weights were set. */
  readonly steps: readonly StepTime[];
  /** How often each was measured. */
  readonly rounds: number;
}

export interface StepTime {
  readonly milliseconds: number;
  /** Of a chain: each kernel alone for all blocks, one entry for each. They do not add up exactly: alone, a kernel finds other things in the cache. */
  readonly kernels: readonly number[];
}

/** Engines compile functions anew once they have run for a while; then times stay. */
const WARM_UP_MS = 1000;
const FEWEST_RUNS = 3;
const FEWEST_ROUNDS = 5;
const MOST_ROUNDS = 200;

/** Runs the program of `plan` for about so many milliseconds, on these inputs and on the states' newest values, which stay as they are. */
export async function measureSteps(plan: Plan, inputs: ReadonlyMap<string, NdArray>, milliseconds: number): Promise<StepTimes> {
  const steps = lowerSteps(plan);
  const memory = allocate(plan.bytes, false);
  const { instance } = await WebAssembly.instantiate(assembleModule(withStepsApart(plan, steps)), { env: { memory } });
  const timed = (name: string): number => {
    const start = performance.now();
    (instance.exports[name] as (thread: number) => void)(0);
    return performance.now() - start;
  };
  const arrays = new PlanMemory(plan, memory);
  for (const [state, slot] of plan.states) arrays.write(slot, state.read());
  for (const [name, slot] of plan.inputs) arrays.write(slot, present(inputs.get(name), `input ${name}`));
  arrays.renew(true);
  timed("run");
  arrays.renew(false);

  repeat(FEWEST_RUNS, Number.POSITIVE_INFINITY, WARM_UP_MS, () => timed("run"));
  const [runs, whole, alone] = [[] as number[], steps.map((): number[] => []), steps.map((s) => s.calls.map((): number[] => []))];
  const rounds = repeat(FEWEST_ROUNDS, MOST_ROUNDS, milliseconds, () => {
    runs.push(timed("run"));
    steps.forEach((_, i) => {
      whole[i]!.push(timed(stepName(i)));
    });
  });
  // Kernels alone come last: what they write is not what the program would.
  repeat(FEWEST_ROUNDS, MOST_ROUNDS, milliseconds / 2, () => {
    steps.forEach((step, i) => {
      if (step.chain) for (const j of step.calls.keys()) alone[i]![j]!.push(timed(kernelName(i, j)));
    });
  });
  return {
    run: median(runs),
    steps: steps.map((step, i) => ({ milliseconds: median(whole[i]!), kernels: step.chain ? alone[i]!.map(median) : [] })),
    rounds,
  };
}

const stepName = (i: number): string => `step${i}`;
const kernelName = (i: number, j: number): string => `step${i}.${j}`;

/** The program's module, with every step and every kernel of a chain as functions of their own beside `run`. */
function withStepsApart(plan: Plan, steps: readonly ProgramStep[]) {
  const program: ProgramPlan = { steps, locals: plan.locals, memoryBytes: plan.bytes, shared: false };
  const module = programModule(program);
  const alone = (step: ProgramStep): FunctionBuilder => programModule({ ...program, steps: [{ ...step, fixed: false }] }).exports.run!;
  const exports: Record<string, FunctionBuilder> = { ...module.exports };
  steps.forEach((step, i) => {
    exports[stepName(i)] = alone(step);
    if (step.chain) {
      step.calls.forEach((call, j) => {
        exports[kernelName(i, j)] = alone({ ...step, calls: [call] });
      });
    }
  });
  return { ...module, exports };
}

/** Calls `body` at least and at most so often, and otherwise for so long; gives how often. */
function repeat(least: number, most: number, milliseconds: number, body: () => void): number {
  const start = performance.now();
  let n = 0;
  while (n < least || (n < most && performance.now() - start < milliseconds)) {
    body();
    n++;
  }
  return n;
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;
