import { constant, type Expr, index, mapExpr, select, type Table } from "./expr.ts";
import { Int } from "./int.ts";
import type { Kernel } from "./kernel.ts";

/** The kernel with every entry of a constant matrix chosen by comparisons: any backend can run that, slowly. */
export function withoutTables(k: Kernel): Kernel {
  const go = (e: Expr): Expr => mapExpr(e, (x) => (x.kind === "table" ? chosen(x) : x));
  return { ...k, body: go(k.body), post: go(k.post) };
}

function chosen({ values, row, column }: Table): Expr {
  const width = values[0]!.length;
  const at = index(row.mul(width).add(column));
  return values
    .flat()
    .reduce<Expr>((rest, value, i) => (value === 0 ? rest : select("eq", at, index(Int.of(i)), constant(value), rest)), constant(0));
}
