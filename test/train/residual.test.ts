import { expect, test } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { RandomStream } from "../../src/base/random.ts";
import type { Dataset } from "../../src/data/index.ts";
import { resnet20 } from "../../src/models/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { fit, type Step, weightsSha256 } from "../../src/train/index.ts";

/** Photographs without a subject: noise around a brightness that is the class. */
function noise(count: number): Dataset<readonly [3, 32, 32], 10> {
  const stream = new RandomStream(1, "noise");
  const labels = new NdArray(
    "i32",
    [count],
    Int32Array.from({ length: count }, (_, i) => stream.below(10, i)),
  );
  const images = new NdArray("u8", [count, 3, 32, 32]);
  images.data.forEach((_, at) => {
    images.data[at] = 20 * labels.data[Math.floor(at / 3072)]! + stream.below(60, count + at);
  });
  const classes = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] as const;
  return { name: "noise", images, labels, classes, imageShape: [3, 32, 32], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
}

test("a residual network trains on changed images to the same bits for any number of threads", async () => {
  const train = noise(48);
  const trained = async (threads: number): Promise<readonly [sha: string, losses: readonly number[]]> => {
    const [model, losses] = [resnet20({ width: 4 }), [] as number[]];
    await fit(model, {
      train,
      optimizer: new SGD({ lr: 0.05, momentum: 0.9, weightDecay: 5e-4 }),
      batchSize: 16,
      epochs: 3,
      augment: { flip: true, crop: 4 },
      threads,
      onStep: ({ loss }: Step) => void losses.push(loss),
    });
    return [await weightsSha256(model), losses];
  };
  const [sha, losses] = await trained(1);
  expect((await trained(2))[0]).toBe(sha);
  expect(losses).toHaveLength(9);
  expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.2);
});
