/** Small constant matrices times vectors of vectors, in registers. */
import type { Matrix } from "../../kernel/expr.ts";
import type { FunctionBuilder, Local } from "./function.ts";

/** A matrix times a vector of vectors, as new locals. */
export type Product = (f: FunctionBuilder, x: readonly Local[]) => Local[];

/**
 * The product by a matrix, for emitting it many times. Rows (or columns) of opposite points, p and -p, agree in their even and differ in the
 * sign of their odd entries: the two parts are computed once.
 */
export const productBy = (matrix: Matrix): Product => (costOfRows(matrix) <= costOfColumns(matrix) ? byRows(matrix) : byColumns(matrix));

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

function costOfColumns(matrix: Matrix): number {
  const { rows, pairs } = foldedColumns(matrix);
  return 2 * pairs.size + rows.reduce((n, row) => n + cost(row), 0);
}

/** The matrix over sums and differences of paired columns; `pairs` are the first of each two. */
function foldedColumns(matrix: Matrix): { rows: number[][]; pairs: ReadonlySet<number> } {
  const columns: number[][] = [];
  const pairs = new Set<number>();
  for (let j = 0; j < matrix[0]!.length; j++) {
    const [a, b] = [column(matrix, j)!, column(matrix, j + 1)];
    if (!isPair(a, b)) columns.push([...a]);
    else {
      columns.push(...parts(a, b));
      pairs.add(j);
      j++;
    }
  }
  return { rows: matrix.map((_, i) => columns.map((c) => c[i]!)), pairs };
}

function byRows(matrix: Matrix): Product {
  const parted: (readonly Term[])[][] = [];
  for (let i = 0; i < matrix.length; i++) {
    const [a, b] = [matrix[i]!, matrix[i + 1]];
    if (!isPair(a, b)) parted.push([termsOf(a)]);
    else {
      parted.push(parts(a, b).map(termsOf));
      i++;
    }
  }
  return (f, x) =>
    parted.flatMap((rows) => {
      const [even, odd] = rows.map((terms) => combination(f, terms, x)) as [Local, Local | undefined];
      return odd ? [sumOf(f, even, odd), differenceOf(f, even, odd)] : [even];
    });
}

function byColumns(matrix: Matrix): Product {
  const { rows, pairs } = foldedColumns(matrix);
  const terms = rows.map(termsOf);
  return (f, x) => {
    const folded: Local[] = [];
    for (let j = 0; j < x.length; j++) {
      if (!pairs.has(j)) folded.push(x[j]!);
      else {
        folded.push(sumOf(f, x[j]!, x[j + 1]!), differenceOf(f, x[j]!, x[j + 1]!));
        j++;
      }
    }
    return terms.map((row) => combination(f, row, folded));
  };
}

const kept = (f: FunctionBuilder): Local => {
  const l = f.local("v128");
  f.set(l);
  return l;
};
const sumOf = (f: FunctionBuilder, a: Local, b: Local): Local => kept(f.get(a).get(b).op("f32x4.add"));
const differenceOf = (f: FunctionBuilder, a: Local, b: Local): Local => kept(f.get(a).get(b).op("f32x4.sub"));

/** A factor, and the number of the vector that it is for. */
type Term = readonly [factor: number, x: number];

/** The terms of a sum of factors times vectors, in order, but one that needs no product first. */
function termsOf(factors: readonly number[]): readonly Term[] {
  const terms = factors.map((c, i): Term => [c, i]).filter(([c]) => c !== 0);
  const first = terms.findIndex(([c]) => c === 1);
  return first > 0 ? [terms[first]!, ...terms.toSpliced(first, 1)] : terms;
}

/** The sum of these terms. */
function combination(f: FunctionBuilder, terms: readonly Term[], x: readonly Local[]): Local {
  if (terms.length === 0) return kept(f.f32x4(0));
  terms.forEach(([c, j], i) => {
    f.get(x[j]!);
    if (i === 0) {
      if (c !== 1) f.f32x4(c).op("f32x4.mul");
      return;
    }
    if (Math.abs(c) !== 1) f.f32x4(Math.abs(c)).op("f32x4.mul");
    f.op(c > 0 ? "f32x4.add" : "f32x4.sub");
  });
  return kept(f);
}
