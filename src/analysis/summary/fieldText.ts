import type { ReceptiveField } from "../receptiveField/receptiveFields.ts";

/** "14/2": 14 pixels along every axis, 2 from one to the next; "3x7/1x2" where axes differ; "" for none. */
export const fieldText = (field: ReceptiveField | null): string => (field ? `${same(field.size)}/${same(field.stride)}` : "");

/** The size alone: "14". */
export const sizeText = (field: ReceptiveField | null): string => (field ? same(field.size) : "");

const same = (sizes: readonly number[]): string => (sizes.every((n) => n === sizes[0]) ? `${sizes[0]}` : sizes.join("x"));
