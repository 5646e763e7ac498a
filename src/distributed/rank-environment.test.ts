import { describe, expect, it } from "vitest";
import { rankEnvironment } from "./rank-environment.js";

const torchrun = {
  ...{ RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" },
  ...{ MASTER_ADDR: "node7", MASTER_PORT: "29500" },
};
const slurm = {
  ...{ SLURM_PROCID: "2", SLURM_STEP_NUM_TASKS: "4", SLURM_LOCALID: "0", SLURM_JOB_ID: "70123" },
  SLURM_STEP_NODELIST: "gpu[007-009,12],other",
};
const openMpi = {
  ...{ OMPI_COMM_WORLD_RANK: "1", OMPI_COMM_WORLD_SIZE: "2" },
  ...{ OMPI_COMM_WORLD_LOCAL_RANK: "1", OMPI_COMM_WORLD_LOCAL_SIZE: "2", MASTER_PORT: "4000" },
};

describe("a rank's environment", () => {
  it("is read as torchrun sets it", () => {
    expect(rankEnvironment(torchrun)).toEqual({
      ...{ rank: 3, world: 4, localRank: 1, localWorld: 2, address: "node7", port: 29500, job: "" },
    });
  });

  it("keeps off the port of torchrun's own store", () => {
    const agent = { ...torchrun, TORCHELASTIC_USE_AGENT_STORE: "True", TORCHELASTIC_RUN_ID: "abc" };
    expect(rankEnvironment(agent)).toMatchObject({ port: 29501, job: "abc" });
  });

  it("is read as srun sets it: the first machine, a port by the job", () => {
    expect(rankEnvironment(slurm)).toMatchObject({
      rank: 2,
      world: 4,
      address: "gpu007",
      port: 30123,
      job: "70123",
    });
    expect(rankEnvironment({ ...slurm, SLURM_STEP_NODELIST: "gpu12,gpu13" })).toMatchObject({
      address: "gpu12",
    });
    expect(rankEnvironment({ ...slurm, SLURM_STEP_NODELIST: "gpu12" })).toMatchObject({ address: "gpu12" });
    expect(rankEnvironment({ ...slurm, SLURM_STEP_NODELIST: "gpu[7,9]" })).toMatchObject({ address: "gpu7" });
    expect(rankEnvironment({ ...slurm, MASTER_ADDR: "a", MASTER_PORT: "5" })).toMatchObject({
      address: "a",
      port: 5,
    });
  });

  it.each([
    ["2(x2)", "1", 2],
    ["1,3", "0", 1],
    ["1,3", "1", 3],
    ["1(x2),2", "2", 2],
    // Of another step, of no machine that is named, of none, and no list.
    ["2(x3)", "1", undefined],
    ["1,3", "2", undefined],
    ["1,3", "", undefined],
    ["many", "0", undefined],
  ])("has the tasks of srun's machine: of %s, number %s", (tasks, node, count) => {
    const step = { ...slurm, SLURM_STEP_TASKS_PER_NODE: tasks, SLURM_NODEID: node };
    expect(rankEnvironment(step)).toMatchObject({ localWorld: count, hasOwnCores: true });
    const job = { ...slurm, SLURM_TASKS_PER_NODE: tasks, SLURM_NODEID: node };
    expect(rankEnvironment(job)).toMatchObject({ localWorld: count });
    expect(rankEnvironment({ ...step, ...torchrun, LOCAL_WORLD_SIZE: "" })).toMatchObject({
      localWorld: undefined,
    });
  });

  it("is read as mpirun sets it: one machine needs no address", () => {
    expect(rankEnvironment(openMpi)).toMatchObject({
      rank: 1,
      world: 2,
      localRank: 1,
      address: "localhost",
      port: 4000,
    });
    expect(() => rankEnvironment({ ...openMpi, OMPI_COMM_WORLD_LOCAL_SIZE: "1" })).toThrow(
      /environment's MASTER_ADDR/,
    );
  });

  it("is none of a process that is alone", () => {
    expect(rankEnvironment({})).toBeUndefined();
    expect(rankEnvironment({ ...torchrun, RANK: "0", WORLD_SIZE: "1" })).toBeUndefined();
    // A batch script without srun.
    expect(rankEnvironment({ SLURM_NTASKS: "4", SLURM_PROCID: "0", SLURM_JOB_ID: "1" })).toBeUndefined();
  });

  it.each([
    [{ WORLD_SIZE: "" }, "in the environment's WORLD_SIZE, received none"],
    [{ WORLD_SIZE: "two" }, "in the environment's WORLD_SIZE, received two"],
    [{ RANK: "" }, "in the environment's RANK, received none"],
    [{ RANK: "4" }, "expected RANK from 0 to 3, as WORLD_SIZE is 4, received 4"],
    [{ RANK: "-1" }, "an integer of 0 or more in the environment's RANK, received -1"],
    [{ LOCAL_RANK: "x" }, "in the environment's LOCAL_RANK, received x"],
    [{ MASTER_ADDR: "" }, "in the environment's MASTER_ADDR, received none"],
    [{ MASTER_PORT: "" }, "in the environment's MASTER_PORT, received none"],
    [{ MASTER_PORT: "70000" }, "an integer from 1 to 65534 in the environment's MASTER_PORT, received 70000"],
  ])("refuses %o", (change, message) => {
    expect(() => rankEnvironment({ ...torchrun, ...change })).toThrow(message);
  });
});
