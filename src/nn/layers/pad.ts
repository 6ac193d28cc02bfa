import { OpError } from "../../ir/op.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type ExtendMode, pad } from "../../ops/pad.ts";
import { type Padding, perSide } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import type { Add } from "../shapes/arith.ts";
import { type Image, type ImageOf, type Rank, splitImage } from "../shapes/image.ts";
import { Misfit, times } from "../shapes/message.ts";
import type { PartialShape, ShapeFn, Size } from "../shapes/shape.ts";
import type { Axis, Sides } from "../shapes/window.ts";
import type { Padding1, Padding2, Padding3 } from "./conv.ts";

/** A margin around each image. */
export interface PadFn<Op extends string, R extends Rank, P> extends ShapeFn {
  readonly out: PaddedImage<Image<this["in"], Op, R, number>, P>;
}
type PaddedImage<T, P> = T extends [infer N, infer C, infer Space] ? ImageOf<N, C, PaddedSpace<Space, P>> : T;
type PaddedSpace<Space, P, R extends readonly unknown[] = []> = Space extends readonly [infer H, ...infer T]
  ? PaddedSpace<T, P, [...R, Sum<H, Sides<Axis<P, R["length"]>>>]>
  : R;
type Sum<A, B> = [number] extends [A | B] ? number : [A, B] extends [infer A extends number, infer B extends number] ? Add<A, B> : number;

/**
 * What padding layers share. `padding` is a width for all sides, or for each axis a width or [before, after].
 *
 * PyTorch: its flat tuple (left, right, top, bottom) names the last axis first; here it is [[top, bottom], [left, right]].
 */
abstract class Pad<Op extends string, R extends Rank, P> extends Layer<PadFn<Op, R, P>> {
  readonly type: Op;
  /** [before, after] along each spatial axis. */
  readonly padding: readonly (readonly [number, number])[];
  readonly mode: "constant" | ExtendMode;
  readonly value: number;

  constructor(type: Op, rank: R, padding: Padding, mode: "constant" | ExtendMode, value = 0) {
    super();
    this.type = type;
    this.padding = perSide(type, padding, rank);
    this.mode = mode;
    this.value = value;
    if (mode !== "constant" && this.padding.flat().some((p) => p < 0)) {
      throw new OpError(type, `padding must not be negative, got ${JSON.stringify(padding)}. ConstantPad crops`);
    }
  }

  override outputShape(x: PartialShape): PartialShape {
    const image = splitImage(x, this.type, this.padding.length as Rank);
    const sizes = times([image.channels, ...image.space]);
    const space = image.space.map((n, d): Size => {
      const [before, after] = this.padding[d]!;
      if (n === undefined) return undefined;
      const reach = this.mode === "reflect" ? n - 1 : this.mode === "constant" || this.mode === "replicate" ? Infinity : n;
      if (Math.max(before, after) > reach) {
        throw new Misfit(`${this.type}: padding ${Math.max(before, after)} reaches beyond the input (${sizes})`);
      }
      if (n + before + after < 1) throw new Misfit(`${this.type}: padding leaves nothing of the input (${sizes})`);
      return n + before + after;
    });
    return [image.batch, image.channels, ...space];
  }

  protected override apply(x: Tensor): Tensor {
    return pad(x, this.padding, { mode: this.mode, value: this.value });
  }
}

/** A margin of one value around [n, channels, length]; negative widths crop. PyTorch's ConstantPad1d. */
export class ConstantPad1d<const P extends Padding1> extends Pad<"ConstantPad1d", 1, P> {
  constructor(padding: P, value: number) {
    super("ConstantPad1d", 1, padding, "constant", value);
  }
}
/** A margin of one value around [n, channels, height, width]; negative widths crop. PyTorch's ConstantPad2d. */
export class ConstantPad2d<const P extends Padding2> extends Pad<"ConstantPad2d", 2, P> {
  constructor(padding: P, value: number) {
    super("ConstantPad2d", 2, padding, "constant", value);
  }
}
/** A margin of one value around [n, channels, depth, height, width]; negative widths crop. PyTorch's ConstantPad3d. */
export class ConstantPad3d<const P extends Padding3> extends Pad<"ConstantPad3d", 3, P> {
  constructor(padding: P, value: number) {
    super("ConstantPad3d", 3, padding, "constant", value);
  }
}

/** A margin of zeros around [n, channels, length]. PyTorch's ZeroPad1d. */
export class ZeroPad1d<const P extends Padding1> extends Pad<"ZeroPad1d", 1, P> {
  constructor(padding: P) {
    super("ZeroPad1d", 1, padding, "constant");
  }
}
/** A margin of zeros around [n, channels, height, width]. PyTorch's ZeroPad2d. */
export class ZeroPad2d<const P extends Padding2> extends Pad<"ZeroPad2d", 2, P> {
  constructor(padding: P) {
    super("ZeroPad2d", 2, padding, "constant");
  }
}
/** A margin of zeros around [n, channels, depth, height, width]. PyTorch's ZeroPad3d. */
export class ZeroPad3d<const P extends Padding3> extends Pad<"ZeroPad3d", 3, P> {
  constructor(padding: P) {
    super("ZeroPad3d", 3, padding, "constant");
  }
}

/** [n, channels, length] mirrored at its edges, which are not repeated. PyTorch's ReflectionPad1d. */
export class ReflectionPad1d<const P extends Padding1> extends Pad<"ReflectionPad1d", 1, P> {
  constructor(padding: P) {
    super("ReflectionPad1d", 1, padding, "reflect");
  }
}
/** [n, channels, height, width] mirrored at its edges, which are not repeated. PyTorch's ReflectionPad2d. */
export class ReflectionPad2d<const P extends Padding2> extends Pad<"ReflectionPad2d", 2, P> {
  constructor(padding: P) {
    super("ReflectionPad2d", 2, padding, "reflect");
  }
}
/** [n, channels, depth, height, width] mirrored at its edges, which are not repeated. PyTorch's ReflectionPad3d. */
export class ReflectionPad3d<const P extends Padding3> extends Pad<"ReflectionPad3d", 3, P> {
  constructor(padding: P) {
    super("ReflectionPad3d", 3, padding, "reflect");
  }
}

/** [n, channels, length] with its edges repeated. PyTorch's ReplicationPad1d. */
export class ReplicationPad1d<const P extends Padding1> extends Pad<"ReplicationPad1d", 1, P> {
  constructor(padding: P) {
    super("ReplicationPad1d", 1, padding, "replicate");
  }
}
/** [n, channels, height, width] with its edges repeated. PyTorch's ReplicationPad2d. */
export class ReplicationPad2d<const P extends Padding2> extends Pad<"ReplicationPad2d", 2, P> {
  constructor(padding: P) {
    super("ReplicationPad2d", 2, padding, "replicate");
  }
}
/** [n, channels, depth, height, width] with its edges repeated. PyTorch's ReplicationPad3d. */
export class ReplicationPad3d<const P extends Padding3> extends Pad<"ReplicationPad3d", 3, P> {
  constructor(padding: P) {
    super("ReplicationPad3d", 3, padding, "replicate");
  }
}

/** [n, channels, length] closed to a ring. PyTorch's CircularPad1d. */
export class CircularPad1d<const P extends Padding1> extends Pad<"CircularPad1d", 1, P> {
  constructor(padding: P) {
    super("CircularPad1d", 1, padding, "circular");
  }
}
/** [n, channels, height, width] closed to a torus. PyTorch's CircularPad2d. */
export class CircularPad2d<const P extends Padding2> extends Pad<"CircularPad2d", 2, P> {
  constructor(padding: P) {
    super("CircularPad2d", 2, padding, "circular");
  }
}
/** [n, channels, depth, height, width] closed along every axis. PyTorch's CircularPad3d. */
export class CircularPad3d<const P extends Padding3> extends Pad<"CircularPad3d", 3, P> {
  constructor(padding: P) {
    super("CircularPad3d", 3, padding, "circular");
  }
}
