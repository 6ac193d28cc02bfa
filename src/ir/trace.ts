/** What is going on while a network is traced: in which module we are, whether we train, and which states get new values. */
import type { State } from "./state.ts";
import type { Tensor } from "./tensor.ts";

export type Mode = "train" | "eval";

/** Something that works and is probably not meant: pixels that no window reads, say. */
export interface Warning {
  /** Path of the module, "" outside of any. */
  readonly path: string;
  /** `<path>: <op>: <what is odd>. <what to do>`. */
  readonly message: string;
}

/** One tracing of a function. */
export interface Trace {
  readonly mode: Mode;
  /** States that get a new value at the end of the run. */
  readonly updates: Map<State, Tensor>;
  /** Called when a module has given its output. */
  readonly onModule?: (path: string, module: object, output: Tensor) => void;
  /** Collects warnings, each once. */
  readonly warnings?: Warning[];
}

let current: Trace | undefined;
let path = "";

/** The module path of what is being traced: "layer1.0.conv1". */
export const currentPath = (): string => path;

/** Mode of the current trace; "eval" where nothing is traced. */
export const currentMode = (): Mode => current?.mode ?? "eval";

/** Runs `fn` as part of `trace`. */
export function withTrace<T>(trace: Trace, fn: () => T): T {
  const outer = current;
  current = trace;
  try {
    return fn();
  } finally {
    current = outer;
  }
}

/** Runs `fn` as the module at `modulePath`, so that errors and tensors say where they come from. */
export function withPath<T>(modulePath: string, fn: () => T): T {
  const outer = path;
  path = modulePath;
  try {
    return fn();
  } finally {
    path = outer;
  }
}

let backward = false;

/** Whether gradients are being traced: what is made now belongs to the backward pass. */
export const inBackward = (): boolean => backward;

/** Runs `fn` as part of the backward pass, or of the forward one. */
export function withBackward<T>(isBackward: boolean, fn: () => T): T {
  const outer = backward;
  backward = isBackward;
  try {
    return fn();
  } finally {
    backward = outer;
  }
}

/** Says that a module gave `output`. */
export function reportModule(module: object, output: Tensor): void {
  current?.onModule?.(path, module, output);
}

/** What an auxiliary head gave, and how much its loss counts. */
export interface AuxiliaryOutput {
  /** Path of the head. */
  readonly path: string;
  readonly output: Tensor;
  readonly weight: number;
}

let auxiliaries: AuxiliaryOutput[] | undefined;

/** Runs `fn`; gives its result, and what the auxiliary heads in it gave, which only are there in train mode. */
export function withAuxiliaries<T>(fn: () => T): { readonly result: T; readonly auxiliaries: readonly AuxiliaryOutput[] } {
  const outer = auxiliaries;
  const own: AuxiliaryOutput[] = [];
  auxiliaries = own;
  try {
    return { result: fn(), auxiliaries: own };
  } finally {
    auxiliaries = outer;
  }
}

/** Says that the auxiliary head at `headPath` gave `output`, and that its loss counts `weight` times. */
export function reportAuxiliary(headPath: string, output: Tensor, weight: number): void {
  auxiliaries?.push({ path: headPath, output, weight });
}

/**
 * Warns of something odd in the forward pass of the network being traced: once, however often a module is used. Outside a trace it does
 * nothing.
 */
export function warn(op: string, what: string): void {
  const message = `${path === "" ? "" : `${path}: `}${op}: ${what}`;
  if (backward || !current?.warnings || current.warnings.some((w) => w.message === message)) return;
  current.warnings.push({ path, message });
}

/** Lets `state` take the value of `tensor` at the end of each run of the program being traced. Outside a trace it does nothing. */
export function assign(state: State, tensor: Tensor): void {
  current?.updates.set(state, tensor);
}

/** What `state` is by now: the value assigned last in the trace, so that a module used twice goes on where it was; else its own. */
export const latest = (state: State): Tensor => current?.updates.get(state) ?? state.tensor;
