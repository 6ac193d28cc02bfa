import { NdArray } from "../../base/ndarray.ts";
import { stridesOf } from "../../base/shape.ts";

/** x [n, channels, ...space] shifted along each axis of space, round its ends: element i goes to i + shift. */
export function rolled(x: NdArray<"f32">, shifts: readonly number[]): NdArray<"f32"> {
  return shifts.reduce((array, shift, d) => rolledAlong(array, d + 2, shift), x);
}

function rolledAlong(x: NdArray<"f32">, axis: number, shift: number): NdArray<"f32"> {
  if (shift === 0) return x;
  const n = x.shape[axis]!;
  const stride = stridesOf(x.shape)[axis]!;
  const y = new NdArray("f32", x.shape);
  for (let i = 0; i < x.data.length; i++) {
    const at = Math.floor(i / stride) % n;
    const to = (((at + shift) % n) + n) % n;
    y.data[i + (to - at) * stride] = x.data[i]!;
  }
  return y;
}
