/** A file is not what its format asks for. `fault` says in which way; the message names the file, the value and the remedy. */
export class FormatError<F extends string = string> extends Error {
  override readonly name: string = "FormatError";
  readonly file: string;
  readonly fault: F;

  /** `message` follows `<what is wrong>, got <value>. <what to do>`; the file is put before it. */
  constructor(file: string, fault: F, message: string, options?: ErrorOptions) {
    super(`${file}: ${message}`, options);
    this.file = file;
    this.fault = fault;
  }
}
