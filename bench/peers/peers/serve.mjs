/**
 * The side of a peer that the runner talks to. One line of JSON asks, one answers:
 *
 *     { "prepare": item }  ->  { "ready": true } or { "absent": "why" }
 *     { "window": ms }     ->  { "times": [ms, ...], "cpu": ms }    runs for at least so long; processor time of this process
 *     { "usage": true }    ->  { "peakBytes": n }
 *
 * The first line comes unasked: { "version": "..." }. `node PEER.mjs cold` does one thing only: the first result of LeNet-5, and exit.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** What `cold` computes: one image through LeNet-5. */
const FIRST = { network: { model: "lenet5", n: 1 }, pass: "fwd" };

/** Raised by `prepare` where a library cannot do an item: it is no failure, and the tables say why. */
export class Absent extends Error {}

/**
 * `start(threads)` loads the library and gives { version, prepare(item) }; `prepare` gives the function that is timed, which resolves or
 * returns when its result is there.
 */
export async function serve(start) {
  const [mode, threads = "1"] = process.argv.slice(2);
  const peer = await start(Number(threads));
  if (mode === "cold") {
    const run = await peer.prepare(FIRST);
    await run();
    process.exit(0);
  }
  say({ version: peer.version });
  let run;
  for await (const line of createInterface({ input: process.stdin })) {
    const ask = JSON.parse(line);
    try {
      if (ask.prepare) {
        run = undefined;
        run = await peer.prepare(ask.prepare);
        say({ ready: true });
      } else if (ask.window !== undefined) say(await window(run, ask.window));
      else say({ peakBytes: peakBytes() });
    } catch (error) {
      say({
        absent: `${error instanceof Absent ? "" : "fails: "}${String(error?.message ?? error)
          .split("\n")[0]
          .slice(0, 160)}`,
      });
    }
  }
  // Threads and open handles of a library must not keep the process alive.
  process.exit(0);
}

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const now = () => Number(process.hrtime.bigint()) / 1e6;

async function window(run, ms) {
  const before = process.cpuUsage();
  const [start, times] = [now(), []];
  do {
    const from = now();
    await run();
    times.push(now() - from);
  } while (now() - start < ms);
  const { user, system } = process.cpuUsage(before);
  return { times, cpu: (user + system) / 1000 };
}

/** The most memory that the process has held. Linux's own figure where there is one: getrusage's begins with that of whoever started it. */
function peakBytes() {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}
