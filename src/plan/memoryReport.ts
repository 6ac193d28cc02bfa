/** Exact bytes a program needs, known before anything runs. */
export interface MemoryReport {
  /** Parameters and other states that gradients are taken by. */
  readonly weights: number;
  /** Values of the forward pass, at the moment of their largest sum. */
  readonly activations: number;
  /** Values of the backward pass, likewise. */
  readonly gradients: number;
  /** States that only updates use: momentum, running moments. */
  readonly optimizer: number;
  /** Inputs and outputs, packed weights, padded copies, partial sums, the control block. */
  readonly scratch: number;
  /** The sum of all, which is what the arena allocates. */
  readonly total: number;
}
