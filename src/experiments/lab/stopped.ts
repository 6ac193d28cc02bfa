/** Somebody asked the experiment to end before its time. Nothing of it is kept. */
export class Stopped extends Error {
  override readonly name: string = "Stopped";
  constructor() {
    super("experiment: it was stopped before its end.");
  }
}
