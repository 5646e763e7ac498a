/** What every command is given. */
import type { Terminal } from "./terminal/terminal.js";

export type CommandContext = {
  /** The command line, without the names of Node and script. */
  readonly argv: readonly string[];
  /** Call once the arguments are parsed: `--json` and `--quiet` decide how it speaks. */
  readonly terminal: () => Terminal;
  /**
   * Takes over Ctrl-C: the signal aborts at the first one, a second one ends the process. A command that never asks
   * is ended by the first.
   */
  readonly interrupt: () => AbortSignal;
};
