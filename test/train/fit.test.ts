import { describe, expect, it } from "vitest";
import { NdArray } from "../../src/base/ndarray.ts";
import { augmentBatch } from "../../src/data/augment/augmentBatch.ts";
import { epochStream } from "../../src/data/augment/draws.ts";
import { flipAndCrop } from "../../src/data/augment/flipAndCrop.ts";
import { type Augmentation, batches, epochOrder, gather, randomCrop } from "../../src/data/index.ts";
import { compile, grad, reference, wasm } from "../../src/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, type Module, Sequential } from "../../src/nn/index.ts";
import { crossEntropy } from "../../src/ops/index.ts";
import { constantSchedule, cosineSchedule, oneCycleLR, oneCycleMomentum, SGD, stepLR } from "../../src/optim/index.ts";
import { compileStep, type Epoch, evaluate, fit, normalize, predict, type Start, type Step, weightsSha256 } from "../../src/train/index.ts";
import { squares, tinyNet } from "./squares.ts";

const train = squares(70);
const sgd = (): SGD => new SGD({ lr: 0.1, momentum: 0.9 });

describe("fit", () => {
  it("is the loop anybody can write with compile, to the bit", async () => {
    const fitted = tinyNet();
    await fit(fitted, { train, optimizer: sgd(), batchSize: 16, epochs: 2, seed: 3, schedule: constantSchedule, threads: 1 });

    const model = tinyNet().initialize(3);
    const [optimizer, parameters] = [sgd(), model.parameters()];
    const step = await compile(
      wasm({ threads: 1 }),
      { images: { shape: [16, 1, 8, 8], dtype: "u8" }, labels: { shape: [16], dtype: "i32" }, lr: [] },
      ({ images, labels, lr }) => {
        const loss = crossEntropy(model.forward(normalize(images, train) as never), labels);
        const gradients = grad(
          loss,
          parameters.map((p) => p.tensor),
        );
        optimizer.step(parameters, gradients, lr);
        return loss;
      },
      { mode: "train" },
    );
    const [images, labels] = [new Uint8Array(16 * 64), new Int32Array(16)];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const batch of batches(epochOrder(70, 3, epoch), 16)) {
        if (batch.length < 16) continue;
        gather(train, batch, images, labels);
        await step.run({ images, labels, lr: 0.1 });
      }
    }
    expect(await weightsSha256(model)).toBe(await weightsSha256(fitted));
    await step.close();
  });

  it("gives the same bits on one thread and on two, and others for another seed", async () => {
    const trained = async (threads: number, seed: number): Promise<string> => {
      const model = tinyNet();
      await fit(model, { train, optimizer: sgd(), batchSize: 16, seed, threads });
      return weightsSha256(model);
    };
    const once = await trained(1, 1);
    expect(await trained(2, 1)).toBe(once);
    expect(await trained(1, 2)).not.toBe(once);
  });

  it("learns as the reference backend does", async () => {
    const losses = async (backend = reference()): Promise<number[]> => {
      const found: number[] = [];
      await fit(tinyNet(), { train, optimizer: sgd(), batchSize: 16, epochs: 4, backend, onStep: (s) => void found.push(s.loss) });
      return found;
    };
    const [exact, fast] = [await losses(), await losses(wasm({ threads: 1 }))];
    expect(exact).toHaveLength(16);
    expect(exact.at(-1)).toBeLessThan(0.5);
    fast.forEach((loss, i) => expect(loss).toBeCloseTo(exact[i]!, 3));
  });

  it("tells what it does", async () => {
    const said: (Start | Step | Epoch)[] = [];
    const history = await fit(tinyNet(), {
      train,
      validation: squares(10, "others"),
      optimizer: sgd(),
      batchSize: 32,
      epochs: 2,
      threads: 1,
      onStart: (start) => void said.push(start),
      onStep: (step) => void said.push(step),
      onEpoch: async (epoch) => void said.push(epoch),
    });
    // Of 70 images, 6 do not fill a batch.
    const [start, first, , epoch, , last] = said as [Start, Step, Step, Epoch, Step, Step, Epoch];
    expect(said).toHaveLength(7);
    expect(start).toMatchObject({ stepsPerEpoch: 2, epochs: 2, threads: 1 });
    const { total, ...kinds } = start.memory;
    expect(Object.values(kinds).reduce((a, b) => a + b, 0)).toBe(total);
    expect(first).toMatchObject({ epoch: 1, step: 1, batchSize: 32, lr: 0.1 });
    expect(last).toMatchObject({ epoch: 2, step: 2, lr: cosineSchedule(3, { lr: 0.1, steps: 4, stepsPerEpoch: 2 }) });
    expect(epoch).toMatchObject({ epoch: 1, lr: cosineSchedule(1, { lr: 0.1, steps: 4, stepsPerEpoch: 2 }) });
    expect(epoch.validation!.predictions).toHaveLength(10);
    expect(history.epochs).toEqual([epoch, said.at(-1)]);
    expect(history).toMatchObject({ steps: 4, interrupted: false, memory: start.memory });
  });

  it("keeps momenta in the optimizer, and goes on where it was", async () => {
    const [model, optimizer] = [tinyNet(), sgd()];
    const once = { train, optimizer, batchSize: 16, threads: 1, schedule: constantSchedule };
    await fit(model, once);
    const momenta = await optimizer.stateDict();
    expect([...momenta.keys()]).toContain("0.weight.momentum");
    expect(momenta.get("0.weight.momentum")!.data.some((x) => x !== 0)).toBe(true);
    const before = await weightsSha256(model);
    const { epochs } = await fit(model, once);
    expect(await weightsSha256(model)).not.toBe(before);
    expect(epochs[0]!.loss).toBeLessThan(1);
  });
});

describe("augment", () => {
  const options = { train, batchSize: 16, epochs: 2, seed: 3, schedule: constantSchedule };
  const trained = async (more: Partial<Parameters<typeof fit>[1]>): Promise<string> => {
    const model = tinyNet();
    await fit(model, { ...options, optimizer: sgd(), threads: 1, ...(more as object) });
    return weightsSha256(model);
  };

  it("changes each batch between gathering and the step, to the bit", async () => {
    const model = tinyNet().initialize(3);
    const step = await compileStep(wasm({ threads: 1 }), model, train, crossEntropy, sgd(), 16);
    const [images, labels] = [new Uint8Array(16 * 64), new Int32Array(16)];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const batch of batches(epochOrder(70, 3, epoch), 16)) {
        if (batch.length < 16) continue;
        gather(train, batch, images, labels);
        augmentBatch(images, [1, 8, 8], batch, flipAndCrop({ flip: true, crop: 1 }), epochStream(3, epoch));
        await step.run({ images, labels, lr: 0.1 });
      }
    }
    await step.close();
    expect(await trained({ augment: { flip: true, crop: 1 } })).toBe(await weightsSha256(model));
  });

  it("gives the same bits on one thread and on two, and as a function", async () => {
    const once = await trained({ augment: { crop: 2 } });
    expect(await trained({ augment: { crop: 2 }, threads: 2 })).toBe(once);
    expect(await trained({ augment: randomCrop({ padding: 2 }) })).toBe(once);
    expect(await trained({ augment: { crop: 1 } })).not.toBe(once);
    expect(await trained({})).not.toBe(once);
    expect(await trained({ augment: {} })).toBe(await trained({}));
  });

  it("leaves the data set and the validation as they are", async () => {
    const before = train.images.data.slice();
    const black: Augmentation = (image) => new NdArray("u8", image.shape);
    const losses = async (augment: Augmentation): Promise<(number | undefined)[]> => {
      const model = tinyNet();
      const { epochs } = await fit(model, { ...options, validation: train, optimizer: new SGD({ lr: 0 }), augment, threads: 1 });
      return epochs.flatMap((epoch) => [epoch.loss, epoch.validation?.loss]);
    };
    const [seen, , , tested] = await losses((image) => image);
    const [blackSeen, , , blackTested] = await losses(black);
    expect(blackSeen).not.toBe(seen);
    expect(blackTested).toBe(tested);
    expect(train.images.data).toEqual(before);
  });
});

describe("momentum", () => {
  it("may change from step to step, as the learning rate does", async () => {
    const momentum = oneCycleMomentum();
    const schedule = oneCycleLR({ maxLr: 0.2 });
    const fitted = tinyNet();
    await fit(fitted, { train, optimizer: sgd(), batchSize: 16, epochs: 2, threads: 1, schedule, momentum });

    const model = tinyNet().initialize(0);
    const step = await compileStep(wasm({ threads: 1 }), model, train, crossEntropy, sgd(), 16, true);
    const [images, labels] = [new Uint8Array(16 * 64), new Int32Array(16)];
    const run = { lr: 0.1, steps: 8, stepsPerEpoch: 4 };
    for (let at = 0; at < 8; at++) {
      gather(train, epochOrder(70, 0, Math.floor(at / 4)).subarray((at % 4) * 16, (at % 4) * 16 + 16), images, labels);
      await step.run({ images, labels, lr: schedule(at, run), momentum: momentum(at, run) });
    }
    await step.close();
    expect(await weightsSha256(fitted)).toBe(await weightsSha256(model));
  });

  it("that is the optimizer's own all the time changes nothing", async () => {
    const trained = async (momentum?: () => number): Promise<string> => {
      const model = tinyNet();
      await fit(model, { train, optimizer: sgd(), batchSize: 16, threads: 1, ...(momentum && { momentum }) });
      return weightsSha256(model);
    };
    expect(await trained(() => 0.9)).toBe(await trained());
    expect(await trained(() => 0.5)).not.toBe(await trained());
  });

  it("cannot change where there is none", async () => {
    const training = fit(tinyNet(), { train, optimizer: new SGD({ lr: 0.1 }), batchSize: 16, threads: 1, momentum: () => 0.9 });
    await expect(training).rejects.toThrow("step: the momentum can change only where there is one");
  });
});

describe("a signal", () => {
  it("ends the training after the step that is running", async () => {
    const controller = new AbortController();
    const history = await fit(tinyNet(), {
      train,
      optimizer: sgd(),
      batchSize: 16,
      epochs: 3,
      threads: 1,
      signal: controller.signal,
      onStep: ({ epoch, step }) => void (epoch === 2 && step === 3 && controller.abort()),
    });
    expect(history).toMatchObject({ interrupted: true, steps: 7 });
    expect(history.epochs).toHaveLength(1);
  });

  it("can come from a timer: a training lets others have their turn", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const history = await fit(tinyNet(), { train, optimizer: sgd(), batchSize: 1, epochs: 1e6, threads: 1, signal: controller.signal });
    expect(history.interrupted).toBe(true);
  });

  it("that has come already lets no step run", async () => {
    const model = tinyNet();
    const history = await fit(model, { train, optimizer: sgd(), threads: 1, signal: AbortSignal.abort() });
    expect(history).toMatchObject({ interrupted: true, steps: 0, epochs: [] });
    expect(await weightsSha256(model)).toBe(await weightsSha256(tinyNet().initialize(0)));
  });
});

describe("fit refuses", () => {
  const message = (options: Partial<Parameters<typeof fit>[1]>): Promise<string> =>
    fit(tinyNet(), { train, optimizer: sgd(), batchSize: 16, threads: 1, ...(options as object) }).then(
      () => "nothing",
      (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`,
    );

  it.each([
    [{ batchSize: 71 }, "OpError: fit: batchSize must be at most 70, the number of images in squares, got 71. Make it smaller"],
    [{ batchSize: 1.5 }, "OpError: fit: batchSize must be a whole number of at least 1, got 1.5"],
    [{ epochs: 0 }, "OpError: fit: epochs must be a whole number of at least 1, got 0"],
    [
      { optimizer: new SGD({ lr: 1e30 }) },
      /^OpError: fit: the training has diverged: the loss is NaN in step \d of epoch 1, with lr \S+\. Make lr smaller$/,
    ],
    [{ train: { ...train, labels: squares(69).labels } }, /^DataError: squares: 70 images in squares need 70 labels/],
    [{ train: { ...train, classes: ["a", "b", "c"] } }, /^DataError: squares: the label of image \d+ must be 0 to 2, got 3/],
    [{ train: { ...train, classes: [..."abcde"] } }, "OpError: 4: the network has 4 outputs, but the data has 5 classes"],
    [{ loss: (scores: unknown) => scores }, /^OpError: grad: loss must be a single number, got \[16, 4\]/],
  ] as const)("case %#", async (options, expected) => {
    const found = await message(options as never);
    if (typeof expected === "string") expect(found).toBe(expected);
    else expect(found).toMatch(expected);
  });

  it("images that are too small, and says how large they must be", async () => {
    const deep: Module = new Sequential(
      ["features", new Sequential(new Conv2d(1, 4, 5), new MaxPool2d(2), new Conv2d(4, 4, 5), new MaxPool2d(2))],
      ["flatten", new Flatten()],
      ["fc", new Linear(4 * 4 * 4, 4)],
    );
    const wanted =
      /^features\.2: Conv2d: kernel 5 is larger than the input \(4 x 2 x 2\); sizes on the way: input 1 x 8 x 8.*; the smallest input that works is 1 x 28 x 28$/;
    await expect(fit(deep as never, { train, optimizer: sgd(), batchSize: 16, threads: 1 } as never)).rejects.toThrow(wanted);
    await expect(evaluate(deep as never, train as never, { threads: 1 })).rejects.toThrow(wanted);
    await expect(predict(deep, train.images, { ...train, threads: 1 })).rejects.toThrow(wanted);
  });

  it("nothing else: what a callback throws comes out, and the weights stay", async () => {
    const model = tinyNet();
    const failure = new Error("no more room");
    const onEpoch = (): never => {
      throw failure;
    };
    await expect(fit(model, { train, optimizer: sgd(), batchSize: 16, threads: 2, onEpoch })).rejects.toBe(failure);
    expect(await weightsSha256(model)).not.toBe(await weightsSha256(tinyNet().initialize(0)));
  });
});

describe("schedules", () => {
  it("are asked at every step, with what there is to know of the training", async () => {
    const rates: number[] = [];
    const onStep = ({ lr }: Step): void => void rates.push(lr);
    await fit(tinyNet(), { train, optimizer: sgd(), batchSize: 32, epochs: 2, threads: 1, onStep, schedule: stepLR({ stepSize: 2 }) });
    expect(rates).toEqual([0.1, 0.1, 0.1 * 0.1, 0.1 * 0.1]);
    const asked: unknown[] = [];
    const schedule = (...all: unknown[]): number => asked.push(all);
    await fit(tinyNet(), { train, optimizer: sgd(), batchSize: 32, epochs: 1, threads: 1, schedule });
    expect(asked).toEqual([0, 1].map((step) => [step, { lr: 0.1, steps: 2, stepsPerEpoch: 2 }]));
  });
});
