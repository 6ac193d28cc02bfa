import { expect, test } from "vitest";
import { experiments } from "../../src/experiments/index.ts";
import { GROUPS } from "./groups.ts";

test("every experiment has a name of its own, and is in a group that tests it", () => {
  const names = experiments.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(Object.values(GROUPS).flat().sort());
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test("each says what it asks, in a form that lists and pages can use", () => {
  for (const { line, question, why } of experiments) {
    expect(line).toMatch(/^[a-z].*[^.]$/);
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect(why).toMatch(/\.$/);
  }
});
