import { CONTROL } from "../backend/wasm/barrier.ts";
import type { DType, TypedArrayOf } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import { type Shape, sizeOf, stridesOf } from "../base/shape.ts";
import type { Slot } from "../plan/lower.ts";
import type { Plan } from "../plan/plan.ts";

/** The arrays of a plan in the memory of its program. Its constants are written from the start. */
export class PlanMemory {
  readonly #plan: Plan;
  readonly #memory: WebAssembly.Memory;

  constructor(plan: Plan, memory: WebAssembly.Memory) {
    this.#plan = plan;
    this.#memory = memory;
    for (const [b, value] of plan.constants) this.#view(b.dtype, plan.address(b), value.data.length).set(value.data);
  }

  /** Says whether the next run does the fixed steps again, because a state that they read has a new value. */
  renew(fixed: boolean): void {
    this.#view("i32", CONTROL.renew, 1)[0] = fixed ? 1 : 0;
  }

  write(slot: Slot, value: NdArray): void {
    const to = this.#view(slot.buffer.dtype, this.#plan.address(slot.buffer), sizeOf(slot.shape));
    copyOrdered(value.data, stridesOf(slot.shape), to, stridesOf(slot.shape, slot.order), slot.shape);
  }

  read(slot: Slot): NdArray {
    const value = new NdArray(slot.buffer.dtype, slot.shape);
    const from = this.#view(slot.buffer.dtype, this.#plan.address(slot.buffer), sizeOf(slot.shape));
    copyOrdered(from, stridesOf(slot.shape, slot.order), value.data, stridesOf(slot.shape), slot.shape);
    return value;
  }

  #view<D extends DType>(dtype: D, address: number, length: number): TypedArrayOf[D] {
    const make: { [K in DType]: () => TypedArrayOf[K] } = {
      f32: () => new Float32Array(this.#memory.buffer, address, length),
      i32: () => new Int32Array(this.#memory.buffer, address, length),
      u8: () => new Uint8Array(this.#memory.buffer, address, length),
    };
    return make[dtype]();
  }
}

type Numbers = TypedArrayOf[DType];

/** Copies an array from one memory order to another. */
function copyOrdered(from: Numbers, fromStrides: readonly number[], to: Numbers, toStrides: readonly number[], shape: Shape): void {
  if (shape.every((extent, d) => extent === 1 || fromStrides[d] === toStrides[d])) return to.set(from);
  const go = (d: number, i: number, j: number): void => {
    if (d === shape.length) {
      to[j] = from[i]!;
      return;
    }
    for (let k = 0; k < shape[d]!; k++) go(d + 1, i + k * fromStrides[d]!, j + k * toStrides[d]!);
  };
  go(0, 0, 0);
}
