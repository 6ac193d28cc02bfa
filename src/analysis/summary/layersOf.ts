import { sizeOf } from "../../base/shape.ts";
import { reachable } from "../../ir/graph.ts";
import { OpError } from "../../ir/op.ts";
import { Parameter } from "../../ir/state.ts";
import { input, opOf, type Tensor } from "../../ir/tensor.ts";
import { type Mode, type Warning, withTrace } from "../../ir/trace.ts";
import { forwardFrom } from "../../nn/forwardFrom.ts";
import { Module } from "../../nn/module.ts";
import { type ReceptiveField, receptiveFields } from "../receptiveField/receptiveFields.ts";
import { classOf } from "../tracedLayers.ts";
import { countPaths, type PathCounts } from "./countPaths.ts";
import type { SummaryLayer } from "./layerRow.ts";
import { type InputKind, tensorsOf } from "./programs.ts";

/** What one path of the network did in a trace. */
interface Use {
  /** The module there; of several (a child without a name has its parent's path) the one that holds no other. */
  readonly module: Module;
  /** Its last output. */
  readonly output: Tensor;
}

interface Forward {
  /** By path, in order of execution. */
  readonly uses: ReadonlyMap<string, Use>;
  /** Paths of the modules that made a tensor. */
  readonly makers: ReadonlySet<string>;
  readonly roots: readonly Tensor[];
  /** The network's input. */
  readonly x: Tensor;
}

/** The layers of a network, traced for one input, and what was odd about it. */
export interface FoundLayers {
  readonly layers: readonly SummaryLayer[];
  /** Names of those that training alone runs. */
  readonly trainingOnly: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * The layers in order of execution: modules without modules in them that make something of their input, and others that have
 * weights of their own or do sums by themselves. Those that only training runs (auxiliary heads, dropout) have their place in it too.
 */
export function layersOf(model: Module, kind: InputKind): FoundLayers {
  const warnings: Warning[] = [];
  const evaluated = forward(model, kind, "eval", 1, warnings);
  const trained = trainingForward(model, kind);
  const counts = countPaths(evaluated.roots);
  const fields = receptiveFields(evaluated.roots, evaluated.x);
  const named = model.namedModules();
  const weights = weightsByPath(model, new Set([...named.keys(), ...evaluated.uses.keys(), ...(trained?.uses.keys() ?? [])]));

  const isRow = (path: string): boolean => {
    if ((weights.get(path) ?? 0) > 0 || (counts.get(path)?.connections ?? 0) > 0) return true;
    const module = (evaluated.uses.get(path) ?? trained?.uses.get(path))?.module;
    return module !== undefined && !holdsModules(module) && (evaluated.makers.has(path) || trained?.makers.has(path) === true);
  };
  // What training alone runs stands where it runs.
  const paths = new Set([...(trained?.uses.keys() ?? []), ...evaluated.uses.keys(), ...counts.keys(), ...named.keys(), ...weights.keys()]);
  const layers = [...paths].filter(isRow).map((name): SummaryLayer => {
    const use = evaluated.uses.get(name) ?? trained?.uses.get(name);
    const { units = 0, connections = 0, biases = 0, multiplyAdds = 0 }: Partial<PathCounts> = counts.get(name) ?? {};
    return {
      name,
      type: classOf(use?.module ?? named.get(name) ?? model),
      outputShape: use ? use.output.shape.slice(1) : null,
      weights: weights.get(name) ?? 0,
      units,
      connections,
      connectionsWithBias: connections + biases,
      multiplyAdds,
      receptiveField: fieldOf(use && fields.get(use.output)),
    };
  });
  const trainingOnly = layers.flatMap(({ name }) => (trained?.uses.has(name) && !evaluated.uses.has(name) ? [name] : []));
  return { layers, trainingOnly, warnings };
}

/** Plain data, without what else the analysis may know. */
const fieldOf = (field: ReceptiveField | undefined): ReceptiveField | null =>
  field ? { size: field.size, stride: field.stride, center: field.center } : null;

/** One forward pass. `warnings` gets what is odd. */
function forward(model: Module, { shape, dtype }: InputKind, mode: Mode, batch: number, warnings: Warning[]): Forward {
  const uses = new Map<string, Use>();
  const outputs: Tensor[] = [];
  const onModule = (path: string, module: object, output: Tensor): void => {
    const own = module as Module;
    outputs.push(output);
    const known = uses.get(path)?.module;
    uses.set(path, { module: known && !holdsModules(known) ? known : own, output });
  };
  const x = input("x", [batch, ...shape], dtype);
  const result = withTrace({ mode, updates: new Map(), onModule, warnings }, () => forwardFrom(model, x));
  const roots = [...outputs, ...Object.values(tensorsOf(result))];
  const makers = new Set(reachable(roots).flatMap((t) => (opOf(t) ? [t.path] : [])));
  return { uses, makers, roots, x };
}

/** The same as training does it, of two inputs because a batch norm wants more than one; nothing if it cannot be trained. */
function trainingForward(model: Module, kind: InputKind): Forward | undefined {
  try {
    return forward(model, kind, "train", 2, []);
  } catch (error) {
    if (error instanceof OpError) return undefined;
    throw error;
  }
}

/** How many numbers the parameters of each module have. A parameter in two places counts at the first. */
function weightsByPath(model: Module, paths: ReadonlySet<string>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, state] of model.namedStates()) {
    if (!(state instanceof Parameter)) continue;
    let path = name;
    do path = path.slice(0, Math.max(0, path.lastIndexOf(".")));
    while (path !== "" && !paths.has(path));
    found.set(path, (found.get(path) ?? 0) + sizeOf(state.shape));
  }
  return found;
}

const holdsModules = (module: Module): boolean => [...module.namedChildren()].some(([, child]) => child instanceof Module);
