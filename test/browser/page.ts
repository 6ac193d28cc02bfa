/** What the page runs: it gives the tests one function to call. */
import { lenetSteps } from "./lenetSteps.ts";

Object.assign(globalThis, { lenetSteps });
