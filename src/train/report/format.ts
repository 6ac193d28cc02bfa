/** Numbers as the page writes them: English, with as many digits as carry meaning, the same on every machine. */
import type { Shape } from "../../base/shape.ts";

const NOT_FINITE = "not a number";
const MINUS = "−";
/** Below it zeros would be hard to count. */
const SMALL = 1e-4;

/** `1,234,567` */
export function count(n: number): string {
  if (!Number.isFinite(n)) return NOT_FINITE;
  return signed(String(Math.round(Math.abs(n))).replace(/\B(?=(\d{3})+$)/g, ","), n);
}

/** `1 image`, `2,000 images` */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** A number to `digits` significant digits: `0.0213`, `2.31`, `1,250`, `3.20 × 10⁻⁶`. */
export function significant(x: number, digits = 3): string {
  if (!Number.isFinite(x)) return NOT_FINITE;
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size < SMALL) return signed(scientific(size, digits), x);
  // Of the rounded number: 0.9996 is 1.00.
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Number(size.toPrecision(digits)))));
  const [whole, fraction] = size.toFixed(Math.min(decimals, 20)).split(".");
  return signed(count(Number(whole)) + (fraction === undefined ? "" : `.${fraction}`), x);
}

/** Up to 4 significant digits, without zeros at the end: `0.05`, `0.0125`. */
export function short(x: number): string {
  const text = significant(x, 4);
  return text.includes(".") ? text.replace(/\.?0+(?= |$)/, "").replace(/^(−?)1 × /, "$1") : text;
}

/** `3.20 × 10⁻⁶` */
function scientific(size: number, digits: number): string {
  const [mantissa, power] = size.toExponential(digits - 1).split("e-");
  return `${mantissa} × 10⁻${power!.replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!)}`;
}

/** A share of 1 in percent, with the decimals that `of` items can tell apart: `98.5%` of 200, `98.45%` of 2,000. */
export function percent(share: number, of = 10_000): string {
  if (!Number.isFinite(share)) return NOT_FINITE;
  const decimals = of >= 1000 ? 2 : 1;
  // 100 means all: 9,999.9 of 10,000 must not round up to it.
  const hundredths = share < 1 ? Math.min(share * 100, 100 - 10 ** -decimals) : 100;
  return `${hundredths.toFixed(share === 1 ? 0 : decimals)}%`;
}

/** A probability in percent: `93%`, `0.4%`, `<0.1%`. */
export function probability(p: number): string {
  if (!Number.isFinite(p)) return NOT_FINITE;
  if (p > 0 && p < 0.001) return "<0.1%";
  if (p < 0.1 && p > 0) return `${(p * 100).toFixed(1)}%`;
  return p < 1 && p > 0.99 ? `${Math.min(p * 100, 99.9).toFixed(1)}%` : `${(p * 100).toFixed(0)}%`;
}

/** `0.42 s`, `34.2 s`, `2 min 5 s`, `1 h 2 min` */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return NOT_FINITE;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** Bytes in binary units: `512 bytes`, `1.18 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return counted(bytes, "byte");
  const unit = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  return `${significant(bytes / 1024 ** unit)} ${["KiB", "MiB", "GiB"][unit - 1]}`;
}

/** `6 × 28 × 28` */
export const extents = (shape: Shape): string => shape.map(count).join(" × ");

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** An ISO 8601 moment in words: `3 May 2026, 14:20 UTC`. Anything else stays as it is. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}

const signed = (text: string, x: number): string => (x < 0 && /[1-9]/.test(text) ? MINUS + text : text);
