import { describe, expect, it } from "vitest";
import { type Moment, progressLine } from "../../src/cli/progressLine.ts";
import { type Screen, terminal } from "../../src/cli/terminal.ts";
import { trainProgress } from "../../src/cli/trainProgress.ts";
import type { Epoch } from "../../src/train/index.ts";

const UTF8 = { LANG: "en_US.UTF-8" };
const ESCAPE = "\u001b";
const visible = (text: string): string => text.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, "g"), "");

/** A screen that remembers what it was sent, and what a person would see. */
class FakeScreen implements Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  sent = "";

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY;
    this.columns = columns;
  }

  write(text: string): void {
    this.sent += text;
  }

  /** Lines as they stand, after carriage returns and cleared lines. */
  get lines(): string[] {
    return visible(this.sent.replaceAll(`${ESCAPE}[2K`, ""))
      .split("\n")
      .map((line) => line.slice(line.lastIndexOf("\r") + 1));
  }
}

const moment: Moment = {
  epoch: 2,
  epochs: 5,
  step: 400,
  steps: 937,
  loss: 0.08213,
  accuracy: 0.976,
  imagesPerSecond: 31204,
  secondsLeft: 12,
};

describe("the bar", () => {
  it("fits any width", () => {
    for (let width = 1; width <= 200; width++) {
      const line = visible(progressLine(moment, { ...terminal(new FakeScreen(true), UTF8), width }));
      expect(line.length, line).toBeLessThanOrEqual(Math.max(0, width - 3));
    }
  });

  it.each([
    [100, "epoch 2/5  ━━━━━━━━━━──────────────   42%  loss 0.0821  acc 97.6%  31,204 img/s  0:12 left"],
    [80, "epoch 2/5  ━━━━━──────   42%  loss 0.0821  acc 97.6%  31,204 img/s  0:12 left"],
    [60, "epoch 2/5  ━━━━━──────  loss 0.0821  acc 97.6%  0:12 left"],
    [40, "epoch 2/5  ━━━━━━───────  loss 0.0821"],
    [20, "epoch 2/5"],
  ])("at %i columns", (width, expected) => {
    const line = visible(progressLine(moment, { ...terminal(new FakeScreen(true), UTF8), width }));
    expect(line).toBe(expected);
  });

  it("is plain ASCII where the locale is", () => {
    const line = visible(progressLine(moment, { ...terminal(new FakeScreen(true), { LC_ALL: "C" }), width: 80 }));
    expect(line).toContain("#####------");
  });
});

describe("colours", () => {
  const coloured = (isTTY: boolean, environment: Record<string, string>): boolean =>
    terminal(new FakeScreen(isTTY), environment).accent("x") !== "x";
  it("are for terminals, unless NO_COLOR says otherwise", () => {
    expect(coloured(true, {})).toBe(true);
    expect(coloured(true, { NO_COLOR: "" })).toBe(true);
    expect(coloured(true, { NO_COLOR: "1" })).toBe(false);
    expect(coloured(true, { TERM: "dumb" })).toBe(false);
    expect(coloured(false, {})).toBe(false);
  });
});

describe("a training", () => {
  const epoch: Epoch = { epoch: 1, loss: 0.5, accuracy: 0.9, lr: 0.01, seconds: 2, imagesPerSecond: 300, validation: undefined };
  /** Ten steps of 30 images, each a second long. */
  function follow(screen: FakeScreen): void {
    let clock = 0;
    const progress = trainProgress(terminal(screen, UTF8), () => clock);
    const memory = { weights: 0, activations: 0, gradients: 0, optimizer: 0, scratch: 0, total: 0 };
    progress.start({ memory, threads: 1, stepsPerEpoch: 10, epochs: 2, warnings: [] });
    for (let step = 1; step <= 10; step++) {
      clock += 1500;
      progress.step({ epoch: 1, step, loss: 1, correct: 15, batchSize: 30, lr: 0.1 });
    }
    progress.epoch(epoch);
    progress.end();
  }

  it("leaves a row per epoch on a terminal, and no bar", () => {
    const screen = new FakeScreen(true);
    follow(screen);
    expect(screen.sent).toContain("acc 50.0%");
    expect(screen.sent).toContain("20 img/s");
    expect(screen.sent).toContain("0:17 left");
    expect(screen.lines).toEqual([
      "  epoch  train loss  accuracy  test loss  accuracy      time   images/s",
      "    1/2      0.5000    90.00%                         2.00 s        300",
      "",
      "",
    ]);
  });

  it("is a line every ten seconds in a log, without control characters", () => {
    const screen = new FakeScreen(false);
    follow(screen);
    expect(screen.sent).not.toContain(ESCAPE);
    expect(screen.sent).not.toContain("\r");
    expect(screen.lines).toContain("epoch 1 of 2, step 7 of 10: loss 1.0000, accuracy 50.0%, 20 images/s, 0:20 left");
    expect(screen.lines.filter((line) => line.includes("step"))).toHaveLength(1);
  });
});
