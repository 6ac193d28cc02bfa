import type { Shape } from "../../src/index.ts";
import { GlobalAvgPool, Linear, type Module, Sequential } from "../../src/nn/index.ts";

/**
 * The first `count` children of a Sequential, or of the one that is its child `inside`, with a small classifier behind them: what is
 * left of a network when it must be quick. `input` is the shape of one image.
 */
export function firstLayers(network: Module, count: number, input: Shape, classes: number, inside?: string): Module {
  const whole = network as unknown as Sequential<(readonly [string, Module])[]>;
  const container = inside === undefined ? whole : (whole.get(inside) as typeof whole);
  const kept = container.layers.slice(0, count);
  const channels = new Sequential(...kept).outputShape([1, ...input])![1]!;
  return new Sequential(...([...kept, ["pool", new GlobalAvgPool()], ["fc", new Linear(channels, classes)]] as never[]));
}
