import type { Buffer, Expr, Guard, Load } from "../../kernel/expr.ts";
import type { Axis, Int } from "../../kernel/int.ts";

/**
 * Writes indices and expressions as text by structure: two that mean the same computation, with axes and buffers numbered
 * in order of first sight, give the same text.
 */
export class Structure {
  readonly #axes = new Map<Axis, number>();
  readonly #buffers = new Map<Buffer, number>();
  readonly #texts = new WeakMap<Expr, string>();

  axis(a: Axis): number {
    return numbered(this.#axes, a);
  }

  buffer(b: Buffer): number {
    return numbered(this.#buffers, b);
  }

  int(i: Int): string {
    const { constant, steps, jumps } = i.takeApart();
    const parts: string[] = [];
    for (const [a, step] of steps) parts.push(`${step}a${this.axis(a)}`);
    for (const j of jumps) parts.push(`${j.times}(${this.int(j.int.args[0]!)}${j.int.op === "div" ? "/" : "%"}${j.int.value})`);
    if (parts.length > 1) parts.sort();
    let text = `${constant}`;
    for (const part of parts) text += `+${part}`;
    return text;
  }

  guard(g: Guard): string {
    return g.test === "isZero" ? `${this.int(g.at)}=0` : `${g.low}<=${this.int(g.at)}<${g.high}`;
  }

  load(l: Load): string {
    const guards = l.guards.map((g) => this.guard(g));
    const condition = guards.length > 0 ? `?${guards.join("&")}:${numeral(l.otherwise)}` : "";
    return `b${this.buffer(l.buffer)}[${l.index.map((i) => this.int(i)).join()}]${condition}`;
  }

  expr(e: Expr): string {
    const known = this.#texts.get(e);
    if (known !== undefined) return known;
    const text = this.#write(e);
    this.#texts.set(e, text);
    return text;
  }

  #write(e: Expr): string {
    switch (e.kind) {
      case "load":
        return this.load(e);
      case "const":
        return numeral(e.value);
      case "table":
        return `t[${e.values.map((row) => row.map(numeral).join()).join(";")}](${this.int(e.row)},${this.int(e.column)})`;
      case "index":
        return `i(${this.int(e.at)})`;
      case "acc":
        return e.dtype;
      case "unary":
        return `${e.fn}(${this.expr(e.a)})`;
      case "binary":
        return `${e.fn}(${this.expr(e.a)},${this.expr(e.b)})`;
      case "toFloat":
        return `f(${this.expr(e.a)})`;
      case "select":
        return `${e.fn}(${this.expr(e.a)},${this.expr(e.b)},${this.expr(e.then)},${this.expr(e.otherwise)})`;
    }
  }
}

function numbered<T>(map: Map<T, number>, x: T): number {
  const known = map.get(x);
  if (known !== undefined) return known;
  map.set(x, map.size);
  return map.size - 1;
}

/** The number as text; -0 is not 0. */
const numeral = (x: number): string => (Object.is(x, -0) ? "-0" : `${x}`);
