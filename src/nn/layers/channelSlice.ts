import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { slice } from "../../ops/slice.ts";
import { Layer } from "../layer.ts";
import type { Sub } from "../shapes/arith.ts";
import { type Count, count, Misfit, type Name, name, type Show, show, type Wrong } from "../shapes/message.ts";
import type { Concatenated, PartialShape, ShapeFn } from "../shapes/shape.ts";
import { wholeNumber } from "./conv.ts";

/** Channels A to B, B not included. */
export interface ChannelSliceFn<A, B> extends ShapeFn {
  readonly out: Sliced<this["in"], A, B>;
}
type Sliced<X, A, B> = X extends readonly [infer N, infer C, ...infer Space]
  ? [Difference<C, B>] extends [-1]
    ? Wrong<`ChannelSlice takes at least ${Count<B, "channel">}, but its input has ${Name<C>} (${Show<X>})`>
    : Concatenated<[N, Difference<B, A>], Space>
  : X extends readonly [] | readonly [unknown]
    ? Wrong<`ChannelSlice takes channels, but its input is ${Show<X>}`>
    : readonly number[];
/** A - B, -1 where it would be negative. */
type Difference<A, B> = [number] extends [A | B]
  ? number
  : [A, B] extends [infer A extends number, infer B extends number]
    ? Sub<A, B>
    : number;

/**
 * The channels from `start` up to but not including `stop`: [n, stop - start, ...space]. With Concat, a network whose parts see
 * different channels. PyTorch: x[:, start:stop].
 */
export class ChannelSlice<const A extends number, const B extends number> extends Layer<ChannelSliceFn<A, B>> {
  readonly type = "ChannelSlice";
  readonly start: A;
  readonly stop: B;

  constructor(start: A, stop: B) {
    super();
    if (!Number.isInteger(start) || start < 0) throw new OpError("ChannelSlice", `start must be a whole number, got ${start}`);
    wholeNumber("ChannelSlice", "stop", stop);
    if (start >= stop) throw new OpError("ChannelSlice", `start must be below stop, got ${start} and ${stop}`);
    this.start = start;
    this.stop = stop;
  }

  override outputShape(x: PartialShape): PartialShape {
    if (x === undefined) return x;
    if (x.length < 2) throw new Misfit(`ChannelSlice takes channels, but its input is ${show(x)}`);
    const [batch, channels, ...space] = x;
    if (channels !== undefined && channels < this.stop) {
      throw new Misfit(`ChannelSlice takes at least ${count(this.stop, "channel")}, but its input has ${name(channels)} (${show(x)})`);
    }
    return [batch, this.stop - this.start, ...space];
  }

  protected override apply(x: Tensor): Tensor {
    return slice(x, [undefined, [this.start, this.stop]]);
  }
}
