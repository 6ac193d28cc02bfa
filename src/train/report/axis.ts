/** Axes of a chart: where a value lies, and which values get a mark. */

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface Axis {
  readonly ticks: readonly Tick[];
  /** 0 at the axis's start, 1 at its end; outside values are moved to the nearer one. */
  at(value: number): number;
}

type Label = (value: number) => string;

/** From `low` to `high` exactly, marks at round values, no more than `most`. */
export function linearAxis(low: number, high: number, most: number, label: Label, least = 0): Axis {
  const step = Math.max(least, roundStep((high - low) / most));
  const ticks: Tick[] = [];
  const first = Math.ceil(low / step - 1e-9);
  for (let k = first; k * step <= high + step * 1e-9; k++) ticks.push({ value: k * step, label: label(k * step) });
  return { ticks, at: (value) => within((value - low) / (high - low)) };
}

/** Powers of ten, with 2 and 5 between them where there is room. Both ends must be above zero. */
export function logAxis(low: number, high: number, label: Label): Axis {
  const decades = Math.log10(high / low);
  const parts = decades < 1.5 ? [1, 2, 3, 5, 7] : decades < 2.6 ? [1, 2, 5] : decades < 4 ? [1, 3] : [1];
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const part of parts) {
      const value = power < 0 ? part / 10 ** -power : part * 10 ** power;
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push({ value, label: label(value) });
    }
  }
  return { ticks, at: (value) => within(Math.log10(Math.max(value, low) / low) / decades) };
}

/** The smallest of 1, 2, 5, 10, ... times a power of ten that is not below `step`. */
export function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  for (const factor of [1, 2, 5]) if (factor * power >= step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

const within = (t: number): number => Math.min(1, Math.max(0, t));
