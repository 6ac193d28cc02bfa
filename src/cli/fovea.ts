import { Command, CommanderError } from "commander";
import { configure } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { exitCodeOf, messageOf } from "./failure.ts";
import { VERSION } from "./version.ts";

/** Runs the command line and gives the exit code: 0, 1 for what went wrong, 2 for wrong usage, 130 after Ctrl-C. */
export async function run(args: readonly string[]): Promise<number> {
  const program = configure(new Command("fovea"))
    .description("Convolutional networks: train, test and use them.")
    .version(VERSION, "-v, --version")
    .helpCommand(false)
    .showSuggestionAfterError();
  for (const make of COMMANDS) program.addCommand(make());
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said already what is wrong, or has shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`fovea: ${messageOf(error)}\n`);
    if (args.includes("--debug") && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return exitCodeOf(error);
  }
}
