/** An engine that can not start or has stopped for good. What its memory held is half updated. */
export class EngineError extends Error {
  constructor(what: string) {
    super(`engine: ${what}`);
    this.name = "EngineError";
  }
}
