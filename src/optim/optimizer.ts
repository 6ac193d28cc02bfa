import type { NdArray } from "../base/ndarray.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "../ir/op.ts";
import { type Parameter, State } from "../ir/state.ts";
import { readStates, writeStates } from "../ir/stateDict.ts";
import type { Tensor } from "../ir/tensor.ts";
import { assign } from "../ir/trace.ts";

/** States of one optimizer, made where they are first asked for. */
interface Memory {
  readonly shared: Map<string, State>;
  readonly own: Map<Parameter, Map<string, State>>;
}

/**
 * What changes parameters by their gradients. It is part of the graph: `step` says what the new values are, and the program
 * stores them at the end of each run, as it does with the optimizer's own states (momenta, counts).
 *
 *     const { loss } = await step.run({ x, y, lr: 0.05 });   // where the traced function called optimizer.step(...)
 *
 * Counts are one for all parameters: give all of them in one `step`, or at least in one program.
 */
export abstract class Optimizer {
  /** The learning rate where no schedule says another. The graph has it as an input, never as a constant. */
  readonly lr: number;
  readonly #memory: Memory = { shared: new Map(), own: new Map() };

  constructor(type: string, lr: number) {
    this.lr = inRange(type, "lr", lr, 0);
  }

  /**
   * One step: gives each parameter, and every state of the optimizer, its value for the next run of the program being traced.
   *
   * `gradients` has one tensor for each parameter, in its shape; `lr` is a scalar. So is `momentum` (Adam's first beta), which
   * takes the place of the optimizer's own where it changes from step to step. Throws an OpError where they do not fit.
   */
  step(parameters: readonly Parameter[], gradients: readonly Tensor[], lr: Tensor, momentum?: Tensor): void {
    if (parameters.length !== gradients.length)
      throw new OpError("step", `takes one gradient for each of ${parameters.length} parameters, got ${gradients.length}`);
    for (const [what, t] of Object.entries({ lr, momentum }))
      if (t && t.shape.length !== 0) throw new OpError("step", `${what} must be a scalar, got ${showShape(t.shape)}`);
    if (momentum && !this.hasMomentum)
      throw new OpError("step", "the momentum can change only where there is one. Make the optimizer with a momentum");
    this.prepare(parameters);
    this.advance();
    parameters.forEach((p, i) => {
      const g = gradients[i]!;
      if (!sameShape(p.shape, g.shape))
        throw new OpError("step", `the gradient of ${p.name} must be ${showShape(p.shape)}, got ${showShape(g.shape)}`);
      assign(p, this.update(p, g, lr, momentum));
    });
  }

  /** Makes the states that `step` with these parameters needs, so that they can be loaded before it. */
  abstract prepare(parameters: readonly Parameter[]): void;

  /** Assigns the states that all parameters share. */
  protected advance(): void {}

  /** Whether there is a momentum, or a beta of that name. */
  protected get hasMomentum(): boolean {
    return false;
  }

  /** The new value of `p`; assigns the states of its own. `momentum` where it is not the optimizer's own. */
  protected abstract update(p: Parameter, gradient: Tensor, lr: Tensor, momentum?: Tensor): Tensor;

  /** Every state so far by name, for checkpoints: `<parameter>.momentum`, `step`. */
  namedStates(): Map<string, State> {
    const named = new Map(this.#memory.shared);
    for (const [p, states] of this.#memory.own) {
      for (const [key, state] of states) {
        state.name = `${p.name}.${key}`;
        if (named.has(state.name)) throw new OpError("optimizer", `two parameters are called ${p.name}. Use them in one network first`);
        named.set(state.name, state);
      }
    }
    return named;
  }

  /** Copies of the newest values of all states, by name. */
  stateDict(): Promise<Map<string, NdArray>> {
    return readStates(this.namedStates());
  }

  /** Sets every state. Call `prepare` or `step` first. Throws an OpError that lists what does not fit, and then changes nothing. */
  loadStateDict(values: ReadonlyMap<string, NdArray>): void {
    writeStates("loadStateDict", this.namedStates(), values);
  }

  /** The state `key` of parameter `p`, in its shape, `start` everywhere at first. */
  protected own(p: Parameter, key: string, start = 0): State {
    const states = this.#memory.own.get(p) ?? new Map<string, State>();
    this.#memory.own.set(p, states);
    return found(states, key, p.shape, `${p.name}.${key}`, start);
  }

  /** The scalar state `key` of all parameters, zero at first. */
  protected shared(key: string): State {
    return found(this.#memory.shared, key, [], key, 0);
  }
}

function found(states: Map<string, State>, key: string, shape: readonly number[], name: string, start: number): State {
  const state = states.get(key) ?? new State(shape, (array) => void array.data.fill(start), name);
  states.set(key, state);
  return state;
}

/** `value`, if it is in [low, high), as PyTorch checks it. */
export function inRange(type: string, what: string, value: number, low: number, high: number = Number.POSITIVE_INFINITY): number {
  if (value >= low && value < high) return value;
  throw new OpError(
    type,
    `${what} must be ${high === Number.POSITIVE_INFINITY ? `at least ${low}` : `in [${low}, ${high})`}, got ${value}`,
  );
}

/** The new value of `state`, which is assigned to it. */
export function renewed(state: State, rule: (old: Tensor) => Tensor): Tensor {
  const value = rule(state.tensor);
  assign(state, value);
  return value;
}
