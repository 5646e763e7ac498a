/** The program: parses the command line, runs one command, and turns every error into one line and an exit code. */
import { Command, CommanderError } from "commander";
import { commands } from "./commands.js";
import type { CommandContext } from "./context.js";
import { addExamples } from "./flags/examples.js";
import { describeError, exitCodeOf } from "./terminal/describe-error.js";
import { Interruption } from "./terminal/interruption.js";
import { Terminal } from "./terminal/terminal.js";
import type { TextStream } from "./terminal/text-stream.js";
import { ToldError } from "./terminal/told-error.js";

export type Streams = { readonly out: TextStream; readonly err: TextStream };

/**
 * Runs a command line.
 *
 * @param argv - without the names of Node and script
 * @returns the exit code: 0, 1 for failures, 2 for wrong usage, 130 after Ctrl-C
 */
export async function runProgram(argv: readonly string[], streams: Streams): Promise<number> {
  const interruption = new Interruption();
  try {
    if (argv.includes("--version")) {
      const terminal = new Terminal(streams, { json: argv.includes("--json"), quiet: false });
      (await import("./version.js")).printVersion(terminal);
      return 0;
    }
    const program = await buildProgram(argv, streams, interruption);
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
    return interruption.happened ? 130 : 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof ToldError) return error.exitCode;
    streams.err.write(`${describeError(error, { debug: argv.includes("--debug") })}\n`);
    return exitCodeOf(error);
  } finally {
    interruption.release();
  }
}

/** The parser, with the options of the command that `argv` names. */
export async function buildProgram(
  argv: readonly string[],
  streams: Streams,
  interruption: Interruption,
): Promise<Command> {
  const program = new Command("snnseg")
    .description("Train, evaluate, convert and measure spiking neural networks for semantic segmentation.")
    .option("--version", "print the versions of snnseg and libtorch, and what they run on")
    .option("--json", "end with one JSON object on standard output")
    .option("--quiet", "print results only")
    .option("--debug", "print stack traces of errors")
    .showSuggestionAfterError();
  addExamples(
    program,
    "demo",
    "train --preset quick --dataset folder --root mydata --run runs/mine",
    "eval runs/mine",
    "predict runs/mine street.jpg --overlay",
  );
  const context: CommandContext = {
    argv,
    terminal: () => {
      const { json = false, quiet = false } = program.opts<{ json?: boolean; quiet?: boolean }>();
      return new Terminal(streams, { json, quiet });
    },
    interrupt: () => interruption.take(),
  };
  const words = argv.filter((word) => !word.startsWith("-"));
  const chosen = words[0] === "help" ? words[1] : words[0];
  const asksForHelp = words[0] === "help" || argv.includes("--help") || argv.includes("-h");
  // It only waits for the processes that it starts.
  const launches = argv.some((word) => word === "--nproc" || word.startsWith("--nproc="));
  for (const entry of commands) {
    const command = program.command(entry.name).summary(entry.summary);
    if (entry.name !== chosen) continue;
    if (entry.engine && !asksForHelp && !launches) (await import("../engine/index.js")).preloadEngine();
    (await entry.load()).define(command, context);
  }
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: () => undefined,
    });
    command.configureHelp({ showGlobalOptions: true });
  }
  return program;
}

/** A command and all below it. */
export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
