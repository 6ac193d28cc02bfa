/** Small constant matrices times vectors of vectors, in registers. */
import type { Matrix } from "../../kernel/expr.ts";
import type { FunctionBuilder, Local } from "./function.ts";

type Term = readonly [factor: number, x: Local];

/**
 * matrix x, as new locals. Rows (or columns) of opposite points, p and -p, agree in their even and differ in the sign of their odd
 * entries: the two parts are computed once.
 */
export function emitMatrix(f: FunctionBuilder, matrix: Matrix, x: readonly Local[]): Local[] {
  return costOfRows(matrix) <= costOfColumns(matrix) ? byRows(f, matrix, x) : byColumns(f, matrix, x);
}

const isPair = (a: readonly number[], b: readonly number[] | undefined): b is readonly number[] =>
  b !== undefined &&
  a.every((v, i) => Math.abs(v) === Math.abs(b[i]!)) &&
  a.some((v, i) => v !== 0 && v === b[i]) &&
  a.some((v, i) => v !== 0 && v === -b[i]!);

const column = (matrix: Matrix, j: number): readonly number[] | undefined =>
  j < matrix[0]!.length ? matrix.map((row) => row[j]!) : undefined;

/** The even and the odd part of two rows that are a pair. */
const parts = (a: readonly number[], b: readonly number[]): readonly [number[], number[]] => [
  a.map((v, i) => (v === b[i] ? v : 0)),
  a.map((v, i) => (v === b[i] ? 0 : v)),
];

/** Operations of a sum of terms. */
const cost = (factors: readonly number[]): number => factors.reduce((n, c) => n + (c === 0 ? 0 : Math.abs(c) === 1 ? 1 : 2), 0);

function costOfRows(matrix: Matrix): number {
  let total = 0;
  for (let i = 0; i < matrix.length; i++) {
    const [a, b] = [matrix[i]!, matrix[i + 1]];
    if (!isPair(a, b)) total += cost(a);
    else {
      const [even, odd] = parts(a, b);
      total += cost(even) + cost(odd) + 2;
      i++;
    }
  }
  return total;
}

const costOfColumns = (matrix: Matrix): number => {
  const { rows, sums } = foldedColumns(matrix);
  return sums + rows.reduce((n, row) => n + cost(row), 0);
};

/** The matrix over sums and differences of paired columns; `sums` counts these. */
function foldedColumns(matrix: Matrix): { rows: number[][]; sums: number } {
  const columns: number[][] = [];
  let sums = 0;
  for (let j = 0; j < matrix[0]!.length; j++) {
    const [a, b] = [column(matrix, j)!, column(matrix, j + 1)];
    if (!isPair(a, b)) columns.push([...a]);
    else {
      columns.push(...parts(a, b));
      sums += 2;
      j++;
    }
  }
  return { rows: matrix.map((_, i) => columns.map((c) => c[i]!)), sums };
}

function byRows(f: FunctionBuilder, matrix: Matrix, x: readonly Local[]): Local[] {
  const out: Local[] = [];
  for (let i = 0; i < matrix.length; i++) {
    const [a, b] = [matrix[i]!, matrix[i + 1]];
    if (!isPair(a, b)) {
      out.push(combination(f, a, x));
      continue;
    }
    const [even, odd] = parts(a, b).map((factors) => combination(f, factors, x)) as [Local, Local];
    out.push(sumOf(f, even, odd), differenceOf(f, even, odd));
    i++;
  }
  return out;
}

function byColumns(f: FunctionBuilder, matrix: Matrix, x: readonly Local[]): Local[] {
  const folded: Local[] = [];
  for (let j = 0; j < x.length; j++) {
    if (!isPair(column(matrix, j)!, column(matrix, j + 1))) folded.push(x[j]!);
    else {
      folded.push(sumOf(f, x[j]!, x[j + 1]!), differenceOf(f, x[j]!, x[j + 1]!));
      j++;
    }
  }
  return foldedColumns(matrix).rows.map((row) => combination(f, row, folded));
}

const kept = (f: FunctionBuilder): Local => {
  const l = f.local("v128");
  f.set(l);
  return l;
};
const sumOf = (f: FunctionBuilder, a: Local, b: Local): Local => kept(f.get(a).get(b).op("f32x4.add"));
const differenceOf = (f: FunctionBuilder, a: Local, b: Local): Local => kept(f.get(a).get(b).op("f32x4.sub"));

/** The sum of factors times vectors, in order, but a term that needs no product first. */
function combination(f: FunctionBuilder, factors: readonly number[], x: readonly Local[]): Local {
  const terms = factors.map((c, i): Term => [c, x[i]!]).filter(([c]) => c !== 0);
  const first = terms.findIndex(([c]) => c === 1);
  const ordered = first > 0 ? [terms[first]!, ...terms.toSpliced(first, 1)] : terms;
  if (ordered.length === 0) return kept(f.f32x4(0));
  ordered.forEach(([c, l], i) => {
    f.get(l);
    if (i === 0) {
      if (c !== 1) f.f32x4(c).op("f32x4.mul");
      return;
    }
    if (Math.abs(c) !== 1) f.f32x4(Math.abs(c)).op("f32x4.mul");
    f.op(c > 0 ? "f32x4.add" : "f32x4.sub");
  });
  return kept(f);
}
