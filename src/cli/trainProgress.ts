import type { Epoch, Start, Step } from "../train/history.ts";
import { epochHead, epochRow } from "./epochTable.ts";
import { type Moment, progressLine, progressSentence } from "./progressLine.ts";
import type { Terminal } from "./terminal.ts";

/** Milliseconds between two states of the bar, and between two lines of a log. */
const REDRAW = 100;
const LOG = 10_000;

/** Follows a training on a terminal: a bar and a row per epoch, or, where nothing can be redrawn, a line every few seconds. */
export interface TrainProgress {
  start(start: Start): void;
  step(step: Step): void;
  epoch(epoch: Epoch): void;
  /** Takes the bar away; nothing else may be called after it. */
  end(): void;
}

/** `now` is a clock in milliseconds. */
export function trainProgress(terminal: Terminal, now: () => number = () => performance.now()): TrainProgress {
  let { epochs, stepsPerEpoch }: Pick<Start, "epochs" | "stepsPerEpoch"> = { epochs: 0, stepsPerEpoch: 0 };
  // Of the epoch that is running.
  let [began, lossSum, correct, images] = [0, 0, 0, 0];
  // What each epoch takes beside its steps, as the last one showed.
  let betweenEpochs = 0;
  let lastStep = 0;
  let shown = 0;
  return {
    start(start) {
      ({ epochs, stepsPerEpoch } = start);
      began = lastStep = shown = now();
      terminal.line(terminal.bold(epochHead(terminal.width)));
    },
    step({ epoch, step, loss, correct: right, batchSize }) {
      if (step === 1) {
        if (epoch > 1) betweenEpochs = Math.max(0, (began - lastStep) / 1000);
        [lossSum, correct, images] = [0, 0, 0];
      }
      lossSum += loss;
      correct += right;
      images += batchSize;
      lastStep = now();
      const last = step === stepsPerEpoch;
      if (lastStep - shown < (terminal.live ? REDRAW : LOG) && !(last && terminal.live)) return;
      shown = lastStep;
      const seconds = (lastStep - began) / 1000;
      const stepsLeft = stepsPerEpoch * (epochs - epoch + 1) - step;
      const moment: Moment = {
        epoch,
        epochs,
        step,
        steps: stepsPerEpoch,
        loss: lossSum / step,
        accuracy: correct / images,
        imagesPerSecond: images / seconds,
        secondsLeft: (seconds / step) * stepsLeft + betweenEpochs * (epochs - epoch + 1),
      };
      if (terminal.live) terminal.status(progressLine(moment, terminal));
      else terminal.line(progressSentence(moment));
    },
    epoch(epoch) {
      began = now();
      terminal.status("");
      terminal.line(epochRow(epoch, epochs, terminal.width));
    },
    end() {
      terminal.status("");
      if (epochs > 0) terminal.line("");
    },
  };
}
