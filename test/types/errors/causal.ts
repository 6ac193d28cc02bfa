import { Conv2d } from "../../../src/nn/index.ts";
// @includes Type '"causal"' is not assignable to type
export const c = new Conv2d(3, 4, 3, { padding: "causal" });
// @runtime Conv2d: padding causal is for one spatial axis, got 2. Give [before, after] for each
