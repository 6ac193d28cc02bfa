import { Conv2d } from "../../../src/nn/index.ts";
// @includes 'strides' does not exist in type
export const c = new Conv2d(64, 128, 3, { strides: 2 });
// @runtime nothing: unknown options are ignored
