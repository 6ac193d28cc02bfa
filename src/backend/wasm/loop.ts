import type { FunctionBuilder, Local } from "./function.ts";

/**
 * Emits a loop around accumulators: `body` pushes whether to go round again. Two rules of V8's code generation (TurboFan,
 * version 11 to 14; measured in the prototypes, 29 GFLOP/s without and 47 with them):
 *
 * - A loop's exit must be a merge. The branch past the loop is never taken, but it gives every accumulator a phi at the
 *   exit; then V8 schedules accumulator by accumulator, and loads stand between the arithmetic instead of all before it.
 * - V8 unrolls innermost loops itself, and clusters the loads of all copies but the last. A loop with another loop in it
 *   is not innermost; the one after the back edge is dead and leaves no code.
 */
export function emitLoop(f: FunctionBuilder, never: Local, body: () => void): void {
  f.block(() => {
    f.get(never).brIf(0);
    f.loop(() => {
      body();
      f.brIf(0);
      f.i32(0).if(() => f.loop(() => {}));
    });
  });
}

/** Sets and gives a local that is never true, because no item is negative; the compiler cannot know that. */
export function emitNever(f: FunctionBuilder, lo: Local): Local {
  const never = f.local("i32");
  f.get(lo).i32(0).op("i32.lt_s").set(never);
  return never;
}
