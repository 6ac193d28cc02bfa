import { describe, expect, test } from "vitest";
import { CONV_PASSES, type ConvWorkload, compareAlgorithms } from "../../src/analysis/algorithms.ts";
import { OpError } from "../../src/index.ts";

const WORK: readonly (readonly [string, ConvWorkload])[] = [
  ["plain", { inChannels: 5, outChannels: 6, kernel: [3, 3], padding: 1, space: [9, 8] }],
  ["one axis", { inChannels: 3, outChannels: 4, kernel: [3], padding: [[2, 0]], space: [17] }],
  [
    "strides, dilation, groups",
    {
      inChannels: 4,
      outChannels: 6,
      kernel: [3, 2],
      stride: [1, 2],
      padding: [
        [2, 0],
        [0, 3],
      ],
      dilation: [2, 3],
      groups: 2,
      space: [7, 9],
    },
  ],
  ["three axes", { inChannels: 2, outChannels: 3, kernel: [2, 3, 2], stride: 2, padding: 1, space: [4, 5, 6] }],
];

describe("compareAlgorithms", () => {
  test.each(WORK)("every algorithm that applies is right against its own sums in f64: %s", async (_, work) => {
    const found = await compareAlgorithms(work, { batch: 2, milliseconds: 1 });
    for (const { elements, of } of Object.values(found.compared)) expect(elements).toBe(of);
    const applicable = found.rows.filter((row) => row.passes !== undefined);
    expect(applicable.length).toBeGreaterThanOrEqual(3);
    for (const { name, passes } of applicable) {
      for (const pass of CONV_PASSES) expect(passes![pass].error, `${name}, ${pass}`).toBeLessThan(2e-5);
    }
    for (const { passes, refusal } of found.rows) expect(passes === undefined).toBe(refusal !== undefined);
  });

  test("throws an OpError for a layer that no algorithm can compute", async () => {
    const work = { inChannels: 3, outChannels: 4, kernel: [9, 9], space: [5, 5] };
    await expect(compareAlgorithms(work, { milliseconds: 1 })).rejects.toThrow(OpError);
  });
});
