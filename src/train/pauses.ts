/**
 * Gives a function that lets timers, signals and the page have their turn if they have had none for `everyMs`. A loop over
 * `await program.run()` alone never does: a run may be over before it returns, and promises go before everything else.
 */
export function pauses(everyMs = 20): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < everyMs) return;
    await turn();
    last = performance.now();
  };
}

/** Node's setImmediate costs nothing; browsers, which have none, hold a timer back by a few milliseconds at worst. */
const immediate = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate;
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (immediate) immediate(resolve);
    else setTimeout(resolve, 0);
  });
