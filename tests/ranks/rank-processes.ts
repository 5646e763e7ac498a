/** Ranks as a launcher starts them: processes of the command line with an environment each. */

import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { hasGloo } from "../../src/engine/index.js";
import { type Finished, isBuilt, snnseg } from "../cli/snnseg.js";

/** Why these tests do not run, in brackets; empty where they do. */
export const obstacle = !isBuilt
  ? " (skipped before the build)"
  : hasGloo()
    ? ""
    : " (skipped, as the addon was built without Gloo)";

/** A training of a moment: 4 steps an epoch on the built-in digits, the last of 2 examples. */
export const anyTraining = [
  ...["train", "--img-size", "16", "--batch-size", "8", "--eval-batch-size", "4", "--pictures", "0"],
  ...["--workers", "0", "--cache-mb", "16", "--threads", "1", "--kernel-size", "1"],
  ...["--optimizer", "sgd", "--lr", "1e-3", "--epochs", "5", "--eval-every", "5"],
] as const;
export const digits: readonly string[] = ["--dataset", "digits", "--digits-train", "26", "--digits-val", "7"];
export const tinyTraining = [...anyTraining, ...digits];

export const spiking = ["--model", "snn", "--timesteps", "3", "--encoding", "direct"] as const;

export interface RankStart {
  readonly world: number;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: ChildProcess) => void;
}

/** One rank to its end. */
export function rankOf(
  rank: number,
  words: readonly string[],
  { world, port, env, onStart }: RankStart,
): Promise<Finished> {
  return snnseg(words, {
    env: {
      ...{ RANK: `${rank}`, WORLD_SIZE: `${world}`, LOCAL_RANK: `${rank}` },
      ...{ MASTER_ADDR: "localhost", MASTER_PORT: `${port}`, ...env },
    },
    ...(onStart && { onStart }),
  });
}

/** All ranks of a training, each to its end; without a launcher, which is a process more. */
export async function ranksOf(world: number, words: readonly string[]): Promise<Finished[]> {
  const port = await freePort();
  return await Promise.all(Array.from({ length: world }, (_, rank) => rankOf(rank, words, { world, port })));
}

/** A port that nobody has, of those that systems give to nobody who does not ask for them by number. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const taken = once(server, "error").then(() => true);
    server.listen(port, "localhost");
    if (await Promise.race([taken, once(server, "listening").then(() => false)])) continue;
    server.close();
    return port;
  }
}
