import type { NdArray, Tensor } from "../../src/index.ts";
import { Unsupported } from "./status.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * Hands a case's inputs and attributes to the function that rebuilds it, and remembers what was asked for: an attribute or
 * input that nobody looked at makes the case unsupported, so that none is silently ignored.
 */
export class CaseReader {
  readonly #attrs: Values;
  readonly #inputs: Readonly<Record<string, Tensor>>;
  readonly #seen = new Set<string>(["input dy"]);
  /** The case's arrays, for what is decided by values. */
  readonly arrays: Readonly<Record<string, NdArray>>;

  constructor(attrs: Values, inputs: Readonly<Record<string, Tensor>>, arrays: Readonly<Record<string, NdArray>>) {
    this.#attrs = attrs;
    this.#inputs = inputs;
    this.arrays = arrays;
  }

  /** A tensor that must be there. */
  input(name: string): Tensor {
    const t = this.optional(name);
    if (!t) throw new Error(`the case has no input ${name}`);
    return t;
  }

  optional(name: string): Tensor | undefined {
    this.#seen.add(`input ${name}`);
    return this.#inputs[name];
  }

  /** An attribute as it stands; `fallback`, PyTorch's default, if it is absent or null. */
  attr(name: string, fallback?: unknown): unknown {
    this.#seen.add(`attribute ${name}`);
    return this.#attrs[name] ?? fallback;
  }

  /** A list of whole numbers. */
  numbers(name: string, fallback?: readonly number[]): readonly number[] {
    const value = this.attr(name, fallback);
    if (Array.isArray(value) && value.every((n) => typeof n === "number")) return value;
    throw new Error(`attribute ${name} must be a list of numbers, got ${JSON.stringify(value)}`);
  }

  number(name: string, fallback?: number): number {
    const value = this.attr(name, fallback);
    if (typeof value === "number") return value;
    throw new Error(`attribute ${name} must be a number, got ${JSON.stringify(value)}`);
  }

  /** True or false; what is neither is a third way that the library does not offer. */
  flag(name: string, fallback: boolean): boolean {
    const value = this.attr(name, fallback);
    if (typeof value === "boolean") return value;
    throw new Unsupported(`${name} ${JSON.stringify(value)} is not supported yet`);
  }

  /** An attribute of which the library offers one value so far; `null` takes absence alone. */
  only(name: string, supported: string | number | boolean | null): void {
    const value = this.attr(name, supported);
    if (value !== supported) throw new Unsupported(`${name} ${JSON.stringify(value)} is not supported yet`);
  }

  /** An attribute that only describes the file. */
  described(name: string): void {
    this.attr(name);
  }

  /** Fails as unsupported if something was never asked for. */
  finish(): void {
    const given = [...Object.keys(this.#attrs).map((a) => `attribute ${a}`), ...Object.keys(this.#inputs).map((i) => `input ${i}`)];
    const missed = given.filter((g) => !this.#seen.has(g));
    if (missed.length > 0) throw new Unsupported(`${missed.join(", ")} is not supported yet`);
  }
}
