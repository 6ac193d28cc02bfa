import { spawnSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CONTROL } from "../../src/backend/wasm/barrier.ts";
import { emitProgram, type ProgramStep, programModule } from "../../src/backend/wasm/program.ts";
import { printModule } from "../../src/backend/wasm/wat.ts";
import type { Engine } from "../../src/runtime/engine.ts";
import { EngineError } from "../../src/runtime/engineError.ts";
import { startEngine } from "../../src/runtime/threads.ts";
import { A, B, emit, expected, kernel, LENGTH, MEMORY_BYTES, NO_LOCALS, STEPS, step } from "./sampleProgram.ts";

const threadsModule = process.getBuiltinModule("node:worker_threads");
const OriginalWorker = threadsModule.Worker;
let workers: Worker[] = [];
const engines: Engine[] = [];

beforeEach(() => {
  workers = [];
  threadsModule.Worker = class extends OriginalWorker {
    constructor(...args: ConstructorParameters<typeof OriginalWorker>) {
      super(...args);
      workers.push(this);
    }
  };
});
afterEach(async () => {
  threadsModule.Worker = OriginalWorker;
  for (const engine of engines.splice(0)) await engine.close();
});

type Options = Partial<Parameters<typeof startEngine>[0]>;
async function started(options: Options): Promise<Engine> {
  const engine = await startEngine({ emit, memoryBytes: MEMORY_BYTES, timeoutMs: 5000, ...options });
  engines.push(engine);
  return engine;
}
const values = (engine: Engine, at = A): Float32Array => new Float32Array(engine.memory.buffer, at, LENGTH);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The sample program, and a step in which thread `thread` of two traps or never ends. */
function failing(what: "trap" | "hang", thread: number): (shared: boolean) => Uint8Array<ArrayBuffer> {
  const bad = kernel(what, 2, 1, (f, i) => {
    f.get(i).i32(thread).op("i32.eq");
    f.if(() => {
      if (what === "trap") f.unreachable();
      else f.loop(() => f.i32(A).memory("i32.load").drop().br(0));
    });
    f.f32(0);
  });
  const steps: ProgramStep[] = [...STEPS, step(bad, B), ...STEPS];
  return (shared) => emitProgram({ steps, locals: NO_LOCALS, memoryBytes: MEMORY_BYTES, shared });
}

describe("same bits for any number of threads", () => {
  test.each([
    [1, undefined],
    [2, undefined],
    [2, 0],
    [3, undefined],
    [7, undefined],
  ])("%d threads, spin %s", async (threads, spin) => {
    const engine = await started({ threads, ...(spin === undefined ? {} : { spin }) });
    expect(engine.threads).toBe(threads);
    expect(engine.fallback).toBeUndefined();
    expect(workers).toHaveLength(threads - 1);
    for (let k = 0; k < 50; k++) {
      if (k % 10 === 0) await pause(2);
      await engine.run();
    }
    for (let k = 0; k < 50; k++) engine.runSync!();
    expect(values(engine)).toEqual(expected(100));
  });

  test("one thread has no worker, no shared memory and no atomics", async () => {
    const engine = await started({ threads: 1 });
    expect(workers).toHaveLength(0);
    expect(engine.memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(printModule(programModule({ steps: STEPS, locals: NO_LOCALS, memoryBytes: MEMORY_BYTES, shared: false }))).not.toContain(
      "atomic",
    );
  });

  test("by default all cores take part", async () => {
    const engine = await started({});
    expect(engine.threads).toBe(Math.min(16, process.getBuiltinModule("node:os").availableParallelism()));
  });

  test("steps without work, and fewer units than threads", async () => {
    const none = kernel("none", 0, 1, (f) => f.unreachable().f32(0));
    const one = kernel("one", 1, 1, (f) => f.f32(7));
    const steps = [none, one].map((lowered) => step(lowered, B));
    const engine = await started({
      threads: 3,
      emit: (shared) => emitProgram({ steps, locals: NO_LOCALS, memoryBytes: MEMORY_BYTES, shared }),
    });
    await engine.run();
    expect(values(engine, B)[0]).toBe(7);
  });
});

describe("failures", () => {
  test.each([0, 1])("a trap in thread %d rejects at once and for good", async (thread) => {
    const engine = await started({ threads: 2, emit: failing("trap", thread) });
    const before = performance.now();
    await expect(engine.run()).rejects.toThrow(
      new EngineError(`thread ${thread} of 2 trapped: unreachable in trap. What the program's memory held is lost: compile it again`),
    );
    expect(performance.now() - before).toBeLessThan(1000);
    await expect(engine.run()).rejects.toThrow(`engine: it has stopped: thread ${thread} of 2 trapped: unreachable in trap`);
    expect(() => engine.runSync!()).toThrow(EngineError);
    await engine.close();
  });

  test("a trap of the only thread rejects likewise", async () => {
    const engine = await started({ threads: 1, emit: failing("trap", 0) });
    await expect(engine.run()).rejects.toThrow("engine: thread 0 of 1 trapped: unreachable in trap");
    await expect(engine.run()).rejects.toThrow("engine: it has stopped: thread 0 of 1 trapped");
  });

  test("a thread that never comes is given up after the timeout, and ended", async () => {
    const engine = await started({ threads: 2, emit: failing("hang", 1), timeoutMs: 200 });
    const before = performance.now();
    await expect(engine.run()).rejects.toThrow("engine: one of 2 threads has not come for 0.2 s");
    expect(performance.now() - before).toBeGreaterThan(190);
    expect(performance.now() - before).toBeLessThan(2000);
    await engine.close();
    expect(workers[0]!.threadId).toBe(-1);
  });

  test("a worker that is killed while thread 0 counts on it is found by the timeout", async () => {
    const engine = await started({ threads: 3, timeoutMs: 200 });
    await engine.run();
    void workers[0]!.terminate();
    // Blocked, the main thread gets no news of it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    expect(() => engine.runSync!()).toThrow("engine: one of 3 threads has not come for 0.2 s");
  });

  test("a worker that dies between runs is known at the next", async () => {
    const engine = await started({ threads: 3 });
    await engine.run();
    await workers[1]!.terminate();
    await pause(20);
    await expect(engine.run()).rejects.toThrow("engine: it has stopped: thread 2 of 3 has ended, exit code 1");
    expect(workers[0]!.threadId).toBe(-1);
  });

  test("workers wait between runs for longer than the timeout", async () => {
    const engine = await started({ threads: 2, timeoutMs: 50 });
    await engine.run();
    await pause(300);
    await engine.run();
    expect(values(engine)).toEqual(expected(2));
  });

  test("after a failure a new engine works", async () => {
    const broken = await started({ threads: 2, emit: failing("trap", 1) });
    await expect(broken.run()).rejects.toThrow(EngineError);
    const engine = await started({ threads: 2 });
    await engine.run();
    expect(values(engine)).toEqual(expected(1));
  });

  test("a closed engine says so", async () => {
    for (const threads of [1, 2]) {
      const engine = await started({ threads });
      await engine.close();
      await engine.close();
      await expect(engine.run()).rejects.toThrow("engine: it is closed");
    }
  });

  test("options that can not be", async () => {
    await expect(started({ threads: 0 })).rejects.toThrow("engine: threads must be a whole number from 1 to 64, got 0");
    await expect(started({ threads: 2.5 })).rejects.toThrow("got 2.5");
    await expect(started({ threads: 1, memoryBytes: 2 ** 33 })).rejects.toThrow("WebAssembly ends at 4 GiB");
  });

  test("a module that does not fit its memory is refused at the start", async () => {
    await expect(started({ threads: 2, memoryBytes: 65536 * 4 })).rejects.toThrow(/engine: 2 threads can not be started: .*memory/);
    expect(workers.map((w) => w.threadId)).toEqual([-1]);
  });
});

describe("nobody has to close", () => {
  test("the process ends by itself", () => {
    const url = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `
      const { startEngine } = await import(${url("../../src/runtime/threads.ts")});
      const { emit, MEMORY_BYTES } = await import(${url("./sampleProgram.ts")});
      const engine = await startEngine({ emit, memoryBytes: MEMORY_BYTES, threads: 3 });
      await engine.run();
      console.log("ran on", engine.threads);
      globalThis.kept = engine;`;
    const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      timeout: 20_000,
      encoding: "utf8",
    });
    expect(child.stderr).toBe("");
    expect(child.stdout).toBe("ran on 3\n");
    expect(child.status).toBe(0);
  });

  test("an engine that is dropped is collected with its threads", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    await (async () => {
      const engine = await startEngine({ emit, memoryBytes: MEMORY_BYTES, threads: 2 });
      await engine.run();
    })();
    for (let k = 0; k < 50 && workers[0]!.threadId !== -1; k++) {
      collect();
      await pause(20);
    }
    expect(workers[0]!.threadId).toBe(-1);
  });
});

test("the control block's words do not overlap and stay below the arena", () => {
  expect(CONTROL.note).toBeGreaterThanOrEqual(CONTROL.timeout + 8);
  expect(new Set(Object.values(CONTROL)).size).toBe(Object.keys(CONTROL).length);
});

test("the program as text", () => {
  expect(printModule(programModule({ steps: STEPS, locals: NO_LOCALS, memoryBytes: MEMORY_BYTES, shared: true }))).toMatchSnapshot();
});
