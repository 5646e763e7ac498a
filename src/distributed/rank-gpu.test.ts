import { describe, expect, it } from "vitest";
import { rankEnvironment } from "./rank-environment.js";
import { rankGpu } from "./rank-gpu.js";

const placeOf = (environment: Readonly<Record<string, string>>) =>
  rankEnvironment({ MASTER_ADDR: "node7", MASTER_PORT: "29500", ...environment })!;
const torchrun = (rank: number, localRank: number, localWorld: number) =>
  placeOf({
    ...{ RANK: `${rank}`, WORLD_SIZE: "8", LOCAL_RANK: `${localRank}`, LOCAL_WORLD_SIZE: `${localWorld}` },
  });
const srun = (localRank: number, tasks: Readonly<Record<string, string>> = {}) =>
  placeOf({
    ...{ SLURM_PROCID: "5", SLURM_STEP_NUM_TASKS: "8", SLURM_LOCALID: `${localRank}`, SLURM_JOB_ID: "1" },
    ...tasks,
  });
/** The second of three machines. */
const twoOfEight = { SLURM_NODEID: "1", SLURM_STEP_TASKS_PER_NODE: "3,2,3" };

describe("a rank's GPU", () => {
  it("is the one of its place on its machine, not of its rank", () => {
    const gpus = [0, 1, 2, 3].map((local) => rankGpu("cuda", torchrun(4 + local, local, 4), 4));
    expect(gpus).toEqual([0, 1, 2, 3]);
    expect(rankGpu("cuda", srun(1), 2)).toBe(1);
    // Kubernetes has one process in a pod, and says nothing of places there.
    expect(rankGpu("cuda", placeOf({ RANK: "3", WORLD_SIZE: "4" }), 1)).toBe(0);
  });

  it("is none on the CPU, and where no GPU is there to choose", () => {
    expect(rankGpu("cpu", torchrun(3, 3, 4), 2)).toBeUndefined();
    expect(rankGpu("cuda", torchrun(3, 3, 4), 0)).toBeUndefined();
  });

  it("may be named where a machine has one rank, and not for several", () => {
    expect(rankGpu("cuda:1", torchrun(3, 0, 1), 2)).toBeUndefined();
    const sentence = /^--device: expected cuda, as each rank .*, received cuda:1 for all of them; .*$/;
    expect(() => rankGpu("cuda:1", torchrun(0, 0, 2), 2)).toThrow(sentence);
    expect(() => rankGpu("cuda:1", srun(1), 2)).toThrow(sentence);
    for (const local of [0, 1]) expect(() => rankGpu("cuda:1", srun(local, twoOfEight), 2)).toThrow(sentence);
  });

  it.each([
    ["more ranks than GPUs, on each rank", torchrun(0, 0, 4), 2, "4 ranks and 2 GPUs; "],
    ["a place beyond the GPUs", srun(2), 2, "3 ranks and 2 GPUs; "],
    ["more tasks than GPUs, on the first of them", srun(0, twoOfEight), 1, "2 ranks and 1 GPU; "],
    ["a GPU for each task, which sees no other", srun(1), 1, "2 ranks and 1 GPU; "],
  ])("is refused: %s", (_, place, gpus, words) => {
    expect(() => rankGpu("cuda", place, gpus)).toThrow(
      `--device cuda: expected a GPU for each rank of this machine, received ${words}`,
    );
  });
});
