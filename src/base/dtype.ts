/** Element types. Arithmetic happens in f32; i32 holds labels and indices, u8 holds images as they are stored. */
export type DType = "f32" | "i32" | "u8";

export type TypedArrayOf = { f32: Float32Array; i32: Int32Array; u8: Uint8Array };

/** Bytes of one element. */
export const BYTES: { readonly [D in DType]: number } = { f32: 4, i32: 4, u8: 1 };

/** A zeroed array of `length` elements. */
export function zeros<D extends DType>(dtype: D, length: number): TypedArrayOf[D] {
  const make: { [K in DType]: (n: number) => TypedArrayOf[K] } = {
    f32: (n) => new Float32Array(n),
    i32: (n) => new Int32Array(n),
    u8: (n) => new Uint8Array(n),
  };
  return make[dtype](length);
}
