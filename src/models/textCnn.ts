import { uniformInit } from "../nn/init.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { GlobalMaxPool } from "../nn/layers/adaptivePool.ts";
import { Concat } from "../nn/layers/concat.ts";
import { Conv1d } from "../nn/layers/conv.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Embedding } from "../nn/layers/embedding.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Permute } from "../nn/layers/permute.ts";
import { Sequential } from "../nn/layers/sequential.ts";
import type { Network } from "../nn/network.ts";

/** Which texts, in how many classes; the defaults are the paper's, for its film reviews. */
export interface TextCnnOptions<K extends number = number> {
  /** Different tokens: texts are numbers from 0 to this, exclusive. Default 18,765. */
  readonly vocabulary?: number;
  /** Numbers that each token becomes. Default 300. */
  readonly dimension?: number;
  /** Filters of each width. Default 100. */
  readonly filters?: number;
  /** Classes to tell apart. Default 2. */
  readonly classes?: K;
  /** Probability with which features are dropped before the classifier. Default 0.5. */
  readonly dropout?: number;
}

/**
 * TextCNN: convolutions over a sentence, three, four and five words wide; of each filter counts the place where it fits best. Input:
 * [n, length] tokens (i32), at least five. 5,990,402 weights.
 *
 * Kim, "Convolutional neural networks for sentence classification", 2014: the variant CNN-rand, all of whose weights are learnt. The
 * paper also limits the norm of the last layer's weights to 3.
 */
export function textCnn<K extends number = 2>(options: TextCnnOptions<K> = {}): Network<[number], [K]> {
  const { vocabulary = 18_765, dimension = 300, filters = 100, classes = 2 as K, dropout = 0.5 } = options;
  const embedding = new Embedding(vocabulary, dimension);
  embedding.weight.init = uniformInit(0.25);
  const network: Network<[number], [K]> = new Sequential(
    ["embedding", embedding],
    // Convolutions take [n, channels, length].
    ["permute", new Permute([0, 2, 1])],
    ["conv", new Concat(window(dimension, filters, 3), window(dimension, filters, 4), window(dimension, filters, 5))],
    ["dropout", new Dropout(dropout)],
    ["fc", new Linear(3 * filters, classes)],
  );
  return network;
}

/** What the best place for each filter gives. */
function window(dimension: number, filters: number, width: number) {
  return new Sequential(["conv", new Conv1d(dimension, filters, width)], ["relu", new ReLU()], ["max", new GlobalMaxPool()]);
}
