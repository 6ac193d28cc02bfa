/**
 * How threads meet. A barrier spins for longer than a wake-up takes, then sleeps; a thread that fails poisons it, so that
 * nobody waits for the dead.
 *
 * The generation word counts barriers in 31 bits; bit 31 is the poison. It advances by compare-and-exchange, so poison can
 * not be lost. Measured: 114 ns per barrier of two threads on two cores, 22 us where one of them sleeps.
 */
import { FunctionBuilder } from "./function.ts";

/** Byte addresses of the control block at the bottom of memory. Words that are fought over have a 128-byte line each. */
export const CONTROL = {
  /** i32: barriers passed; negative is poisoned. */
  generation: 0,
  /** i32: threads that have reached the current barrier. */
  arrived: 128,
  /** i32: threads that may have to be woken. */
  sleepers: 256,
  /** i32: what `serve` does next, 0 to return. */
  command: 384,
  /** i32: threads that take part. Written before the start. */
  threads: 388,
  /** i32: polls before a thread sleeps, about 1.2 ns each. Written before the start. */
  spin: 392,
  /** i32: why the engine failed: 0 it has not, t + 1 thread t trapped, -1 a thread did not come. The first failure stays. */
  fault: 396,
  /** i32: whether the next run also does the steps that only states decide. Written between runs. */
  renew: 408,
  /** i64: nanoseconds after which a thread counts as dead. Written before the start. */
  timeout: 400,
  /** Byte length (i32), then UTF-8 text: what the thread in `fault` died of. */
  note: 512,
} as const;

/** Size of the control block; the arena starts here. A multiple of 128. */
export const CONTROL_BYTES = 1024;
/** Room for the text of `note`. */
export const NOTE_BYTES: number = CONTROL_BYTES - CONTROL.note - 4;

/** In `fault`: a barrier timed out. */
export const TIMED_OUT = -1;

const { generation: GENERATION, arrived: ARRIVED, sleepers: SLEEPERS, fault: FAULT, threads: THREADS, spin: SPIN } = CONTROL;
const POISON = 0x80000000;

/** `barrier(patience)`: returns when all threads have called it; traps if it is poisoned, or after `patience` ns (i64, -1: never). */
export function emitBarrier(): FunctionBuilder {
  const f = new FunctionBuilder("barrier", ["i64"]);
  const [patience, generation, seen, left] = [f.param(0), f.local("i32"), f.local("i32"), f.local("i32")];
  const trapIfNegative = (): FunctionBuilder =>
    f
      .i32(0)
      .op("i32.lt_s")
      .if(() => f.unreachable());

  f.i32(0).memory("i32.atomic.load", GENERATION).tee(generation);
  trapIfNegative();

  f.i32(0).i32(1).memory("i32.atomic.rmw.add", ARRIVED).i32(1).op("i32.add");
  f.i32(0).memory("i32.load", THREADS).op("i32.eq");
  f.if(() => {
    // Last to arrive: opens the barrier. Whoever adds itself to SLEEPERS after the load below finds GENERATION advanced.
    f.i32(0).i32(0).memory("i32.atomic.store", ARRIVED);
    f.i32(0).get(generation).get(generation).i32(1).op("i32.add").i32(0x7fffffff).op("i32.and");
    f.memory("i32.atomic.rmw.cmpxchg", GENERATION).get(generation).op("i32.ne");
    f.if(() => f.unreachable());
    f.i32(0).memory("i32.atomic.load", SLEEPERS);
    f.if(() => f.i32(0).i32(-1).memory("memory.atomic.notify", GENERATION).drop());
    f.ret();
  });

  f.i32(0).memory("i32.load", SPIN).set(left);
  f.block(() => {
    f.loop(() => {
      f.i32(0).memory("i32.atomic.load", GENERATION).tee(seen).get(generation).op("i32.ne").brIf(1);
      f.get(left).i32(1).op("i32.sub").tee(left).i32(0).op("i32.ge_s").brIf(0);
    });
    f.i32(0).i32(1).memory("i32.atomic.rmw.add", SLEEPERS).drop();
    f.loop(() => {
      f.i32(0).get(generation).get(patience).memory("memory.atomic.wait32", GENERATION).i32(2).op("i32.eq");
      f.if(() => {
        f.i32(0).i32(0).i32(TIMED_OUT).memory("i32.atomic.rmw.cmpxchg", FAULT).drop();
        f.i32(0).i32(POISON).memory("i32.atomic.rmw.or", GENERATION).drop();
        f.i32(0).i32(-1).memory("memory.atomic.notify", GENERATION).drop().unreachable();
      });
      f.i32(0).memory("i32.atomic.load", GENERATION).tee(seen).get(generation).op("i32.eq").brIf(0);
    });
    f.i32(0).i32(1).memory("i32.atomic.rmw.sub", SLEEPERS).drop();
  });
  f.get(seen);
  trapIfNegative();
  return f;
}
