import { testEvery } from "./everyExperiment.ts";
import { GROUPS } from "./groups.ts";

testEvery(GROUPS.shifts);
