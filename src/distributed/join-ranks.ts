/** The beginning of a training on several processes: they find each other, and each must be of the same training. */
import { setTimeout as sleep } from "node:timers/promises";
import { checkNumber } from "../checks/index.js";
import {
  closeRanks,
  connectRanks,
  countRanks,
  exchangeOfRanks,
  gpuIdentity,
  openRanks,
  putForRanks,
  usableDevice,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { RankEnvironment } from "./rank-environment.js";
import { RankGroup } from "./rank-group.js";
import { valueFromRanks } from "./rank-values.js";

/** How long ranks wait for each other, unless told otherwise, in seconds. */
export const rankTimeouts = { joining: 20, exchanging: 300 };

/** What may be asked for, in seconds: to find out which rank is missing takes some of the shortest; the longest is a day. */
export const rankTimeoutLimits = { least: 10, most: 86_400 };

/** How a process joins. */
export interface JoinOptions {
  /** Seconds that ranks wait for each other, at the start and later, from 10 to 86,400 (default: 20 at the start, 300 later). */
  readonly timeout?: number | undefined;
  /** Where this rank computes: `cpu`, `cuda` or `cuda:N` (default: `cpu`). GPUs exchange tensors themselves where the build has NCCL. */
  readonly device?: string | undefined;
  /** What must be equal on all ranks, by the names that an error shall use. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/**
 * Joins the other ranks of a training; a process can take part in one at a time. The caller disposes the group.
 *
 * @param place - as the launcher says
 * @throws OptionError naming what is wrong: an address without rank 0, a port that is taken, a rank that is there already or does
 * not come, or one whose identity is another
 */
export async function joinRanks(
  place: RankEnvironment,
  { timeout, device: name = "cpu", identity }: JoinOptions,
): Promise<RankGroup> {
  if (timeout !== undefined) checkNumber("joinRanks", "timeout", timeout, rankTimeoutLimits);
  const joining = 1000 * (timeout ?? rankTimeouts.joining);
  const exchanging = 1000 * (timeout ?? rankTimeouts.exchanging);
  const { rank, world, address, port, job } = place;
  const device = usableDevice(name);
  openRanks({ rank, world, address, port, joining, exchanging });
  try {
    if (rank === 0) putForRanks("snnseg/job", JSON.stringify({ world, job }));
    else await checkJob(place, joining);
    if (countRanks(`snnseg/joined/${rank}`) > 1) {
      throw new OptionError(
        `ranks: expected one process of rank ${rank} at ${address}:${port}, received a second one; ` +
          "give each process a RANK of its own, and each training a MASTER_PORT",
      );
    }
    const group = new RankGroup(place, { exchanging });
    const own = { WORLD_SIZE: world, ...identity, "exchange of tensors": exchangeOfRanks(device) };
    const gpu = gpuIdentity(device);
    await group.agree("start", own, { waitMs: joining, apart: gpu === "" ? {} : { GPU: gpu } });
    connectRanks(device);
    return group;
  } catch (error) {
    // Others may still read why.
    await sleep(0);
    closeRanks();
    throw error;
  }
}

/** A process that is of another training leaves without a trace. */
async function checkJob({ rank, world, address, port, job }: RankEnvironment, waitMs: number): Promise<void> {
  const text = await valueFromRanks("snnseg/job", waitMs);
  if (text === undefined) {
    throw new OptionError(
      `ranks: expected rank 0 of a training at ${address}:${port}, received no word of it; check MASTER_PORT`,
    );
  }
  const first = JSON.parse(text) as { readonly world: number; readonly job: string };
  if (first.job !== job) {
    throw new OptionError(
      `ranks: expected job ${job || "(no name)"} at ${address}:${port}, received ${first.job || "(no name)"}, which has the port; ` +
        "choose another MASTER_PORT",
    );
  }
  if (rank < first.world) return;
  throw new OptionError(
    `ranks: expected ranks from 0 to ${first.world - 1}, as WORLD_SIZE is ${first.world} on rank 0, received rank ${rank} of ${world}; ` +
      "start all ranks with the same WORLD_SIZE",
  );
}
