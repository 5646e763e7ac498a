/** Every command's help ends with examples, and the program takes each of them as it stands. */

import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { type ConfigKey, flagOf, isConfigKey, optionOf } from "../config/index.js";
import { commands } from "./commands.js";
import { buildProgram, withSubcommands } from "./program.js";
import { Interruption } from "./terminal/interruption.js";

const programOf = (argv: readonly string[]) => {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  // With --help no engine is loaded.
  return buildProgram([...argv, "--help"], streams, new Interruption());
};

/** All commands with their options, such as `data stats`; the program itself first. */
const all: [string, Command][] = [];
for (const { name } of [{ name: "" }, ...commands]) {
  const program = await programOf([name]);
  const chosen = program.commands.find((command) => command.name() === name);
  for (const command of chosen ? withSubcommands(chosen) : [program]) all.push([pathOf(command), command]);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}`.trim() : "";
}

function examplesOf(command: Command): string[] {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const [, block = ""] = text.split("\nExamples:\n");
  const lines = block.trimEnd().split("\n");
  return lines.every((line) => line.startsWith("  $ snnseg ")) ? lines.map((line) => line.slice(11)) : [];
}

/** The command that a line reaches, which does nothing. */
async function reachedBy(line: string): Promise<Command> {
  const argv = line.split(" ");
  const program = await programOf(argv);
  let reached: Command | undefined;
  for (const command of withSubcommands(program)) {
    command.action((...words: unknown[]) => {
      reached = words.at(-1) as Command;
    });
  }
  await program.parseAsync(argv, { from: "user" });
  expect(reached!.commands, "needs a command of it").toEqual([]);
  return reached!;
}

/** What was given of a run's options, which are checked only once a command runs. */
function givenOf(command: Command): [ConfigKey, unknown][] {
  return command.options.flatMap((option): [ConfigKey, unknown][] => {
    const key = option.attributeName();
    const isOfRuns = isConfigKey(key) && option.helpGroupHeading === `${optionOf(key).group} options:`;
    return isOfRuns && command.getOptionValueSource(key) === "cli"
      ? [[key, command.getOptionValue(key)]]
      : [];
  });
}

describe.each(all)("snnseg %s", (path, command) => {
  const examples = examplesOf(command);

  it("has two to four examples at the end of its help", () => {
    expect(examples.length).toBeGreaterThanOrEqual(2);
    expect(examples.length).toBeLessThanOrEqual(4);
    expect(examples.filter((line) => `${line} `.startsWith(`${path} `.trimStart()))).not.toEqual([]);
  });

  it.each(examples)("takes %s", async (line) => {
    for (const [key, value] of givenOf(await reachedBy(line))) {
      expect(optionOf(key).schema.safeParse(value).success, `${flagOf(key)} ${value}`).toBe(true);
    }
  });
});

it("finds what is wrong with an example", async () => {
  await expect(reachedBy("eval runs/mine --precison fast")).rejects.toThrow("--precison");
  await expect(reachedBy("eval")).rejects.toThrow("missing required argument");
  await expect(reachedBy("runs one two")).rejects.toThrow("too many arguments");
  await expect(reachedBy("checkpoint inspekt runs/mine")).rejects.toThrow("needs a command of it");
  const [[key, value] = []] = givenOf(await reachedBy("train --optimizer adma"));
  expect([key, optionOf("optimizer").schema.safeParse(value).success]).toEqual(["optimizer", false]);
});
