import { randomizationCheck } from "../../analysis/explain/randomizationCheck.ts";
import type { Check } from "../../train/report/explain/data.ts";
import { PIXEL_METHODS, type Question } from "./methods.ts";

/** What is left of a method's answer when the layers lose what they have learnt, one after the other. */
export async function checkOf(method: string, question: Question): Promise<Check> {
  const { title, explain } = PIXEL_METHODS[method]!;
  const layers = await randomizationCheck(question.model, async () => (await explain(question)).map, { seed: question.seed });
  return { method, title, layers: layers.map(({ path, ofSizes, ofValues }) => ({ path, ofSizes, ofValues })) };
}
