/** The WebAssembly backend: plan, lower each kernel once, emit one module, run it on all threads. */

import type { Backend, Executable } from "../backend/backend.ts";
import { CONTROL_BYTES } from "../backend/wasm/barrier.ts";
import { type LoweringOptions, lowering } from "../backend/wasm/lower.ts";
import { kernelBuffers, type LoweredKernel } from "../backend/wasm/lowered.ts";
import { emitProgram, type KernelCall, type Place, type ProgramStep, type Share } from "../backend/wasm/program.ts";
import { signature } from "../backend/wasm/signature.ts";
import { present } from "../base/assert.ts";
import type { NdArray } from "../base/ndarray.ts";
import type { Graph } from "../ir/graph.ts";
import type { State } from "../ir/state.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { optimize } from "../passes/optimize.ts";
import type { MemoryReport } from "../plan/memoryReport.ts";
import { type Plan, planGraph } from "../plan/plan.ts";
import type { Engine } from "./engine.ts";
import { PlanMemory } from "./planMemory.ts";
import { requireRelaxedSimd } from "./relaxedSimd.ts";
import { startEngine, threadsOf } from "./threads.ts";

export interface WasmOptions {
  /** Default: all cores. 1 starts no worker and needs no shared memory. The bits are the same for every number. */
  readonly threads?: number;
  /**
   * What a convolution's algorithm "auto" stands for: Fovea's choice, or "direct", the sums as they are defined: slower, and a tenth of
   * the rounding error. Default "auto".
   */
  readonly convolution?: "auto" | "direct";
  /**
   * Whether sums of products may use fused multiply-add (relaxed SIMD): faster on some processors, but then the bits depend on the
   * processor. Fails with an EngineError where the engine lacks it: Node 20 has it behind `--experimental-wasm-relaxed-simd`, later
   * versions and current browsers have it. Default false.
   */
  readonly fast?: boolean;
}

/** Compiles to one WebAssembly module that all threads run. */
export const wasm = (options: WasmOptions = {}): Backend => ({
  name: "wasm",
  async compile(graph: Graph): Promise<Executable> {
    const threads = threadsOf(options);
    const plan = planGraph(optimize(graph, { auto: options.convolution !== "direct" }), CONTROL_BYTES, threads);
    if (options.fast) requireRelaxedSimd();
    const steps = lowerSteps(plan, { fused: options.fast ?? false });
    const engine = await startEngine({
      emit: (shared) => emitProgram({ steps, locals: plan.locals, memoryBytes: plan.bytes, shared }),
      memoryBytes: plan.bytes,
      threads,
    });
    return new WasmExecutable(plan, engine);
  },
});

/** Machine code for every step; equal kernels share it. */
export function lowerSteps(plan: Plan, options: LoweringOptions = {}): ProgramStep[] {
  const lower = lowering(options);
  const known = new Map<string, LoweredKernel>();
  const call = (...kernels: readonly Kernel[]): KernelCall => {
    const key = signature(...kernels);
    const own = known.get(key);
    const lowered = own ?? lower(...kernels);
    if (!own) known.set(key, lowered);
    const places = kernelBuffers(...kernels).map((b): Place => ({ at: plan.address(b), local: plan.isLocal(b) }));
    return { lowered, places };
  };
  return plan.steps.map(({ kernels, barrier, fixed }) => {
    const { chain } = kernels[0]!;
    if (!chain) return { calls: [{ ...call(...kernels), share: "whole" }], chain: undefined, barrier, fixed };
    const calls = kernels.map((k) => call(k));
    const blocks = chain.blocks.reduce((n, a) => n * a.extent, 1);
    const share = (k: Kernel): Share => {
      const own = chain.blocks.filter((a) => k.axes.includes(a));
      return own.length === chain.blocks.length ? "block" : own[0] === chain.part && own.length > 0 ? "part" : "whole";
    };
    return {
      calls: calls.map((c, i) => ({ ...c, share: share(kernels[i]!) })),
      chain: { blocks, parts: chain.part?.extent ?? blocks },
      barrier,
      fixed,
    };
  });
}

class WasmExecutable implements Executable {
  readonly memory: MemoryReport;
  readonly threads: number;
  readonly #plan: Plan;
  readonly #engine: Engine;
  readonly #arrays: PlanMemory;
  /** Version of each state's copy in this memory. */
  readonly #versions = new Map<State, number>();
  #hasRun = false;

  constructor(plan: Plan, engine: Engine) {
    this.#plan = plan;
    this.#engine = engine;
    this.memory = plan.memory;
    this.threads = engine.threads;
    this.#arrays = new PlanMemory(plan, engine.memory);
  }

  async run(inputs: ReadonlyMap<string, NdArray>): Promise<Map<string, NdArray>> {
    let renew = !this.#hasRun;
    this.#hasRun = true;
    for (const [state, slot] of this.#plan.states) {
      if (this.#versions.get(state) === state.version) continue;
      this.#arrays.write(slot, state.read());
      this.#versions.set(state, state.version);
      renew = true;
    }
    this.#arrays.renew(renew);
    for (const [name, slot] of this.#plan.inputs) this.#arrays.write(slot, present(inputs.get(name), `input ${name}`));
    await this.#engine.run();
    for (const state of this.#plan.updated) {
      state.moveTo(this);
      this.#versions.set(state, state.version);
    }
    return new Map([...this.#plan.outputs].map(([name, slot]) => [name, this.#arrays.read(slot)]));
  }

  fetch(state: State): NdArray {
    return this.#arrays.read(present(this.#plan.states.get(state), `state ${state.name}`));
  }

  async close(): Promise<void> {
    for (const state of this.#plan.states.keys()) state.leave(this);
    await this.#engine.close();
  }
}
