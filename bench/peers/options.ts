import { parseArgs } from "node:util";
import { PEERS } from "./peers.ts";

export interface Options {
  /** Work whose name this matches. */
  readonly only: RegExp;
  readonly threads: readonly number[];
  readonly rounds: number;
  /** Names of the peers that take part. */
  readonly peers: readonly string[];
}

/** Reads the command line. Throws an error that names the option, what it takes and what it got. */
export function parseOptions(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { only: text, threads: text, rounds: text, peers: text } });
  return {
    only: regularExpression(values.only ?? ""),
    threads: (values.threads ?? "1,2").split(",").map((n) => count("--threads", n)),
    rounds: count("--rounds", values.rounds ?? "5"),
    peers: values.peers === undefined ? PEERS.map((p) => p.name) : values.peers.split(",").map(peerName),
  };
}

function regularExpression(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new Error(`--only must be a regular expression, got ${source}: ${(error as Error).message}`);
  }
}

function count(option: string, value: string): number {
  const n = Number(value);
  if (!Number.isInteger(n) || n < 1) throw new Error(`${option} must be a whole number of at least 1, got ${value}`);
  return n;
}

function peerName(name: string): string {
  if (PEERS.some((p) => p.name === name)) return name;
  throw new Error(`--peers must be some of ${PEERS.map((p) => p.name).join(", ")}, got ${name}`);
}
