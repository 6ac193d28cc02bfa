/** Files that other programs write and read. Without anything that needs Node. */
export { FormatError } from "../base/formatError.ts";
export { fromSafetensors, type Safetensors, type SafetensorsFault, toSafetensors } from "./safetensors.ts";
