import type { CommonOptions } from "../command.ts";
import type { MachineOptions } from "../machine.ts";
import type { SubjectOptions } from "./subject.ts";

/** Options of `fovea explain`. */
export interface ExplainOptions extends CommonOptions, MachineOptions, SubjectOptions {
  /** Name or index. */
  readonly class?: string;
  readonly layer?: string;
  readonly watch?: readonly string[];
  readonly method?: readonly string[];
  /** A stored pixel, 0 to 255. */
  readonly fill?: number;
  readonly channels: number;
  readonly steps: number;
  readonly seed: number;
  readonly out?: string;
}

/** The command that makes the same page again: what its numbers depend on. */
export function commandOf(path: string, options: ExplainOptions): string {
  const flags: readonly (readonly [flag: string, value: string | number | undefined])[] = [
    ["--model", options.model],
    ["--image", options.image],
    ["--data", options.data],
    ["--index", options.index],
    ["--class", options.class],
    ["--layer", options.layer],
    ["--watch", options.watch?.join(",")],
    ["--method", options.method?.join(",")],
    ["--fill", options.fill],
    ["--channels", options.channels],
    ["--steps", options.steps],
    ["--seed", options.seed],
    ["--backend", options.backend],
    ["--out", options.out],
  ];
  const words = flags.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${quoted(`${value}`)}`]));
  return ["npx fovea explain", quoted(path), ...words].join(" ");
}

const quoted = (word: string): string => (/^[\w,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
