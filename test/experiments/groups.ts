/** The experiments as the tests run them, a few in each file so that no file takes long. Every experiment is in one group. */
export const GROUPS: { readonly [G in "priors" | "depth" | "shifts" | "costs"]: readonly string[] } = {
  priors: ["permuted-pixels", "sharing", "far-apart", "prior"],
  depth: ["deep-residual", "auxiliary", "separable"],
  shifts: ["pooling-shift", "equivariance", "input-size"],
  costs: ["fft", "winograd", "strided-vs-pool"],
};
