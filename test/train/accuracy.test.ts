/** What the command line's defaults reach. Slower than other tests: whole trainings. */
import { expect, it } from "vitest";
import { loadData, type Split } from "../../src/data/node.ts";
import { lenet5 } from "../../src/models/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { fit } from "../../src/train/index.ts";
import { sharedFolder } from "../sharedFolder.ts";

async function accuracy({ train, test }: Split, epochs: number): Promise<number> {
  const { epochs: done } = await fit(lenet5(), {
    train,
    validation: test,
    optimizer: new SGD({ lr: 0.05, momentum: 0.9 }),
    epochs,
    seed: 1,
  });
  return done.at(-1)!.validation!.accuracy;
}

it("LeNet-5 learns strokes in five epochs", async () => {
  expect(await accuracy(await loadData("strokes"), 5)).toBeGreaterThanOrEqual(0.985);
});

const mnist = sharedFolder("data/mnist");
it.skipIf(mnist === undefined)("LeNet-5 learns MNIST in one", async () => {
  expect(await accuracy(await loadData(mnist!), 1)).toBeGreaterThanOrEqual(0.975);
});
