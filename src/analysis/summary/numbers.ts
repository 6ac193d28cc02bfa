/** Numbers and shapes as a summary writes them: the same on every machine. */
import type { Shape } from "../../base/shape.ts";

/** 61706 -> "61,706". */
export const grouped = (n: number): string => `${n}`.replace(/\B(?=(\d{3})+$)/g, ",");

const UNITS = ["", "k", "M", "G", "T", "P"] as const;

/** Three digits and a unit of thousands: 1814073344 -> "1.81G". Below 1000 exact. */
export function rounded(n: number): string {
  if (n < 1000) return `${n}`;
  let unit = Math.min(Math.floor(Math.log10(n) / 3), UNITS.length - 1);
  // 999,950 is 1.00M, not 1000k.
  if (Number((n / 1000 ** unit).toPrecision(3)) >= 1000 && unit < UNITS.length - 1) unit++;
  return `${(n / 1000 ** unit).toPrecision(3)}${UNITS[unit]}`;
}

/** "113,851,072 bytes (109 MiB)". */
export function bytesText(bytes: number): string {
  const exact = `${grouped(bytes)} bytes`;
  if (bytes < 1024) return exact;
  const power = bytes < 1024 ** 2 ? 1 : bytes < 1024 ** 3 ? 2 : 3;
  const size = bytes / 1024 ** power;
  return `${exact} (${size < 1000 ? size.toPrecision(3) : size.toFixed(0)} ${["KiB", "MiB", "GiB"][power - 1]})`;
}

/** [16, 10, 10] -> "16x10x10"; a single number is "1". */
export const shapeText = (shape: Shape): string => (shape.length === 0 ? "1" : shape.join("x"));

/** A share of 1 in percent, with one decimal; "" for none. */
export function percent(share: number): string {
  if (share === 0) return "";
  if (share < 0.0005) return "<0.1%";
  return share >= 0.9995 ? "100%" : `${(100 * share).toFixed(1)}%`;
}

/** The text in at most `width` characters. */
export const shortened = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
