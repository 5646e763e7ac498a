/** `snnseg serve`: a local page that watches runs. */
import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import { loopbackHosts, RunServer, type Watched } from "../serve/index.js";
import { runPath, runsFolder } from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addExamples } from "./flags/examples.js";
import { openInBrowser } from "./terminal/open-in-browser.js";

/** Free on most machines. */
const defaultPort = 7878;

type Words = {
  readonly port: number;
  readonly host: string;
  readonly root: string;
  readonly open?: boolean;
};

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "serve",
    "serve runs/ann runs/snn --open",
    "serve --root /data/experiments --port 0 --json",
  );
  command
    .description(
      "Serves a page on this machine that shows runs while they train: curves, scores per class, spike rates, pictures, " +
        "runs side by side, and each trained network live on pictures or the webcam. It only watches, and ends with Ctrl-C.",
    )
    .argument("[runs...]", "run folders, or their numbers in snnseg runs; all of --root unless given")
    .option("--root <DIR>", "watch all runs in this folder, also those that begin later", runsFolder)
    .option("--port <N>", "port to listen on; 0 takes any that is free", portOf, defaultPort)
    .option(
      "--host <ADDRESS>",
      `loopback address to listen on: ${loopbackHosts.join(", ")}`,
      loopbackHosts[0],
    )
    .option("--open", "open the page in the browser")
    .action(async (runs: string[], words: Words) => {
      const terminal = context.terminal();
      const signal = context.interrupt();
      const watched: Watched =
        runs.length === 0 ? { root: words.root } : { runs: await Promise.all(runs.map(runPath)) };
      await using server = await RunServer.start(watched, words);
      const { address } = server;
      terminal.print(`${address} · Ctrl-C ends`);
      terminal.result({ address });
      if (words.open)
        openInBrowser(address, () => terminal.warn(`no browser could be opened; go to ${address}`));
      if (!signal.aborted) await once(signal, "abort");
    });
}

function portOf(word: string): number {
  const port = Number(word);
  if (!/^\d+$/.test(word) || port > 65_535)
    throw new InvalidArgumentError("Expected a whole number from 0 to 65535.");
  return port;
}
