import type { Summary } from "../summary.ts";
import { bytesText, grouped } from "./numbers.ts";

/** The totals that no column holds: the work of both passes, and bytes; each with what it is. */
export function figures({ total, backward, batch, optimizer }: Summary): readonly (readonly [what: string, value: string])[] {
  const { training, inference } = total.bytes;
  const times = total.multiplyAdds > 0 && backward.total !== null ? ` (${(backward.total / total.multiplyAdds).toFixed(2)} x)` : "";
  const back = backward.total === null ? "" : `, ${grouped(backward.total)} backward${times}`;
  return [
    ["multiply-adds", `${grouped(total.multiplyAdds)} forward${back}`],
    [
      "memory to train",
      training === null ? `none, batch ${grouped(batch)}: see below` : `${bytesText(training)}, batch ${grouped(batch)}, ${optimizer}`,
    ],
    ["memory to infer", `${bytesText(inference)}, batch ${grouped(batch)}`],
  ];
}

/** What has to be known of the rows, and what is odd, in lines. */
export const notes = ({ batch, trainingOnly, warnings, trainingProblem }: Summary): readonly string[] => [
  ...(trainingOnly.length > 0 ? [`only while training: ${placesOf(trainingOnly).join(", ")}`] : []),
  ...warnings.map((w) => `warning: ${w.message}`),
  ...(trainingProblem === undefined ? [] : [`no training with batch ${batch}: ${trainingProblem}`]),
];

/** The containers of these layers, without those in others: "aux1". */
function placesOf(names: readonly string[]): readonly string[] {
  const places = new Set(names.map((name) => (name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name)));
  return [...places].filter((place) => ![...places].some((other) => place.startsWith(`${other}.`)));
}
