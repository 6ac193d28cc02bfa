import { describe, expect, test } from "vitest";
import { difference } from "../../src/experiments/report/difference.ts";
import { spreadOf } from "../../src/experiments/report/spread.ts";
import { change, comparison, valueText } from "../../src/experiments/report/words.ts";

test("mean, sample deviation and ends", () => {
  expect(spreadOf([2, 4, 9])).toEqual({ mean: 5, deviation: Math.sqrt(13), least: 2, most: 9, runs: [2, 4, 9] });
  expect(spreadOf([3]).deviation).toBe(0);
});

describe("a difference is claimed where its interval leaves zero out", () => {
  test("the interval is Student's", () => {
    // Differences 1, 2, 3: mean 2, standard error 1 / sqrt 3, t for 2 degrees of freedom 4.303.
    const d = difference([2, 4, 6], [1, 2, 3]);
    expect(d.mean).toBe(2);
    expect(d.low).toBeCloseTo(2 - 4.303 / Math.sqrt(3), 12);
    expect(d.high).toBeCloseTo(2 + 4.303 / Math.sqrt(3), 12);
    expect(d.sign).toBe("unclear");
  });

  test("pairs count, not groups: a constant gain is clear however far the seeds scatter", () => {
    expect(difference([0.51, 0.71, 0.91], [0.5, 0.7, 0.9]).sign).toBe("above");
    expect(difference([0.5, 0.7, 0.9], [0.51, 0.71, 0.91]).sign).toBe("below");
  });

  test("one run, no difference and no number claim nothing", () => {
    expect(difference([1], [0]).sign).toBe("unclear");
    expect(difference([1, 2, 3], [1, 2, 3]).sign).toBe("unclear");
    expect(difference([Number.NaN, 1], [0, 0]).sign).toBe("unclear");
  });

  test("differing lengths are a mistake", () => {
    expect(() => difference([1, 2], [1])).toThrow("takes as many of both, got 2 and 1");
    expect(() => difference([], [])).toThrow(RangeError);
  });
});

describe("sentences follow the numbers", () => {
  const [low, high] = [
    [0.5, 0.52, 0.51],
    [0.6, 0.62, 0.61],
  ] as const;
  test.each([
    [change(low, high), /^gains 10\.0 points of accuracy \(95% interval 10\.0 to 10\.0 points\)$/],
    [change(high, low), /^loses 10\.0 points of accuracy \(95% interval 10\.0 to 10\.0 points\)$/],
    [change(low, [0.4, 0.7, 0.5]), /^shows no clear change of accuracy in 3 runs: \+2\.3 points/],
    [comparison("A", high, "B", low), /^A is better than B by 10\.0 points/],
    [comparison("A", low, "B", high), /^A is worse than B by 10\.0 points/],
    [comparison("A", low, "B", [0.4, 0.7, 0.5]), /^A and B cannot be told apart in 3 runs/],
    [comparison("A", [0.5], "B", [0.9]), /one run gives no interval/],
  ])("%s", (text, expected) => expect(text).toMatch(expected));

  test("an interval of a loss is a loss too", () => {
    expect(change([0.9, 0.9, 0.9], [0.8, 0.79, 0.81])).toMatch(/loses 10\.0 points of accuracy \(95% interval 7\.5 to 12\.5 points\)/);
  });

  test("a value with its deviation", () => {
    expect(valueText(spreadOf([0.9, 0.92]), "percent")).toBe("91.0% ± 1.4");
    expect(valueText(0.9, "percent")).toBe("90.0%");
    expect(valueText(spreadOf([0.031]), "points")).toBe("3.1");
  });
});
