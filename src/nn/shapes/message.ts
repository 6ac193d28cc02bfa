/** The sentences a wrong network is met with: as types, which the editor shows, and as strings, which errors carry. */
import type { PartialShape, Shape, Size } from "./shape.ts";

/** "400 features", "1 channel", "? channels". */
export type Count<N, Noun extends string> = `${Name<N>} ${Noun}${N extends 1 ? "" : "s"}`;
export const count = (n: Size, noun: string): string => `${name(n)} ${noun}${n === 1 ? "" : "s"}`;

/** A size, "?" where it is not known. */
export type Name<N> = [number] extends [N] ? "?" : N extends number ? `${N}` : "?";
export const name = (n: Size): string => (n === undefined ? "?" : `${n}`);

/** [n, 16, 6, 6] -> "16 x 6 x 6": the batch is not the reader's concern. */
export type Show<X> = X extends readonly [unknown, ...infer S] ? Times<S> : "of unknown shape";
export const show = (x: PartialShape): string => (x === undefined || x.length === 0 ? "of unknown shape" : times(x.slice(1)));

/** [16, 6, 6] -> "16 x 6 x 6". */
export type Times<S, R extends string = ""> = S extends readonly [infer A, ...infer T]
  ? Times<T, R extends "" ? Name<A> : `${R} x ${Name<A>}`>
  : R extends ""
    ? "a single number"
    : R;
export const times = (sizes: readonly Size[]): string => (sizes.length === 0 ? "a single number" : sizes.map(name).join(" x "));

/** A leaf's message starts with ": ", so that a container can put its path in front: "7" + ": Linear takes ...". */
export type Wrong<M extends string> = `: ${M}`;
/** The message of a child, under its key; "" adds nothing. */
export type Under<Key extends string, E> = Key extends "" ? E & string : E extends `: ${string}` ? `${Key}${E}` : `${Key}.${E & string}`;
/** The message as the user reads it. */
export type Message<E> = E extends `: ${infer M}` ? M : E;

/** Ok, unless Bad (`{}` or `{ message }`) holds a message. A type parameter may stand for a size: it is judged only where every value is wrong. */
export type Unless<Bad, Ok> = "message" extends keyof Bad ? Bad["message"] : Ok;
/** Bad if Y is not a shape but a message. */
export type BadShape<Y> = [Y] extends [Shape] ? {} : { message: Message<Y> };

/** Says that a layer cannot take its input; `path` leads to the layer from where the error is caught. Users see it as an OpError. */
export class Misfit extends Error {
  readonly path: string;
  readonly sentence: string;

  constructor(sentence: string, path = "") {
    super(path === "" ? sentence : `${path}: ${sentence}`);
    this.path = path;
    this.sentence = sentence;
  }

  /** The same, seen from the container that calls the layer `key`. */
  under(key: string): Misfit {
    return new Misfit(this.sentence, joinPath(key, this.path));
  }

  /** The same, with where a flattened size came from. */
  from(origin: string): Misfit {
    return new Misfit(this.sentence + origin, this.path);
  }
}

/** "layer1" and "0.conv1" -> "layer1.0.conv1"; either may be empty. */
export const joinPath = (a: string, b: string): string => (a === "" || b === "" ? a + b : `${a}.${b}`);
