import { activationMaximization } from "../../analysis/explain/activationMaximization.ts";
import { convolutions } from "../../analysis/explain/filters.ts";
import type { TracedLayer } from "../../analysis/tracedLayers.ts";
import type { Backend } from "../../backend/backend.ts";
import { NdArray } from "../../base/ndarray.ts";
import type { WantedImages } from "../../train/report/explain/data.ts";
import { pixelTaken, type Subject } from "./subject.ts";
import { evenly } from "./watched.ts";

/** Layers whose channels are excited, where nobody names them. */
const MOST_LAYERS = 4;

export interface WantedOptions {
  /** Paths of layers that were asked for, or undefined. */
  readonly watch: readonly string[] | undefined;
  /** Channels of each layer. */
  readonly channels: number;
  readonly steps: number;
  readonly seed: number;
  readonly backend: Backend;
}

/** Images that the first channels of convolutions (or of the layers asked for) answer to most, and the classes. */
export async function wantedImages(
  subject: Subject,
  layers: ReadonlyMap<string, TracedLayer>,
  { watch, channels, steps, seed, backend }: WantedOptions,
  onLayer: (path: string) => void,
): Promise<WantedImages[]> {
  const { model, classes, imageShape } = subject;
  const [black, white] = [pixelTaken(subject, () => 0), pixelTaken(subject, () => 255)];
  const side = Math.min(imageShape[1], imageShape[2]);
  const paths =
    watch ??
    evenly(
      [...convolutions(model).keys()].filter((path) => layers.has(path)),
      MOST_LAYERS,
    );
  const found: WantedImages[] = [];
  for (const path of new Set([...paths, ""])) {
    const layer = layers.get(path);
    const of = layer?.output.shape[1];
    if (!layer || of === undefined) continue;
    onLayer(path);
    // In the middle of a map one unit shows what it looks for once, not tiled; the mean of a map would be about brightness.
    const middle = layer.output.shape.slice(2).map((extent) => Math.floor(extent / 2));
    const chosen = Array.from({ length: Math.min(of, path === "" ? Math.max(channels, 10) : channels) }, (_, c) => c);
    const { images, activations } = await activationMaximization(model, imageShape, {
      layer: path,
      channel: chosen,
      steps,
      lr: 0.1,
      // A unit has its place; the classes do not mind one.
      ...(middle.length > 0 ? { unit: middle } : { jitter: Math.max(1, Math.round(side / 28)) }),
      blur: 0.4,
      low: black,
      high: white,
      seed,
      backend,
    });
    found.push({
      path,
      type: path === "" ? "classes" : layer.type,
      images: stored(images, subject),
      channels: chosen.map((channel, i) => ({
        channel,
        name: path === "" ? (classes[channel] ?? `${channel}`) : `${channel}`,
        activations: activations[i]!,
      })),
      of,
    });
  }
  return found;
}

/** Images as networks take them, back to bytes. */
function stored({ shape, data }: NdArray<"f32">, { mean, std }: Subject): NdArray<"u8"> {
  const [, channels = 0, height = 0, width = 0] = shape;
  const image = new NdArray("u8", shape);
  data.forEach((v, i) => {
    const c = Math.floor(i / (height * width)) % channels;
    image.data[i] = Math.min(255, Math.max(0, Math.round(255 * (v * std[c]! + mean[c]!))));
  });
  return image;
}
