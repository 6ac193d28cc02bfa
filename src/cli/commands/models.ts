import type { Command } from "commander";
import { sizeOf } from "../../base/shape.ts";
import { createModel, models } from "../../models/registry.ts";
import { count } from "../../train/report/format.ts";
import { act, type CommonOptions, command } from "../command.ts";

/** `fovea models`: what the zoo holds. */
export function modelsCommand(): Command {
  const examples = [
    ["every model, its published input and its weights", "fovea models"],
    ["what one of them consists of", "fovea summary resnet50"],
  ] as const;
  return act<CommonOptions>(command("models", "List the models that have a name.", examples), async () => {
    const rows = Object.entries(models).map(([name, { input, dtype, classes }]) => {
      const weights = createModel(name)
        .parameters()
        .reduce((sum, p) => sum + sizeOf(p.shape), 0);
      return { name, input, dtype, classes, weights };
    });
    const cells = [
      ["model", "input", "classes", "weights"],
      ...rows.map((r) => [r.name, `${r.input.join(" x ")}${r.dtype === "i32" ? " tokens" : ""}`, count(r.classes), count(r.weights)]),
    ];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
    const lines = cells.map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "));
    return { json: { models: rows }, text: lines.join("\n") };
  });
}
