/** Which GPU a rank computes on. */
import { OptionError } from "../errors.js";
import type { RankEnvironment } from "./rank-environment.js";

/**
 * The number of the GPU that `cuda` is for a rank: its place among the ranks of its machine.
 *
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @param place - as `rankEnvironment` reads it
 * @param gpus - how many this process sees
 * @returns `undefined` on the CPU, where there are no GPUs, and for `cuda:N`, which says itself which
 * @throws OptionError if a machine has more ranks than GPUs, or if several are to share one
 */
export function rankGpu(
  device: string,
  { localRank, localWorld }: Pick<RankEnvironment, "localRank" | "localWorld">,
  gpus: number,
): number | undefined {
  if (device === "cpu" || gpus === 0) return undefined;
  // Not every launcher says how many there are.
  const ranks = Math.max(localWorld ?? 1, localRank + 1);
  if (device !== "cuda") {
    if (ranks === 1) return undefined;
    throw new OptionError(
      `--device: expected cuda, as each rank of a machine takes a GPU of its own, received ${device} for all of them; ` +
        "write --device cuda, and choose GPUs with CUDA_VISIBLE_DEVICES",
    );
  }
  if (ranks <= gpus) return localRank;
  throw new OptionError(
    `--device cuda: expected a GPU for each rank of this machine, received ${ranks} ranks and ${gpus} ${gpus === 1 ? "GPU" : "GPUs"}; ` +
      "start fewer ranks here, or let each see all GPUs (srun --gpu-bind=none)",
  );
}
