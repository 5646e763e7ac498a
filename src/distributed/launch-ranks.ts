/** Ranks on this machine, as `torchrun --standalone` starts them: one process each, which end together. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How local ranks are started. */
export interface LaunchOptions {
  /** How many, 1 or more. */
  readonly count: number;
  /** Ends the ranks after the step under way, as a first Ctrl-C does. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each process. @param pid - its id */
  readonly onStart?: ((rank: number, pid: number | undefined) => void) | undefined;
}

/** How the ranks ended. */
export interface LaunchResult {
  /** The first rank that did not end well; `undefined` where all did. */
  readonly failed?: {
    readonly rank: number;
    /** `null` where a signal ended it. */
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    /** Why, where it told the launcher; else what it wrote on standard error, which of rank 0 was shown. */
    readonly words: string;
    /** Whether rank 0 has shown that already. */
    readonly wasShown: boolean;
  };
}

/** How long the others of a rank that died may take to say so. */
const graceMs = 15_000;

/**
 * Runs a command once for each rank. Rank 0 has this process's standard streams; of the others nothing is seen but the words of the
 * first that fails. When one does, the others have some seconds to notice, and are ended then.
 *
 * @param command - such as `process.execPath`
 * @param args - the same for every rank, whose environment says which it is
 */
export async function launchRanks(
  command: string,
  args: readonly string[],
  { count, signal, onStart }: LaunchOptions,
): Promise<LaunchResult> {
  const common = {
    ...process.env,
    WORLD_SIZE: `${count}`,
    LOCAL_WORLD_SIZE: `${count}`,
    MASTER_ADDR: "localhost",
    MASTER_PORT: `${await freePort()}`,
    SNNSEG_JOB: randomBytes(8).toString("hex"),
  };
  const ranks = Array.from({ length: count }, (_, rank) => {
    const child = spawn(command, args, {
      env: { ...common, RANK: `${rank}`, LOCAL_RANK: `${rank}` },
      // Groups of their own, so that Ctrl-C comes once; the channel's end tells them that this process has gone.
      detached: true,
      stdio: rank === 0 ? ["inherit", "inherit", "inherit", "ipc"] : ["ignore", "ignore", "pipe", "ipc"],
    });
    onStart?.(rank, child.pid);
    return new LaunchedRank(rank, child);
  });
  const stop = () => {
    for (const { child } of ranks) child.kill("SIGINT");
  };
  signal?.addEventListener("abort", stop, { once: true });
  const endAll = () => {
    for (const { child } of ranks) child.kill("SIGKILL");
  };
  process.once("exit", endAll);
  try {
    const failed = await firstFailure(ranks);
    if (failed === undefined) return {};
    await Promise.race([
      Promise.all(ranks.map(({ ended }) => ended)),
      sleep(graceMs, undefined, { ref: false }),
    ]);
    endAll();
    await Promise.all(ranks.map(({ ended }) => ended));
    const { rank, child, told, words } = failed;
    const [first] = ranks;
    const wasShown =
      first?.told !== undefined && told !== undefined && `rank 0: ${first.told}`.includes(told);
    // Whose fault it is has the larger one: 2 for wrong usage, of which the others are told as of any failure.
    const exitCode = wasShown ? Math.max(child.exitCode ?? 1, first.child.exitCode ?? 1) : child.exitCode;
    return { failed: { rank, exitCode, signal: child.signalCode, words: told ?? words, wasShown } };
  } finally {
    signal?.removeEventListener("abort", stop);
    process.off("exit", endAll);
  }
}

/** What a process that {@link launchRanks} started does at its beginning: it ends when its launcher has gone. */
export function endWithLauncher(): void {
  if (process.env.SNNSEG_JOB === undefined || process.channel === undefined) return;
  process.once("disconnect", () => process.exit(1));
  process.channel?.unref();
}

/** Tells the launcher, where {@link launchRanks} is it, why this rank ends. @param message - one sentence */
export function tellLauncher(message: string): void {
  if (process.env.SNNSEG_JOB !== undefined) process.send?.(message);
}

class LaunchedRank {
  readonly rank: number;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  words = "";
  told: string | undefined;

  constructor(rank: number, child: ChildProcess) {
    this.rank = rank;
    this.child = child;
    this.ended = once(child, "close");
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.words += text;
    });
    child.on("message", (message) => {
      this.told = String(message);
    });
  }

  get endedWell(): boolean {
    return this.child.exitCode === 0 || this.child.exitCode === stoppedByUser;
  }
}

/** The exit code after Ctrl-C. */
const stoppedByUser = 130;

async function firstFailure(ranks: readonly LaunchedRank[]): Promise<LaunchedRank | undefined> {
  return await new Promise((resolve, reject) => {
    for (const rank of ranks) {
      rank.ended.then(() => {
        if (!rank.endedWell) resolve(rank);
      }, reject);
    }
    Promise.all(ranks.map(({ ended }) => ended)).then(() => resolve(undefined), reject);
  });
}

/** A port of this machine that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("expected a port");
  return address.port;
}
