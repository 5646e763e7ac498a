/** `snnseg demo`: a small spiking network learns to find handwritten digits. */
import type { Command } from "commander";
import { addConfigFlags, configOf } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { runTraining } from "./run-training.js";

export function define(command: Command, context: CommandContext): void {
  command.description(
    "Trains a spiking network on handwritten digits over textured backgrounds, which come with the package, and " +
      "writes a picture and a report. All options of train can be changed.",
  );
  addConfigFlags(command).action(async () => {
    await runTraining({ ...(await configOf(command, { preset: "demo" })), begin: "fresh" }, context);
  });
}
