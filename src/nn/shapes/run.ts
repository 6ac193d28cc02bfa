/** What any module makes of a shape: the evaluator of the types. */
import type { Show, Wrong } from "./message.ts";
import type { Apply, FitsAll, Shape, ShapeFn } from "./shape.ts";

/** What a module gives for X, a shape or a message: by its own shape function, or else by what its `forward` says. */
export type Run<M, X> = M extends { readonly "~shape": infer F extends ShapeFn }
  ? Apply<F, X>
  : M extends { forward(x: infer A): infer B }
    ? ByForward<A, B, X>
    : Shape;
type ByForward<A, B, X> = [A] extends [never]
  ? ShapeOf<B>
  : A extends { readonly shape: infer S }
    ? FitsAll<X, S> extends true
      ? ShapeOf<B>
      : Wrong<`forward takes ${Show<S>}, but its input is ${Show<X>}`>
    : ShapeOf<B>;
type ShapeOf<B> = B extends { readonly shape: infer Y } ? Y : Shape;
