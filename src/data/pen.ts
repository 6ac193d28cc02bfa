/** Drawing with a round, soft-edged pen on a small grey canvas. Only + - * / and sqrt: the same bits on every engine. */
import type { Stroke } from "./skeletons.ts";

/** Straight pieces that one curved span of a stroke becomes; at 28 pixels more make no visible difference. */
const PIECES = 4;
/** A straight stroke is cut finer, so that the elastic distortion can bend it. */
const STRAIGHT_PIECES = 6;

/** Successive points, joined by straight lines. */
export interface Polyline {
  readonly x: number[];
  readonly y: number[];
}

/** The uniform quadratic B-spline of a control polygon, clamped at both ends, as a polyline. */
export function polyline(stroke: Stroke): Polyline {
  const x = [stroke[0]!];
  const y = [stroke[1]!];
  const last = stroke.length / 2 - 1;
  if (last === 1) {
    for (let k = 1; k <= STRAIGHT_PIECES; k++) {
      const t = k / STRAIGHT_PIECES;
      x.push(stroke[0]! + t * (stroke[2]! - stroke[0]!));
      y.push(stroke[1]! + t * (stroke[3]! - stroke[1]!));
    }
    return { x, y };
  }
  for (let i = 1; i < last; i++) {
    // Each span is a Bezier curve from one middle of the polygon's sides to the next, around a control point.
    const [ax, ay] = [x[x.length - 1]!, y[y.length - 1]!];
    const [bx, by] = [stroke[2 * i]!, stroke[2 * i + 1]!];
    const [nx, ny] = [stroke[2 * i + 2]!, stroke[2 * i + 3]!];
    const [cx, cy] = i === last - 1 ? [nx, ny] : [(bx + nx) / 2, (by + ny) / 2];
    for (let k = 1; k <= PIECES; k++) {
      const t = k / PIECES;
      const u = 1 - t;
      x.push(u * u * ax + 2 * u * t * bx + t * t * cx);
      y.push(u * u * ay + 2 * u * t * by + t * t * cy);
    }
  }
  return { x, y };
}

/** A square of grey values, 0 (blank) to 1 (full ink). Pixel (x, y) has its centre at that point. */
export class Canvas {
  readonly side: number;
  readonly ink: Float64Array;

  constructor(side: number) {
    this.side = side;
    this.ink = new Float64Array(side * side);
  }

  clear(): void {
    this.ink.fill(0);
  }

  /**
   * Draws from (ax, ay) to (bx, by) in pixels. Ink is `level` up to `radius - softness` from the line and falls smoothly to
   * nothing at `radius + softness`. Where lines overlap the darker one counts.
   */
  line(ax: number, ay: number, bx: number, by: number, radius: number, softness: number, level: number): void {
    const { side, ink } = this;
    const reach = radius + softness;
    const left = Math.max(0, Math.ceil(Math.min(ax, bx) - reach));
    const right = Math.min(side - 1, Math.floor(Math.max(ax, bx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(ay, by) - reach));
    const bottom = Math.min(side - 1, Math.floor(Math.max(ay, by) + reach));
    const dx = bx - ax;
    const dy = by - ay;
    const length2 = dx * dx + dy * dy;
    const inverse = length2 > 0 ? 1 / length2 : 0;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = ((x - ax) * dx + (y - ay) * dy) * inverse;
        const t = Math.min(1, Math.max(0, along));
        const ex = x - ax - t * dx;
        const ey = y - ay - t * dy;
        const distance2 = ex * ex + ey * ey;
        if (distance2 >= reach * reach) continue;
        const edge = (reach - Math.sqrt(distance2)) / (2 * softness);
        const value = edge >= 1 ? level : edge * edge * (3 - 2 * edge) * level;
        const at = y * side + x;
        if (value > ink[at]!) ink[at] = value;
      }
    }
  }
}
