import { OpError } from "../../ir/op.ts";
import { type Init, Parameter } from "../../ir/state.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { embedding } from "../../ops/embedding.ts";
import { normalInit } from "../init.ts";
import { Layer } from "../layer.ts";
import type { Concatenated, PartialShape, ShapeFn } from "../shapes/shape.ts";
import { wholeNumber } from "./conv.ts";

/** One more axis, of D. */
export interface EmbeddingFn<D> extends ShapeFn {
  readonly out: this["in"] extends readonly [infer N, ...infer T] ? Concatenated<[N, ...T], [D]> : readonly number[];
}

/** A row of numbers for each index (i32) of [n, ...]: [n, ..., embeddingDim]. PyTorch's Embedding. See `embedding` for its cost. */
export class Embedding<const D extends number> extends Layer<EmbeddingFn<D>> {
  readonly type = "Embedding";
  readonly numEmbeddings: number;
  readonly embeddingDim: D;
  /** The row that stays as it is, zeros at first; undefined for none. */
  readonly paddingIdx: number | undefined;
  /** [numEmbeddings, embeddingDim]. */
  readonly weight: Parameter;

  /** `paddingIdx`, negative counts from the end, is the index of padding: zeros that are not trained. */
  constructor(numEmbeddings: number, embeddingDim: D, options: { readonly paddingIdx?: number } = {}) {
    super();
    this.numEmbeddings = wholeNumber("Embedding", "numEmbeddings", numEmbeddings);
    this.embeddingDim = wholeNumber("Embedding", "embeddingDim", embeddingDim);
    const { paddingIdx } = options;
    const padding = paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < numEmbeddings)) {
      throw new OpError("Embedding", `paddingIdx must be one of ${numEmbeddings} rows, got ${paddingIdx}`);
    }
    this.paddingIdx = padding;
    const init: Init = (array, stream) => {
      normalInit()(array, stream);
      if (padding !== undefined) array.data.fill(0, padding * embeddingDim, (padding + 1) * embeddingDim);
    };
    this.weight = new Parameter([numEmbeddings, embeddingDim], init);
  }

  override outputShape(x: PartialShape): PartialShape {
    return x && [...x, this.embeddingDim];
  }

  protected override apply(x: Tensor): Tensor {
    return embedding(x, this.weight.tensor, { paddingIndex: this.paddingIdx });
  }
}
