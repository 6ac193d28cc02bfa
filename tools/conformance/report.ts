import type { Outcome } from "./status.ts";

const STATUSES = ["passed", "failed", "unsupported"] as const;

/** Everything as one JSON object. */
export function jsonReport(outcomes: readonly Outcome[]): string {
  const counts = Object.fromEntries(STATUSES.map((s) => [s, count(outcomes, s)]));
  return JSON.stringify({ ...counts, cases: outcomes });
}

/** A line per op, the reasons of what did not pass, and a total. */
export function textReport(outcomes: readonly Outcome[]): string {
  const rows: string[][] = [["op", ...STATUSES]];
  for (const [op, own] of groupBy(outcomes, (o) => o.op)) rows.push([op, ...STATUSES.map((s) => `${count(own, s)}`)]);
  const lines = aligned(rows);
  for (const status of ["unsupported", "failed"] as const) {
    const found = outcomes.filter((o) => o.status === status);
    if (found.length > 0) lines.push("", `${status}:`);
    // One line a reason: dozens of cases may lack the same thing.
    for (const [reason, own] of groupBy(found, (o) => `${o.op}: ${o.error}`))
      lines.push(`  ${own.map((o) => o.name).join(" ")}: ${reason}`);
  }
  const total = STATUSES.map((s) => `${count(outcomes, s)} ${s}`).join(", ");
  return [...lines, "", `total: ${total}`, ""].join("\n");
}

const count = (outcomes: readonly Outcome[], status: Outcome["status"]): number => outcomes.filter((o) => o.status === status).length;

function groupBy<T>(list: readonly T[], key: (x: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const x of list) {
    const k = key(x);
    const group = groups.get(k);
    if (group) group.push(x);
    else groups.set(k, [x]);
  }
  return groups;
}

/** Columns as wide as their widest cell; the first to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  return rows.map((r) => r.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join(""));
}
