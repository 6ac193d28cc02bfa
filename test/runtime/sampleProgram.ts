/** A small program written by hand: four kernels, each reading what other threads wrote in the step before. */
import { CONTROL_BYTES } from "../../src/backend/wasm/barrier.ts";
import { FunctionBuilder, type Local } from "../../src/backend/wasm/function.ts";
import { emitProgram, type ProgramStep } from "../../src/backend/wasm/program.ts";

/** Elements of the first two arrays. */
export const LENGTH = 4096;
const ROW = 32;
export const A: number = CONTROL_BYTES;
export const B: number = A + 4 * LENGTH;
export const C: number = B + 4 * LENGTH;
export const MEMORY_BYTES: number = C + (4 * LENGTH) / ROW;

type Kernel = ProgramStep["calls"][number]["lowered"];

/** A kernel over `items` with an f32 array for each of `arrays` addresses; `value` leaves what is stored into the last. */
export function kernel(
  name: string,
  items: number,
  arrays: number,
  value: (f: FunctionBuilder, i: Local, at: (array: number, index: () => void) => void) => void,
): Kernel {
  const f = new FunctionBuilder(name, new Array<"i32">(arrays + 2).fill("i32"));
  const i = f.local("i32");
  const address = (array: number, index: () => void): void => {
    index();
    f.i32(2).op("i32.shl").get(f.param(array)).op("i32.add");
  };
  f.get(f.param(arrays)).set(i);
  f.range(i, f.param(arrays + 1), 1, () => {
    address(arrays - 1, () => f.get(i));
    value(f, i, (array, index) => {
      address(array, index);
      f.memory("f32.load");
    });
    f.memory("f32.store");
  });
  return { fn: f, items };
}

/** a[i] = a[i] / 2 + i */
const halve = kernel("halve", LENGTH, 1, (f, i, at) => {
  at(0, () => f.get(i));
  f.f32(0.5).op("f32.mul").get(i).op("f32.convert_i32_s").op("f32.add");
});
/** b[i] = a[LENGTH - 1 - i] + 0.1 a[i] */
const mirror = kernel("mirror", LENGTH, 2, (f, i, at) => {
  at(0, () =>
    f
      .i32(LENGTH - 1)
      .get(i)
      .op("i32.sub"),
  );
  at(0, () => f.get(i));
  f.f32(0.1).op("f32.mul").op("f32.add");
});
/** c[r] = sum of row r of b */
const rows = kernel("rows", LENGTH / ROW, 2, (f, i, at) => {
  const [j, sum] = [f.local("i32"), f.local("f32")];
  f.f32(0).set(sum).get(i).i32(ROW).op("i32.mul").set(j);
  f.times(ROW, () => {
    at(0, () => f.get(j));
    f.get(sum).op("f32.add").set(sum).bump(j, 1);
  });
  f.get(sum);
});
/** a[i] = a[i] + c[i / ROW] / 1000 */
const spread = kernel("spread", LENGTH, 2, (f, i, at) => {
  at(1, () => f.get(i));
  at(0, () => f.get(i).i32(ROW).op("i32.div_u"));
  f.f32(0.001).op("f32.mul").op("f32.add");
});

export const step = (lowered: Kernel, ...addresses: number[]): ProgramStep => ({
  calls: [{ lowered, places: addresses.map((at) => ({ at, local: false })), share: "whole" }],
  chain: undefined,
  barrier: true,
  fixed: false,
});

/** No thread has memory of its own. */
export const NO_LOCALS: { readonly start: number; readonly bytes: number } = { start: MEMORY_BYTES, bytes: 0 };

export const STEPS: readonly ProgramStep[] = [step(halve, A), step(mirror, A, B), step(rows, B, C), step(spread, C, A)];

export const emit = (shared: boolean): Uint8Array<ArrayBuffer> =>
  emitProgram({ steps: STEPS, locals: NO_LOCALS, memoryBytes: MEMORY_BYTES, shared });

/** The same in plain JavaScript, `runs` times from zero. */
export function expected(runs: number): Float32Array {
  const [a, b, c] = [new Float32Array(LENGTH), new Float32Array(LENGTH), new Float32Array(LENGTH / ROW)];
  const f = Math.fround;
  for (let k = 0; k < runs; k++) {
    a.forEach((x, i) => {
      a[i] = f(x * 0.5) + i;
    });
    b.forEach((_, i) => {
      b[i] = a[LENGTH - 1 - i]! + f(f(0.1) * a[i]!);
    });
    c.forEach((_, r) => {
      c[r] = b.subarray(r * ROW, (r + 1) * ROW).reduce((sum, x) => f(sum + x), 0);
    });
    a.forEach((x, i) => {
      a[i] = x + f(f(0.001) * c[Math.floor(i / ROW)]!);
    });
  }
  return a;
}
