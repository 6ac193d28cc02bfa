import type { Explanation } from "../../train/report/explain/data.ts";
import { probability, significant } from "../../train/report/format.ts";

/** Classes named with their probabilities. */
const NAMED = 3;

/** What the terminal says in the end. */
export function inWords({ classes, probabilities, target, trueClass, score, imageName, ...found }: Explanation, out?: string): string {
  const ranked = classes.map((name, k) => ({ name, p: probabilities[k] ?? 0 })).sort((a, b) => b.p - a.p);
  const truth = trueClass === undefined ? "" : `; it is ${classes[trueClass]}`;
  const left = found.checks.map(({ title, layers }) => `${title} ${layers.map(({ ofSizes }) => ofSizes.toFixed(2)).join(" ")}`);
  return [
    `${imageName}: ${ranked
      .slice(0, NAMED)
      .map(({ name, p }) => `${name} ${probability(p)}`)
      .join(", ")}${truth}`,
    `explained: class ${classes[target]}, score ${significant(score)}`,
    ...found.omitted.map(({ method, why }) => `left out: ${method} (${why})`),
    ...(left.length > 0 ? [`rank correlation as layers lose their weights, last one first: ${left.join("; ")}`] : []),
    ...(out === undefined ? [] : [`written to ${out}`]),
  ].join("\n");
}
