/** The ways in which a data set as a whole can be wrong. A single malformed file is a FormatError. */
export type DataFault =
  /** A label that names no class. */
  | "label"
  /** As many labels as images are needed. */
  | "count"
  /** A shape, a range of rows or a list of statistics that does not fit the images. */
  | "shape"
  /** No such folder or file, or nothing in it that was looked for. */
  | "missing"
  /** A folder that holds more than one data set. */
  | "ambiguous"
  /** No mirror delivered the file. */
  | "download"
  /** An image that cannot be read or written. */
  | "image"
  /** A package that reads images is not installed. */
  | "package";

/** A data set, or the place it should come from, is wrong. Messages read `<scope>: <what is wrong>, got <value>. <what to do>`. */
export class DataError extends Error {
  override readonly name: string = "DataError";
  readonly fault: DataFault;

  constructor(fault: DataFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
