import type { NdArray } from "../base/ndarray.ts";
import { Parameter, State, TransientState } from "../ir/state.ts";
import { readStates, writeStates } from "../ir/stateDict.ts";
import { Tensor } from "../ir/tensor.ts";
import { currentPath, reportModule, withPath } from "../ir/trace.ts";
import { joinPath } from "./shapes/message.ts";

/** What a module consists of: its path from the module that was asked, and itself. */
type Placed<T> = readonly [path: string, part: T];

/**
 * Anything with a forward, and the weights it needs. PyTorch's nn.Module.
 *
 * Extend it for a network of your own: make layers and `Parameter`s in properties (alone or in arrays; `#private` ones are
 * not seen) and use them in `forward`. Their paths are PyTorch's: the property names in snake_case, joined by dots.
 *
 *     class Net extends Module {
 *       readonly conv1 = new Conv2d(1, 6, 5);
 *       override forward(x: Tensor<[number, 1, number, number]>) {
 *         return relu(this.conv1.forward(x));
 *       }
 *     }
 *
 * Whether layers train or evaluate is no property of the module: it is the mode of the `compile` that traces it.
 */
export abstract class Module<out F = unknown> {
  /** What the module does to shapes. A type only: there is no such property, and the tilde keeps it last in completions. */
  declare readonly "~shape": F;

  constructor() {
    // An own forward around the class's: it knows the path of the module, also where a user's class calls a layer directly.
    const forward = this.forward;
    Object.defineProperty(this, "forward", {
      value: (...inputs: never[]) => enter(this, () => forward.apply(this, inputs)),
      configurable: true,
      writable: true,
      enumerable: false,
    });
  }

  /** The module's output: symbolic tensors in, symbolic tensors out. Numbers come in when the program runs. */
  abstract forward(...inputs: never[]): unknown;

  /** Modules and states directly in this one, by name. Override it where properties do not say the names. */
  namedChildren(): Iterable<readonly [name: string, child: Module | State]> {
    return Object.entries(this).flatMap(([name, value]) => childrenIn(snakeCase(name), value));
  }

  /** This module (as "") and every one below it with its path, parents first. A module in two places comes once, at the first. */
  namedModules(): Map<string, Module> {
    return once(partsOf(this, "").filter((p): p is Placed<Module> => p[1] instanceof Module));
  }

  /** Every state with its name in the state dict: `features.0.weight`. A state in two places comes once, under its first name. */
  namedStates(): Map<string, State> {
    return once(everyState(this));
  }

  /** Every weight that gradients are taken by, in the order of `namedStates`. */
  parameters(): Parameter[] {
    return [...this.namedStates().values()].filter((s): s is Parameter => s instanceof Parameter);
  }

  /**
   * Gives states their start values: all that have none yet, or all if `force` is set. Equal seeds give equal bits, on every
   * machine, whatever else was done with the network.
   */
  initialize(seed: number, options: { readonly force?: boolean } = {}): this {
    for (const [name, state] of this.namedStates()) if (options.force || !state.initialized) state.initialize(seed, name);
    return this;
  }

  /** Copies of the newest values of all states, by name, as PyTorch names them. A state in two places has both names. */
  stateDict(): Promise<Map<string, NdArray>> {
    return readStates(persistentStates(this));
  }

  /**
   * Sets every state. Throws an OpError that lists all names that are missing, unexpected or of another shape, and then
   * changes nothing.
   */
  loadStateDict(values: ReadonlyMap<string, NdArray>): void {
    writeStates("loadStateDict", persistentStates(this), values);
  }
}

/** runningMean -> running_mean. Names that begin with a capital are PyTorch's own (AuxLogits) and stay. */
const snakeCase = (name: string): string => (/^[A-Z]/.test(name) ? name : name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase());

function childrenIn(name: string, value: unknown): (readonly [string, Module | State])[] {
  if (value instanceof Module || value instanceof State) return [[name, value]];
  return Array.isArray(value) ? value.flatMap((v: unknown, i) => childrenIn(`${name}.${i}`, v)) : [];
}

/** `module` and all below it, parents first, each as often as there are ways to it. `above` guards against cycles. */
function partsOf(module: Module, path: string, above: readonly Module[] = []): Placed<Module | State>[] {
  const parts: Placed<Module | State>[] = [[path, module]];
  for (const [name, child] of module.namedChildren()) {
    const at = joinPath(path, name);
    if (child instanceof State) parts.push([at, child]);
    else if (child !== module && !above.includes(child)) parts.push(...partsOf(child, at, [...above, module]));
  }
  return parts;
}

const statesOf = (module: Module, path: string): Placed<State>[] =>
  partsOf(module, path).filter((p): p is Placed<State> => p[1] instanceof State);

/** Every state below `module` under each of its names, which the states then bear. */
function everyState(module: Module): readonly Placed<State>[] {
  const all = statesOf(module, "");
  adopt(all);
  return all;
}

/** What the state dict holds. */
const persistentStates = (module: Module): Map<string, State> =>
  new Map(everyState(module).filter(([, state]) => !(state instanceof TransientState)));

function once<T>(placed: Iterable<Placed<T>>): Map<string, T> {
  const seen = new Set<T>();
  return new Map([...placed].filter(([, part]) => !seen.has(part) && seen.add(part)));
}

/**
 * Names states after their places. A longer name that ends with the new one stays: the state has been seen from a larger
 * network, and using a part of that by itself must not rename it.
 */
function adopt(states: readonly Placed<State>[]): void {
  const seen = new Set<State>();
  for (const [name, state] of states) {
    if (!seen.has(state) && state.name !== name && !state.name.endsWith(`.${name}`)) state.name = name;
    seen.add(state);
  }
}

/** Paths of the modules of the network whose forward is running. */
let paths: Map<Module, string> | undefined;

/**
 * Runs the forward of `module` at its path. The outermost forward is the root: it gives all below it their paths and names.
 * A module from outside of that tree (made on the fly, or held in a closure) is placed where it is used.
 */
function enter<T>(module: Module, forward: () => T): T {
  const outermost = paths === undefined;
  paths ??= new Map();
  try {
    if (!paths.has(module)) {
      for (const [path, part] of partsOf(module, currentPath())) if (part instanceof Module && !paths.has(part)) paths.set(part, path);
      adopt(statesOf(module, currentPath()));
    }
    return withPath(paths.get(module)!, () => {
      const output = forward();
      if (output instanceof Tensor) reportModule(module, output);
      return output;
    });
  } finally {
    if (outermost) paths = undefined;
  }
}
