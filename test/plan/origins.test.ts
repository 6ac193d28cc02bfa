/** Every kernel of a plan says which layer and which pass it belongs to. */
import { expect, test } from "vitest";
import { trainingGraph } from "../../src/analysis/summary/programs.ts";
import { lenet5, resnet20 } from "../../src/models/index.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import { optimize } from "../../src/passes/optimize.ts";
import { planGraph } from "../../src/plan/plan.ts";

const originsIn = (...args: Parameters<typeof trainingGraph>) =>
  planGraph(optimize(trainingGraph(...args)))
    .steps.flatMap((s) => s.kernels)
    .map(({ name, origin }) => ({ name, ...origin }));

test("a step of training: each layer's own kernels in each pass, and updates with the layer whose weight they make", () => {
  const found = originsIn(lenet5(), { shape: [1, 28, 28], dtype: "f32" }, 2, new Adam({ lr: 1 }));
  expect(found.filter((o) => o.pass === undefined)).toEqual([]);
  const passesOf = (path: string): string[] => [...new Set(found.filter((o) => o.path === path).map((o) => o.pass!))].sort();
  // Convolutions and linear layers have weights to update; what follows the last layer is the loss.
  for (const path of ["0", "3", "7", "9", "11"]) expect(passesOf(path), path).toEqual(["backward", "forward", "update"]);
  expect(found.filter((o) => o.path === "" && o.pass === "forward").map((o) => o.name)).not.toEqual([]);
});

test("chains and what minimal filtering adds belong to the convolution", () => {
  const found = originsIn(resnet20(), { shape: [3, 32, 32], dtype: "f32" }, 8, new SGD({ lr: 1, momentum: 0.9 }));
  const tiles = found.filter((o) => /^(tile|filter)/.test(o.name));
  expect(tiles.length).toBeGreaterThan(10);
  for (const o of tiles) expect(o.path, o.name).toMatch(/^(layer\d\.\d\.)?conv\d$/);
});
