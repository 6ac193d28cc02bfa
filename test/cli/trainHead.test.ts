import { expect, test } from "vitest";
import { terminal } from "../../src/cli/terminal.ts";
import { describeTraining } from "../../src/cli/trainHead.ts";
import { Auxiliary, Flatten, Linear, type Module, Sequential } from "../../src/nn/index.ts";
import type { RunConfig, Start } from "../../src/train/node.ts";

const config: RunConfig = {
  fovea: "0.0.0",
  started: "2020-01-01T00:00:00.000Z",
  command: "npx fovea train",
  model: "net",
  data: {
    source: "photos",
    trainImages: 1000,
    testImages: 100,
    testedOn: "photos test",
    classes: ["a", "b"],
    imageShape: [1, 2, 2],
    mean: [0.5],
    std: [0.5],
  },
  training: {
    epochs: 2,
    batchSize: 8,
    optimizer: "sgd",
    lr: 0.1,
    momentum: 0.9,
    weightDecay: 0,
    schedule: "cosine",
    warmup: 0,
    augment: { flip: false, crop: 0 },
    seed: 1,
  },
  backend: "wasm",
  threads: 1,
  environment: {},
};
const memory: Start["memory"] = { weights: 40, optimizer: 40, activations: 80, gradients: 40, scratch: 0, total: 200 } as Start["memory"];
const start: Start = { memory, threads: 1, stepsPerEpoch: 125, epochs: 2, warnings: [] };

/** What is said, with single spaces. */
function said(model: Module, more: Partial<RunConfig> = {}): string {
  let text = "";
  describeTraining(terminal({ write: (t) => (text += t) }, {}), model, { ...config, ...more }, start, "runs/net");
  return text.replace(/\s+/g, " ");
}

const plain: Module = new Sequential(new Flatten(), new Linear(4, 2));

test("says what is trained on what, and nothing of what is not used", () => {
  expect(said(plain)).toBe(
    "network net, 10 weights data photos: 1,000 images to train on, 100 to test on, 1 x 2 x 2, 2 classes " +
      "training 2 epochs in batches of 8, sgd with learning rate 0.1 (cosine), momentum 0.9, seed 1 " +
      "memory 200 bytes: weights 40 bytes, optimizer 40 bytes, activations 80 bytes, gradients 40 bytes, scratch 0 bytes threads 1 (wasm) folder runs/net ",
  );
});

test("names warm-up, weight decay and changed images where there are any", () => {
  const training = { ...config.training, warmup: 1, weightDecay: 0.0005, augment: { flip: true, crop: 4 } };
  expect(said(plain, { training })).toContain(
    "sgd with learning rate 0.1 (cosine, after 1 epoch of warm-up), momentum 0.9, weight decay 0.0005, images changed by flip,crop, seed 1",
  );
});

test("does not name a momentum that the schedule changes", () => {
  const momentumOf = (schedule: string, momentum: number): string | undefined =>
    /momentum [^,]+/.exec(said(plain, { training: { ...config.training, schedule, momentum } }))?.[0];
  expect(momentumOf("onecycle", 0.9)).toBe("momentum by the schedule");
  expect(momentumOf("onecycle", 0)).toBe("momentum 0");
  expect(momentumOf("multistep", 0.5)).toBe("momentum 0.5");
});

test("names the batch that is held out for tests", () => {
  const data = { ...config.data, testedOn: "cifar-10 test (data_batch_5.bin, held out)" };
  expect(said(plain, { data })).toContain("2 classes test cifar-10 test (data_batch_5.bin, held out) training");
});

test("names auxiliary heads, which make the training loss larger than the test loss", () => {
  const head = () => new Sequential(new Flatten(), new Linear(4, 2));
  const model: Module = new Sequential(
    ["aux1", new Auxiliary(head())],
    ["", new Auxiliary(["second", head()], { weight: 0.2 })],
    ["flatten", new Flatten()],
    ["fc", new Linear(4, 2)],
  );
  expect(said(model)).toContain("30 weights heads 0.3 x aux1.head, 0.2 x second: so much of their losses is added in training data");
});
