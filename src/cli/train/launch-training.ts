/** `snnseg train --nproc N`: local ranks, which train as ranks of any launcher do. */
import { availableParallelism } from "node:os";
import { launchRanks } from "../../distributed/index.js";
import { OptionError, RankError } from "../../errors.js";
import type { CommandContext } from "../context.js";
import { ToldError } from "../terminal/told-error.js";

/**
 * Runs the command line once for each rank, without `--nproc`.
 *
 * @throws RankError or OptionError naming the rank that failed, with what it said; ToldError where rank 0 has told it
 */
export async function launchTraining(count: number, context: CommandContext): Promise<void> {
  if (process.env.RANK !== undefined || process.env.WORLD_SIZE !== undefined) {
    throw new OptionError(
      "--nproc: expected no launcher around this process, received RANK or WORLD_SIZE in its environment; leave --nproc out, or unset them",
    );
  }
  const most = availableParallelism();
  if (count > most)
    context
      .terminal()
      .warn(
        `--nproc ${count}: this machine has ${most} ${most === 1 ? "core" : "cores"}, which the ranks share`,
      );
  const script = process.argv[1]!;
  const args = [...process.execArgv, script, ...withoutNproc(context.argv)];
  const { failed } = await launchRanks(process.execPath, args, { count, signal: context.interrupt() });
  if (failed === undefined) return;
  const { rank, exitCode, signal, words, wasShown } = failed;
  if (wasShown) throw new ToldError(exitCode ?? 1);
  const said = words.trim().replace(/^error: /, "");
  const how = signal === null ? `ended with exit code ${exitCode}` : `was killed by ${signal}`;
  const message = `rank ${rank} ${how}${said === "" ? "" : `: ${said}`}`;
  throw exitCode === 2 ? new OptionError(message) : new RankError(message);
}

function withoutNproc(argv: readonly string[]): string[] {
  return argv.filter(
    (word, i) => word !== "--nproc" && argv[i - 1] !== "--nproc" && !word.startsWith("--nproc="),
  );
}
