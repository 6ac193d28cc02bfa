import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type InterpolateOptions, interpolate } from "../../ops/interpolate.ts";
import { resizedSpace } from "../../ops/resizedSpace.ts";
import { Layer } from "../layer.ts";
import type { Mul } from "../shapes/arith.ts";
import { Misfit, type Show, show, type Wrong } from "../shapes/message.ts";
import type { PartialShape, ShapeFn } from "../shapes/shape.ts";
import type { Axis } from "../shapes/window.ts";

/** Images of size Z, or F times as large; one of the two is undefined. */
export interface UpsampleFn<Z, F> extends ShapeFn {
  readonly out: Upsampled<this["in"], Z, F>;
}
type Upsampled<X, Z, F> = X extends readonly [infer N, infer C, ...infer Space]
  ? Space extends readonly [unknown, ...unknown[]]
    ? [N, C, ...Enlarged<Space, Z, F>]
    : Wrong<`Upsample takes channels and space, but its input is ${Show<X>}`>
  : X extends readonly [unknown] | readonly []
    ? Wrong<`Upsample takes channels and space, but its input is ${Show<X>}`>
    : X;
type Enlarged<Space, Z, F, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? Enlarged<T, Z, F, [...R, [Z] extends [undefined] ? Times<H, Axis<F, R["length"]>> : Axis<Z, R["length"]>]>
  : R;
/** N F, where F is a whole number that is known. */
type Times<N, F> = [number] extends [N | F]
  ? number
  : [N, F] extends [infer N extends number, infer F extends number]
    ? `${F}` extends `${string}.${string}` | `${string}e${string}`
      ? number
      : Mul<N, F>
    : number;

interface UpsampleOptions<Z, F> extends Omit<InterpolateOptions, "size" | "scaleFactor"> {
  /** Extents of the result: one for every axis of space, or one for each. Either this or `scaleFactor`. */
  readonly size?: Z;
  /** How many times larger the result is, rounded down. */
  readonly scaleFactor?: F;
}

/** Images in another size, by any mode of `interpolate`. PyTorch's Upsample. */
export class Upsample<
  const Z extends number | readonly number[] | undefined = undefined,
  const F extends number | readonly number[] | undefined = undefined,
> extends Layer<UpsampleFn<Z, F>> {
  readonly type = "Upsample";
  readonly options: InterpolateOptions;

  constructor(options: UpsampleOptions<Z, F>) {
    super();
    this.options = options as InterpolateOptions;
    if ((options.size === undefined) === (options.scaleFactor === undefined)) {
      throw new OpError("Upsample", "needs a size or a scaleFactor, and not both");
    }
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined) return undefined;
    if (x.length < 3) throw new Misfit(`Upsample takes channels and space, but its input is ${show(x)}`);
    return [x[0], x[1], ...resizedSpace(this.type, x.slice(2), this.options)];
  }

  protected override apply(x: Tensor): Tensor {
    return interpolate(x, this.options);
  }
}
