import { constantSchedule, cosineSchedule, type Schedule } from "../optim/schedules.ts";

/** Schedules of the learning rate by name. */
export const SCHEDULES: { readonly cosine: Schedule; readonly constant: Schedule } = { cosine: cosineSchedule, constant: constantSchedule };
