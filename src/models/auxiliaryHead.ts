import type { Child } from "../nn/children.ts";
import { Identity } from "../nn/layers/activation.ts";
import { Auxiliary } from "../nn/layers/auxiliary.ts";

/** An auxiliary head if it is wanted; else what passes its input on likewise, so that it is said to be one, and has no weights. */
export const auxiliaryHead = <const H extends Child>(wanted: boolean, weight: number, head: () => H): Auxiliary<H> =>
  wanted ? new Auxiliary(head(), { weight }) : (new Identity() as unknown as Auxiliary<H>);
