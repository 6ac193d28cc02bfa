import { Command } from "commander";
import { type Terminal, terminal } from "./terminal.ts";

/** What a command gives when it ends: an object for --json, text for people, and an exit code (default 0). */
export interface Outcome {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly exitCode?: number;
}

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** A command with the options and the manners that all share. `examples` are what can be done, and the command that does it. */
export function command(name: string, description: string, examples: readonly (readonly [does: string, line: string])[]): Command {
  const shown = examples.map(([does, line]) => `  # ${does}\n  ${line}`);
  return configure(new Command(name))
    .description(description)
    .option("--json", "print one JSON object at the end, and nothing else, on standard output")
    .option("--debug", "show where an error comes from")
    .addHelpText("after", `\nExamples:\n${shown.join("\n")}`);
}

/** Lets `action` do the command's work. Its first argument is where progress goes, its second the command's arguments. */
export function act<O extends CommonOptions>(
  command: Command,
  action: (terminal: Terminal, options: O, args: readonly string[]) => Promise<Outcome>,
): Command {
  return command.action(async () => {
    const options = command.opts<O>();
    const outcome = await action(terminal(process.stderr), options, command.args);
    process.stdout.write(`${options.json ? JSON.stringify(outcome.json) : outcome.text}\n`);
    process.exitCode = outcome.exitCode ?? 0;
  });
}

/** Errors of usage: one line, and no exit from within. */
export function configure(command: Command): Command {
  return command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(
        `fovea: ${text
          .trim()
          .replace(/^error: /, "")
          .replace(/\s*\n\s*/g, " ")}\n`,
      ),
  });
}
