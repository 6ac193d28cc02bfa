import type { Tensor } from "../../ir/tensor.ts";
import { fold, type UnfoldOptions, unfold } from "../../ops/unfold.ts";
import { perAxis, perSide } from "../../ops/window.ts";
import { Layer } from "../layer.ts";
import type { Div, Mod } from "../shapes/arith.ts";
import { type Image, splitImage } from "../shapes/image.ts";
import { Misfit, type Name, name, type Show, show, type Times, type Wrong } from "../shapes/message.ts";
import { type Concatenated, type PartialShape, type Product, product, type ShapeFn } from "../shapes/shape.ts";
import { type WindowSizes, type Windows, windowed } from "../shapes/window.ts";
import type { Padding2, Size2 } from "./conv.ts";

type Both<K> = [K] extends [number] ? [K, K] : K;

/** Windows of an image as columns. */
export interface UnfoldFn<K, S, P, D> extends ShapeFn {
  readonly out: Columns<Image<this["in"], "Unfold", 2, number>, K, S, P, D>;
}
type Columns<T, K, S, P, D> = T extends [infer N, infer C, infer Space]
  ? Windows<Space, K, S, P, D> extends infer Y
    ? Y extends string
      ? Wrong<`Unfold: ${Y} (${Times<Concatenated<[C], Space>>})`>
      : [N, Product<Concatenated<[C], Both<K>>>, Product<Y>]
    : never
  : T;

/** Columns as an image of size Z. */
export interface FoldFn<Z, K, S, P, D> extends ShapeFn {
  readonly out: Folded<this["in"], Z, Product<Both<K>>, Product<Windows<Both<Z>, K, S, P, D>>>;
}
type Folded<X, Z, Taps, L> = X extends readonly [infer N, infer C, infer W]
  ? [number] extends [C | Taps | W | L]
    ? [N, number, ...Pair<Z>]
    : [C, Taps] extends [infer C extends number, infer Taps extends number]
      ? [W, Mod<C, Taps>] extends [L, 0]
        ? [N, Div<C, Taps>, ...Pair<Z>]
        : Wrong<`Fold takes channels * ${Name<Taps>} x ${Name<L>}, but its input is ${Show<X>}`>
      : never
  : X extends readonly [unknown, ...unknown[]] | readonly []
    ? Wrong<`Fold takes channels * ${Name<Taps>} x ${Name<L>}, but its input is ${Show<X>}`>
    : [number, number, ...Pair<Z>];
type Pair<Z> = Both<Z> extends infer B extends readonly unknown[] ? B : never;

interface ColumnOptions<S, P, D> {
  /** How far the window moves. Default 1. */
  readonly stride?: S;
  /** Zeros on both sides, or [before, after] for each axis. Default 0. */
  readonly padding?: P;
  /** Distance between the elements that one window reads. Default 1. */
  readonly dilation?: D;
}

const windowOf = (type: string, kernelSize: Size2, options: ColumnOptions<unknown, unknown, unknown>): WindowSizes => {
  const { stride = 1, padding = 0, dilation = 1 } = options as UnfoldOptions;
  return {
    kernel: perAxis(type, "kernelSize", kernelSize, 2),
    stride: perAxis(type, "stride", stride, 2),
    padding: perSide(type, padding, 2),
    dilation: perAxis(type, "dilation", dilation, 2),
  };
};

/** [n, c, h, w] to [n, c taps, windows]: each window a column. PyTorch's Unfold. */
export class Unfold<
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Padding2 = 0,
  const D extends Size2 = 1,
> extends Layer<UnfoldFn<K, S, P, D>> {
  readonly type = "Unfold";
  readonly window: WindowSizes;

  constructor(kernelSize: K, options: ColumnOptions<S, P, D> = {}) {
    super();
    this.window = windowOf("Unfold", kernelSize, options);
  }

  override outputShape(x: PartialShape): PartialShape {
    const image = splitImage(x, this.type, 2);
    const [batch, channels, ...space] = windowed(image, this.type, image.channels, this.window)!;
    return [batch, product([channels, ...this.window.kernel]), product(space)];
  }

  protected override apply(x: Tensor): Tensor {
    return unfold(x, this.window.kernel, this.window);
  }
}

/** [n, c taps, windows] to [n, c, ...outputSize]: columns laid back where Unfold takes them from, and added up. PyTorch's Fold. */
export class Fold<
  const Z extends Size2,
  const K extends Size2,
  const S extends Size2 = 1,
  const P extends Padding2 = 0,
  const D extends Size2 = 1,
> extends Layer<FoldFn<Z, K, S, P, D>> {
  readonly type = "Fold";
  readonly outputSize: readonly number[];
  readonly window: WindowSizes;

  constructor(outputSize: Z, kernelSize: K, options: ColumnOptions<S, P, D> = {}) {
    super();
    this.outputSize = perAxis("Fold", "outputSize", outputSize, 2);
    this.window = windowOf("Fold", kernelSize, options);
  }

  override outputShape(x: PartialShape): PartialShape {
    const image = { batch: undefined, channels: undefined, space: this.outputSize };
    const windows = product(windowed(image, this.type, undefined, this.window)!.slice(2));
    const taps = product(this.window.kernel)!;
    if (x === undefined) return [undefined, undefined, ...this.outputSize];
    const [n, rows, columns] = x;
    const fitting = x.length === 3 && (rows === undefined || rows % taps === 0) && (columns === undefined || columns === windows);
    if (!fitting) throw new Misfit(`Fold takes channels * ${name(taps)} x ${name(windows)}, but its input is ${show(x)}`);
    return [n, rows === undefined ? undefined : rows / taps, ...this.outputSize];
  }

  protected override apply(x: Tensor): Tensor {
    return fold(x, this.outputSize, this.window.kernel, this.window);
  }
}
