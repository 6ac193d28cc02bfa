import { OpError } from "../ir/op.ts";
import type { Tensor } from "../ir/tensor.ts";
import { Layer } from "../nn/layer.ts";
import { type Image, type ImageOf, splitImage } from "../nn/shapes/image.ts";
import type { PartialShape, ShapeFn } from "../nn/shapes/shape.ts";
import { pad } from "../ops/pad.ts";

/** O channels in place of I. */
interface ZeroChannelsFn<I, O> extends ShapeFn {
  readonly out: Grown<Image<this["in"], "ZeroChannels", 2, I>, O>;
}
type Grown<T, O> = T extends [infer N, unknown, infer Space] ? ImageOf<N, O, Space> : T;

/** [n, inChannels, height, width] with zeros as further channels, up to outChannels. */
export class ZeroChannels<const I extends number, const O extends number> extends Layer<ZeroChannelsFn<I, O>> {
  readonly type = "ZeroChannels";
  readonly inChannels: I;
  readonly outChannels: O;

  constructor(inChannels: I, outChannels: O) {
    super();
    if (!(outChannels >= inChannels)) throw new OpError(this.type, `outChannels must be at least ${inChannels}, got ${outChannels}`);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
  }

  override outputShape(x: PartialShape): PartialShape {
    const { batch, space } = splitImage(x, this.type, 2, this.inChannels);
    return [batch, this.outChannels, ...space];
  }

  protected override apply(x: Tensor): Tensor {
    return pad(x, [[0, this.outChannels - this.inChannels], 0, 0]);
  }
}
