/** `snnseg setup`: the launcher has set up what was missing; this says what there is. */
import type { Command } from "commander";
import type { CommandContext } from "./context.js";
import { addExamples } from "./flags/examples.js";
import { printVersion } from "./version.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(command, "setup", "setup --json");
  command
    .description(
      "Sets up what is missing on this machine, such as the native addon, and says what there is. Every other command does so too.",
    )
    .action(() => printVersion(context.terminal()));
}
