import { floor as floorFn } from "../../src/ops/floor.ts";
import { unary } from "./elementary.ts";
import type { OpCases } from "./opCase.ts";

export const floor: OpCases<{}> = { ...unary(floorFn), stopsGradient: "it is the same between whole numbers" };
