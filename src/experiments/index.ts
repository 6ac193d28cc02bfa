/** Every experiment, in the order in which to list them. A new one is its file and its line here. */
import { auxiliary } from "./auxiliary.ts";
import { deepResidual } from "./deepResidual.ts";
import { equivariance } from "./equivariance.ts";
import type { Experiment } from "./experiment.ts";
import { farApart } from "./farApart.ts";
import { fft } from "./fft.ts";
import { inputSize } from "./inputSize.ts";
import { permutedPixels } from "./permutedPixels.ts";
import { poolingShift } from "./poolingShift.ts";
import { prior } from "./prior.ts";
import { separable } from "./separable.ts";
import { sharing } from "./sharing.ts";
import { stridedVsPool } from "./stridedVsPool.ts";
import { winograd } from "./winograd.ts";

export const experiments: readonly Experiment[] = [
  permutedPixels,
  sharing,
  farApart,
  prior,
  deepResidual,
  auxiliary,
  poolingShift,
  equivariance,
  fft,
  winograd,
  separable,
  inputSize,
  stridedVsPool,
];
