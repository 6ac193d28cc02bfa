/** Times all peers on one item in turn, so that whatever the machine does meanwhile happens to all of them. */
import { machineTime, median, minimum, QUIET } from "../stopwatch.ts";
import type { NamedItem } from "./items.ts";
import { Absence, type PeerProcess, type WindowTimes } from "./peerProcess.ts";

/** The times of one peer. */
export type Outcome = { readonly ms: number; readonly best: number; readonly noisy: boolean } | { readonly absent: string };

const WARM_UP_MS = 200;
const WINDOW_MS = 200;
/** A run that takes longer needs no second one to warm up. */
const SLOW_MS = 1000;
/** For how long a window in which others used the machine is taken again. */
const PATIENCE_MS = 1500;

interface Window {
  readonly median: number;
  readonly best: number;
  readonly quiet: boolean;
}

/** The median of `rounds` windows of each peer; one that can not do the item says why. */
export async function takeTurns(peers: readonly PeerProcess[], { item }: NamedItem, rounds: number): Promise<Map<PeerProcess, Outcome>> {
  const outcomes = new Map<PeerProcess, Outcome>();
  const windows = new Map<PeerProcess, Window[]>();
  const turn = async (peer: PeerProcess, act: () => Promise<void>): Promise<void> => {
    if (outcomes.has(peer)) return;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Absence)) throw error;
      outcomes.set(peer, { absent: error.message });
    }
  };
  for (const peer of peers) {
    await turn(peer, async () => {
      await peer.prepare(item);
      const { times } = await peer.window(WARM_UP_MS);
      if (times.length === 1 && times[0]! < SLOW_MS) await peer.window(0);
      windows.set(peer, []);
    });
  }
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) await turn(peer, async () => void windows.get(peer)!.push(await quietWindow(peer)));
  }
  for (const [peer, taken] of windows) if (!outcomes.has(peer)) outcomes.set(peer, outcome(taken));
  return outcomes;
}

/** Medians of windows in which nobody else used the machine, if there is one. */
function outcome(windows: readonly Window[]): Outcome {
  const quiet = windows.filter((w) => w.quiet);
  const used = quiet.length > 0 ? quiet : windows;
  return { ms: median(used.map((w) => w.median)), best: minimum(used.map((w) => w.best)), noisy: quiet.length === 0 };
}

async function quietWindow(peer: PeerProcess): Promise<Window> {
  for (const first = performance.now(); ; ) {
    const [start, before] = [performance.now(), machineTime()];
    const taken = await peer.window(WINDOW_MS);
    const [duration, after] = [performance.now() - start, machineTime()];
    const foreign = before === undefined || after === undefined ? 0 : (after - before - taken.cpu) / duration;
    if (foreign <= QUIET || performance.now() - first > PATIENCE_MS) return summary(taken, foreign <= QUIET);
  }
}

/** The first run after the others' turns finds their data in the caches; it counts only where there are few. */
function summary({ times }: WindowTimes, quiet: boolean): Window {
  const used = times.length > 2 ? times.slice(1) : times;
  return { median: median(used), best: minimum(times), quiet };
}
