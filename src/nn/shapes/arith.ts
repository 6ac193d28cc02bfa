/**
 * Exact arithmetic on literal sizes in the type system, digit by digit; `number` in, `number` out. Types only.
 *
 * Counting in tuples would be shorter but cannot say 512 * 7 * 7: the compiler's limits are on tuple length and recursion
 * depth, and a decimal number needs only one step per digit.
 */

/** A number as a tuple of its length. */
type Unary = readonly 0[];
type NumberOf<S extends string> = S extends `${infer N extends number}` ? N : number;

/** Each digit in unary. */
interface UnaryOf {
  0: [];
  1: [0];
  2: [0, 0];
  3: [0, 0, 0];
  4: [0, 0, 0, 0];
  5: [0, 0, 0, 0, 0];
  6: [0, 0, 0, 0, 0, 0];
  7: [0, 0, 0, 0, 0, 0, 0];
  8: [0, 0, 0, 0, 0, 0, 0, 0];
  9: [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Digit = keyof UnaryOf;
type Ten = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

// How the sum of a column, 0 to 19, splits into its digit and its carry.
// biome-ignore format: a table
interface LowDigit { 0: 0; 1: 1; 2: 2; 3: 3; 4: 4; 5: 5; 6: 6; 7: 7; 8: 8; 9: 9; 10: 0; 11: 1; 12: 2; 13: 3; 14: 4; 15: 5; 16: 6; 17: 7; 18: 8; 19: 9 }
// biome-ignore format: a table
interface Carry { 0: []; 1: []; 2: []; 3: []; 4: []; 5: []; 6: []; 7: []; 8: []; 9: []; 10: [0]; 11: [0]; 12: [0]; 13: [0]; 14: [0]; 15: [0]; 16: [0]; 17: [0]; 18: [0]; 19: [0] }
type ColumnSum = keyof LowDigit;

/** "405" -> [5, 0, 4]: least significant first. */
type Digits<S extends string, R extends Digit[] = []> = S extends `${infer A extends Digit}${infer B}` ? Digits<B, [A, ...R]> : R;
/** "007" -> "7". */
type Trim<S extends string> = S extends `0${infer R}` ? (R extends "" ? "0" : Trim<R>) : S;

// ---- sum: column by column, R the digits so far, C the carry --------------------------------------------------------

type AddDigits<A extends readonly Digit[], B extends readonly Digit[], C extends Unary, R extends string> = A extends readonly [
  infer X extends Digit,
  ...infer A2 extends readonly Digit[],
]
  ? B extends readonly [infer Y extends Digit, ...infer B2 extends readonly Digit[]]
    ? Column<A2, B2, [...UnaryOf[X], ...UnaryOf[Y], ...C]["length"] & ColumnSum, R>
    : Column<A2, [], [...UnaryOf[X], ...C]["length"] & ColumnSum, R>
  : B extends readonly [infer Y extends Digit, ...infer B2 extends readonly Digit[]]
    ? Column<[], B2, [...UnaryOf[Y], ...C]["length"] & ColumnSum, R>
    : C extends [0]
      ? `1${R}`
      : R;
type Column<A extends readonly Digit[], B extends readonly Digit[], S extends ColumnSum, R extends string> = AddDigits<
  A,
  B,
  Carry[S],
  `${LowDigit[S]}${R}`
>;
type AddStrings<A extends string, B extends string> = AddDigits<Digits<A>, Digits<B>, [], "">;

// ---- difference: the same with a borrow; "-" where it would be negative ---------------------------------------------

type SubDigits<A extends readonly Digit[], B extends readonly Digit[], C extends Unary, R extends string> = A extends readonly [
  infer X extends Digit,
  ...infer A2 extends readonly Digit[],
]
  ? B extends readonly [infer Y extends Digit, ...infer B2 extends readonly Digit[]]
    ? Borrow<A2, B2, UnaryOf[X], [...UnaryOf[Y], ...C], R>
    : Borrow<A2, [], UnaryOf[X], C, R>
  : B extends readonly []
    ? C extends [0]
      ? "-"
      : R
    : "-";
type Borrow<
  A extends readonly Digit[],
  B extends readonly Digit[],
  X extends Unary,
  Y extends Unary,
  R extends string,
> = X extends readonly [...Y, ...infer Z extends Unary]
  ? SubDigits<A, B, [], `${Z["length"]}${R}`>
  : [...Ten, ...X] extends readonly [...Y, ...infer Z extends Unary]
    ? SubDigits<A, B, [0], `${Z["length"]}${R}`>
    : never;
type SubStrings<A extends string, B extends string> = Trim<SubDigits<Digits<A>, Digits<B>, [], "">>;

// ---- product: one digit of B at a time, most significant first ------------------------------------------------------

type Predecessor = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
type TimesDigit<A extends string, B extends Digit> = B extends 0 ? "0" : B extends 1 ? A : AddStrings<A, TimesDigit<A, Predecessor[B]>>;
type MulStrings<A extends string, B extends string, R extends string = "0"> = B extends `${infer X extends Digit}${infer B2}`
  ? MulStrings<A, B2, AddStrings<Trim<`${R}0`>, TimesDigit<A, X>>>
  : R;

// ---- quotient: long division. The divisor is in unary, so it should stay below about 1000 (strides and groups do) ---

type TimesTen<R extends Unary> = [...R, ...R, ...R, ...R, ...R, ...R, ...R, ...R, ...R, ...R];
type ToUnary<S extends string, R extends Unary = []> = S extends `${infer X extends Digit}${infer S2}`
  ? ToUnary<S2, [...TimesTen<R>, ...UnaryOf[X]]>
  : R;
/** [quotient digit, remainder]. */
type Quotient<R extends Unary, B extends Unary, Q extends Unary = []> = R extends readonly [...B, ...infer R2 extends Unary]
  ? Quotient<R2, B, [...Q, 0]>
  : [Q["length"], R];
/** [quotient, remainder in unary]. */
type DivStrings<A extends string, B extends Unary, R extends Unary = [], Q extends string = ""> = A extends `${infer X extends
  Digit}${infer A2}`
  ? Quotient<[...TimesTen<R>, ...UnaryOf[X]], B> extends [infer q extends number, infer r extends Unary]
    ? DivStrings<A2, B, r, `${Q}${q}`>
    : never
  : [Q, R];

/** A + B. */
export type Add<A extends number, B extends number> = NumberOf<AddStrings<`${A}`, `${B}`>>;
/** A - B, or -1 where it would be negative. */
export type Sub<A extends number, B extends number> =
  SubStrings<`${A}`, `${B}`> extends infer R extends string ? (R extends "-" ? -1 : NumberOf<R>) : never;
/** A * B. */
export type Mul<A extends number, B extends number> = NumberOf<MulStrings<`${A}`, `${B}`>>;
/** floor(A / B). */
export type Div<A extends number, B extends number> =
  DivStrings<`${A}`, ToUnary<`${B}`>> extends [infer Q extends string, unknown] ? NumberOf<Trim<Q>> : never;
/** A mod B. */
export type Mod<A extends number, B extends number> =
  DivStrings<`${A}`, ToUnary<`${B}`>> extends [unknown, infer R extends Unary] ? R["length"] : never;
