/** Training on several processes, machines and sockets: who the ranks are, and what they do together. */

export { batchPart, checkShares, isShared, type RankOf, trainingPart } from "./batch-part.js";
export { type JoinOptions, joinRanks, rankTimeoutLimits, rankTimeouts } from "./join-ranks.js";
export {
  endWithLauncher,
  type LaunchOptions,
  type LaunchResult,
  launchRanks,
  tellLauncher,
} from "./launch-ranks.js";
export { type RankEnvironment, rankEnvironment } from "./rank-environment.js";
export { rankGpu } from "./rank-gpu.js";
export { isWriter, RankGroup } from "./rank-group.js";
export { withRanks } from "./with-ranks.js";
