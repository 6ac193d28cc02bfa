import { expect, it } from "vitest";
import { nearest } from "../../src/base/nearest.ts";

it("nearest finds what was probably meant, or nothing", () => {
  const words = ["train", "test", "summary", "predict"];
  expect(nearest("trian", words)).toBe("train");
  expect(nearest("Sumary", words)).toBe("summary");
  expect(nearest("tset", words)).toBe("test");
  expect(nearest("banana", words)).toBeUndefined();
  expect(nearest("", words)).toBeUndefined();
  expect(nearest("train", [])).toBeUndefined();
});
