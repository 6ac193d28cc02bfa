import { invariant } from "../base/assert.ts";
import type { DType } from "../base/dtype.ts";
import { NdArray } from "../base/ndarray.ts";
import { RandomStream } from "../base/random.ts";
import { type Shape, sameShape, showShape } from "../base/shape.ts";
import { Tensor } from "./tensor.ts";

/** Fills a new array: `stream` is named after the state, so every state has numbers of its own. */
export type Init = (array: NdArray, stream: RandomStream) => void;

export const zerosInit: Init = () => {};
export const onesInit: Init = (array) => void array.data.fill(1);

/** A program that holds the newest value of a state in its own memory. */
export interface StateHome {
  fetch(state: State): NdArray;
}

/**
 * An array that lives from run to run: a weight, a running mean, a momentum. The newest value is in one place at a time:
 * here, or in the memory of the program that last wrote it.
 */
export class State {
  /** Name in the state dict, set by the module tree or the optimizer that holds it. */
  name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** What `initialize` fills it with. Set it before that to begin elsewhere. */
  init: Init;
  #value: NdArray | undefined;
  #home: StateHome | undefined;
  /** Grows with every change, so that programs know when their copy is old. */
  version = 0;

  constructor(shape: Shape, init: Init = zerosInit, name = "", dtype: DType = "f32") {
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.init = init;
  }

  get initialized(): boolean {
    return this.#value !== undefined || this.#home !== undefined;
  }

  /** Gives the state the start value of `seed`: the same bits for the same seed and stream, which is the name by default. */
  initialize(seed: number, stream: string = this.name): void {
    const value = new NdArray(this.dtype, this.shape);
    this.init(value, new RandomStream(seed, stream));
    this.write(value);
  }

  /** A copy of the newest value. A state that nobody initialised is initialised with seed 0. */
  read(): NdArray {
    if (this.#home) return this.#home.fetch(this);
    if (!this.#value) this.initialize(0);
    return this.#value!.clone();
  }

  /** Replaces the value. */
  write(value: NdArray): void {
    if (value.dtype !== this.dtype || !sameShape(value.shape, this.shape)) {
      throw new RangeError(`${this.name}: holds ${this.dtype} ${showShape(this.shape)}, got ${value.dtype} ${showShape(value.shape)}`);
    }
    this.#value = value.clone();
    this.#home = undefined;
    this.version++;
  }

  /** The newest value is in `home` from now on. */
  moveTo(home: StateHome): void {
    this.#value = undefined;
    this.#home = home;
    this.version++;
  }

  /** Brings the value back from `home`, which is about to close. */
  leave(home: StateHome): void {
    if (this.#home === home) this.write(home.fetch(this));
  }

  get home(): StateHome | undefined {
    return this.#home;
  }

  /** The value as a node of the graph. */
  get tensor(): Tensor {
    this.#tensor ??= new Tensor(this.shape, this.dtype, { kind: "state", state: this });
    return this.#tensor;
  }
  #tensor: Tensor | undefined;
}

/** A state that gradients are taken by: what an optimizer updates. */
export class Parameter extends State {
  readonly trainable = true;
}

/** A state that is in no state dict: a count of random numbers drawn, say. PyTorch: a buffer that is not persistent. */
export class TransientState extends State {}

/** Fails unless every state has a name of its own. */
export function checkNames(states: Iterable<State>): void {
  const seen = new Map<string, State>();
  for (const s of states) {
    const other = seen.get(s.name);
    invariant(other === undefined || other === s, `two states are called ${s.name}`);
    seen.set(s.name, s);
  }
}
