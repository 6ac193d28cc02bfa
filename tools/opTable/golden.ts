import { join } from "node:path";
import { BACKENDS } from "../backends.ts";
import { type GoldenCase, readCases } from "../conformance/manifest.ts";
import { runCase } from "../conformance/runCase.ts";
import { outcomeOf } from "../conformance/status.ts";
import { markdown } from "./markdown.ts";

const CASES = join(import.meta.dirname, "..", "..", "test", "golden", "cases");
const RANKS = ["1-D", "2-D", "3-D", "no space"] as const;

/** How many golden cases of each op pass, by the rank of their space; a case passes with its gradients or not at all. */
export async function goldenTable(): Promise<string> {
  const cases = (await readCases(CASES)).filter((c) => c.op !== "optimizer" && c.op !== "lr_schedule");
  const backends = Object.entries(BACKENDS).flatMap(([name, make]) => (make ? [{ name, backend: make(1, "direct") }] : []));
  const passed = new Map<GoldenCase, ReadonlySet<string>>();
  for (const c of cases) {
    const own = new Set<string>();
    for (const { name, backend } of backends)
      if ((await outcomeOf("golden", c.name, c.op, () => runCase(c, backend))).status === "passed") own.add(name);
    passed.set(c, own);
  }
  const cell = (some: readonly GoldenCase[]): string => {
    if (some.length === 0) return "";
    const counts = backends.map(({ name }) => some.filter((c) => passed.get(c)!.has(name)).length);
    if (counts.every((n) => n === counts[0])) return `${counts[0]} of ${some.length}`;
    return `${backends.map(({ name }, i) => `${name} ${counts[i]}`).join(", ")} of ${some.length}`;
  };
  const rows = [...new Set(cases.map(opOf))].map((op) => {
    const own = cases.filter((c) => opOf(c) === op);
    const withGradients = own.filter((c) => Object.keys(c.grads).length > 0);
    return [op, ...RANKS.map((rank) => cell(own.filter((c) => rankOf(c) === rank))), `${withGradients.length} of ${own.length}`];
  });
  return [
    `PyTorch's golden vectors: cases that pass on ${backends.map((b) => b.name).join(" and ")}, outputs and gradients; in the last column how many ` +
      "of the cases have gradients. No case, no entry.",
    markdown(["golden op", ...RANKS, "with gradients"], rows),
  ].join("\n\n");
}

/** conv1d, conv2d and conv3d are one op. */
const opOf = (c: GoldenCase): string => c.op.replace(/[123]d$/, "");

function rankOf(c: GoldenCase): (typeof RANKS)[number] {
  const { output_size: size } = c.attrs;
  const rank = Number(/([123])d$/.exec(c.op)?.[1] ?? (Array.isArray(size) ? size.length : (c.inputs.x?.shape.length ?? 2) - 2));
  return RANKS[rank - 1] ?? "no space";
}
