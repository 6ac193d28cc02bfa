/** Receptive fields of the models themselves: published values at the layer they are published for. */
import { expect, test } from "vitest";
import { fieldOf } from "../../src/analysis/receptiveField/fieldOf.ts";
import { type ReceptiveFieldRow, receptiveField } from "../../src/analysis/receptiveField/receptiveField.ts";
import { models } from "../../src/models/index.ts";
import type { Module } from "../../src/nn/index.ts";

function rowsOf(name: string): ReceptiveFieldRow[] {
  const { input, dtype, classes, make } = models[name]!;
  return receptiveField(make(input, classes) as Module, input as never, { dtype });
}

/** The last row whose units lie apart in space: what pools over everything, or the classifier, comes after it. */
const lastInSpace = (rows: readonly ReceptiveFieldRow[]): ReceptiveFieldRow => rows.findLast((r) => r.field?.stride.some((s) => s !== 0))!;

test.each([
  ["alexnet", 195, 32],
  ["vgg16", 212, 32],
  ["vgg16_bn", 212, 32],
  ["resnet18", 435, 32],
  ["resnet34", 899, 32],
  ["resnet50", 427, 32],
  ["resnet101", 971, 32],
  ["resnet152", 1451, 32],
  ["mobilenet_v2", 491, 32],
] as const)("%s: %i", (name, size, stride) => {
  const { field } = lastInSpace(rowsOf(name).filter((r) => r.type !== "AdaptiveAvgPool2d"));
  expect(field).toMatchObject({ size: [size, size], stride: [stride, stride] });
});

test("Inception v3: 1311 where its branches join", () => {
  expect(rowsOf("inception_v3").find((r) => r.path === "Mixed_7c")!.field).toMatchObject({ size: [1311, 1311], stride: [32, 32] });
});

test("every model: fields grow with depth, and scores see all there is", () => {
  for (const name of Object.keys(models)) {
    const { input, dtype } = models[name]!;
    const rows = rowsOf(name);
    const space = dtype === "i32" ? input : input.slice(1);
    expect(rows[0]!.field, name).toMatchObject({ stride: space.map(() => 0) });
    for (const { field, path } of rows) {
      if (!field) continue;
      expect(
        field.size.every((s, d) => s >= 1 && (field.stride[d] !== 0 || s <= space[d]!)),
        `${name} ${path}`,
      ).toBe(true);
    }
    const late = rows.findLast((r) => r.type.startsWith("Conv"))!;
    const early = rows.find((r) => r.type.startsWith("Conv"))!;
    early.field!.size.forEach((s, d) => expect(late.field!.size[d], name).toBeGreaterThanOrEqual(s));
  }
});

test("the box of a unit of ResNet-18 is its field, clipped", () => {
  const { input, classes, make } = models.resnet18!;
  const model = make(input, classes) as Module;
  const row = rowsOf("resnet18").find((r) => r.path === "layer2")!;
  const { size, stride, center } = row.field!;
  const unit = [14, 3];
  const box = fieldOf(model, input as never, "layer2", unit);
  unit.forEach((i, d) => {
    const first = center[d]! + i * stride[d]! - (size[d]! - 1) / 2;
    expect([box.start[d], box.end[d]]).toEqual([Math.max(0, first), Math.min(224, first + size[d]!)]);
  });
});
