/** The end of a command's help. */
import type { Command } from "commander";

/**
 * Ends a command's help with invocations of it.
 *
 * @param lines - what follows `snnseg`; a test parses each as the program does
 */
export function addExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  $ snnseg ${line}`).join("\n")}`);
}
