import { describe, expect, it } from "vitest";
import { augmentation, augmentText } from "../../src/cli/augment.ts";
import { UsageError } from "../../src/cli/failure.ts";
import { defaultOf, OPTIMIZERS, type OptimizerName } from "../../src/cli/optimizers.ts";
import { SCHEDULES, warmedUp } from "../../src/cli/schedules.ts";
import { settled, type TrainOptions } from "../../src/cli/trainOptions.ts";

describe("--augment", () => {
  it.each([
    ["flip", { flip: true, crop: 0 }, "flip"],
    ["crop", { flip: false, crop: 4 }, "crop"],
    ["crop=4", { flip: false, crop: 4 }, "crop"],
    ["flip,crop", { flip: true, crop: 4 }, "flip,crop"],
    ["crop=12,flip", { flip: true, crop: 12 }, "flip,crop=12"],
  ] as const)("%s", (text, expected, written) => {
    expect(augmentation(text)).toEqual(expected);
    expect(augmentText(augmentation(text))).toBe(written);
  });

  it.each(["", "flips", "flip,", "crop=", "crop=0", "crop=-1", "crop=1.5", "crop:4", "flip=1"])('"%s" is refused', (text) => {
    const read = (): unknown => augmentation(text);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`--augment must be flip, crop, crop=PIXELS or several with commas between them, got ${text || '""'}`);
  });

  it("is not written where nothing is changed", () => {
    expect(augmentText({ flip: false, crop: 0 })).toBe(undefined);
  });
});

describe("schedules by name", () => {
  const run = { lr: 1, steps: 80, stepsPerEpoch: 10 };

  it("multistep is a tenth at half and a hundredth at three quarters", () => {
    const at = (step: number): number => SCHEDULES.multistep.lr(step, run);
    expect([0, 39, 40, 59, 60, 79].map(at)).toEqual([1, 1, 0.1, 0.1, 0.1 * 0.1, 0.1 * 0.1]);
  });

  it("warm up in parts of an epoch, and have the rest for themselves", () => {
    const multistep = warmedUp("multistep", 2);
    expect([0, 5, 10, 19].map((step) => multistep(step, run))).toEqual([0, 0.25, 0.5, 0.95]);
    // Of the 60 steps that are left.
    expect([20, 49, 50, 65, 79].map((step) => multistep(step, run))).toEqual([1, 1, 0.1, 0.1 * 0.1, 0.1 * 0.1]);
    expect([0, 1, 2, 3].map((step) => warmedUp("constant", 0.2)(step, run))).toEqual([0, 0.5, 1, 1]);
    for (const step of [0, 13, 79]) expect(warmedUp("cosine", 0)(step, run)).toBe(SCHEDULES.cosine.lr(step, run));
  });

  it("onecycle comes to the rate that was asked for, its momentum against it", () => {
    const rates = Array.from({ length: 80 }, (_, step) => SCHEDULES.onecycle.lr(step, run));
    const top = rates.indexOf(Math.max(...rates));
    expect(rates[top]).toBeCloseTo(1, 3);
    const momenta = rates.map((_, step) => SCHEDULES.onecycle.momentum!(step, run));
    expect(momenta.indexOf(Math.min(...momenta))).toBe(top);
  });
});

describe("options that depend on others", () => {
  const options: TrainOptions = {
    data: "strokes",
    model: "lenet5",
    epochs: 5,
    batchSize: 64,
    optimizer: "sgd",
    schedule: "cosine",
    warmup: 0,
    seed: 1,
    backend: "wasm",
  };

  it("take the optimizer's rates unless they are given", () => {
    expect(settled(options)).toEqual({ ...options, lr: 0.05, momentum: 0.9, weightDecay: 0, augment: { flip: false, crop: 0 } });
    expect(settled({ ...options, optimizer: "adamw" })).toMatchObject({ lr: 0.001, weightDecay: 0.01 });
    expect(settled({ ...options, optimizer: "adamw", lr: 0.5, weightDecay: 0 })).toMatchObject({ lr: 0.5, weightDecay: 0, momentum: 0.9 });
  });

  it("make the optimizer of that name, with these rates", () => {
    const rates = { lr: 0.25, momentum: 0.5, weightDecay: 0.125 };
    const made = (name: OptimizerName): object => OPTIMIZERS[name].make(rates);
    expect(made("sgd")).toMatchObject(rates);
    expect(made("rmsprop")).toMatchObject(rates);
    for (const name of ["adam", "adamw"] as const) expect(made(name)).toMatchObject({ lr: 0.25, betas: [0.5, 0.999], weightDecay: 0.125 });
    expect((["sgd", "adam", "adamw", "rmsprop"] as const).map((name) => made(name).constructor.name)).toEqual([
      "SGD",
      "Adam",
      "AdamW",
      "RMSprop",
    ]);
  });

  it("say their defaults", () => {
    expect(defaultOf("lr")).toBe("0.05; 0.001 with adam, adamw, rmsprop");
    expect(defaultOf("momentum")).toBe("0.9; 0 with rmsprop");
    expect(defaultOf("weightDecay")).toBe("0; 0.01 with adamw");
  });

  it.each([
    [{ warmup: 5 }, "--warmup must be below 5, the number of epochs, got 5"],
    [{ warmup: 1, schedule: "onecycle" }, "--warmup must be 0 with --schedule onecycle, which warms up by itself, got 1"],
  ] as const)("%j is refused", (more, message) => {
    expect(() => settled({ ...options, ...more })).toThrow(UsageError);
    expect(() => settled({ ...options, ...more })).toThrow(message);
  });
});
