/** State dicts: the values of many states by name, out and in. */
import type { NdArray } from "../base/ndarray.ts";
import { sameShape, showShape } from "../base/shape.ts";
import { OpError } from "./op.ts";
import type { State } from "./state.ts";

/** Copies of the newest values. */
export async function readStates(states: ReadonlyMap<string, State>): Promise<Map<string, NdArray>> {
  return new Map([...states].map(([name, state]) => [name, state.read()]));
}

/** Sets all states, or throws an OpError that lists every name that does not fit, and sets none. */
export function writeStates(scope: string, states: ReadonlyMap<string, State>, values: ReadonlyMap<string, NdArray>): void {
  const missing = [...states.keys()].filter((name) => !values.has(name));
  const unexpected = [...values.keys()].filter((name) => !states.has(name));
  const misshaped = [...states].flatMap(([name, state]) => {
    const value = values.get(name);
    if (!value || (value.dtype === state.dtype && sameShape(value.shape, state.shape))) return [];
    return [`${name} is ${state.dtype} ${showShape(state.shape)}, got ${value.dtype} ${showShape(value.shape)}`];
  });
  const faults = [
    ...(missing.length > 0 ? [`missing ${missing.join(", ")}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${unexpected.join(", ")}`] : []),
    ...misshaped,
  ];
  if (faults.length > 0) throw new OpError(scope, `the names or shapes do not fit: ${faults.join("; ")}. Nothing was loaded`);
  for (const [name, state] of states) state.write(values.get(name)!);
}
