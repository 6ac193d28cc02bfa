/** What a container of modules is given: modules, some of them with names. */
import { OpError } from "../ir/op.ts";
import type { State } from "../ir/state.ts";
import { Module } from "./module.ts";
import type { Unless } from "./shapes/message.ts";

/**
 * A module, or a module and its name in the state dict. The name "" adds no level: what is in that module is named as if it were
 * directly in the container, so that weights keep the names they have elsewhere however a network is put together.
 *
 *     new Residual(["", body], ["downsample", shortcut])  // conv1.weight, bn1.weight, ..., downsample.0.weight
 */
export type Child = Module | readonly [name: string, module: Module];

/** The module of a child. */
export type ModuleOf<A> = A extends readonly [string, infer M] ? M : A;
/** Its name, or `Unnamed` if it has none. */
export type NameOf<A, Unnamed extends string> = A extends readonly [infer N extends string, unknown] ? N : Unnamed;

/**
 * The child, or in place of its module the message that Bad (`{}` or `{ message }`) holds. An entry is asked for as an entry: where sizes
 * are generic the message is not decided yet, and a literal for which no tuple is asked would be an array.
 */
export type ChildUnless<Bad, A> = [A] extends [readonly [infer N, infer M]] ? readonly [N, Unless<Bad, M>] : Unless<Bad, A>;

/** A child with its name. */
export type NamedChild = readonly [name: string, module: Module];

/** The child with its name, which is `unnamed` if it has none. */
export const named = (child: Child, unnamed: string): NamedChild => (child instanceof Module ? [unnamed, child] : child);

/** The children with their names; those without are counted. */
export const numbered = (children: readonly Child[]): NamedChild[] => children.map((child, i) => named(child, `${i}`));

/** What a container consists of by name: its children, and in place of one that is called "" what that consists of. */
export function partsOf(children: readonly NamedChild[]): (readonly [name: string, part: Module | State])[] {
  return children.flatMap(([name, module]) => (name === "" ? [...module.namedChildren()] : [[name, module] as const]));
}

/** Fails if a name has dots, or if two parts of container `type` have the same name. */
export function checkNames(type: string, children: readonly NamedChild[]): void {
  const dotted = children.find(([name]) => name.includes("."));
  if (dotted) throw new OpError(type, `names must not have dots, got "${dotted[0]}"`);
  const seen = new Map<string, Module | State>();
  for (const [name, part] of partsOf(children)) {
    if ((seen.get(name) ?? part) !== part) throw new OpError(type, `names must differ, got "${name}" twice`);
    seen.set(name, part);
  }
}
