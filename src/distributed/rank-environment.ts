/** What a launcher tells a process of a training on several: the environment of torchrun, SLURM and Open MPI. */
import { OptionError } from "../errors.js";

/** A process's place among the ranks of a training. */
export interface RankEnvironment {
  /** From 0; rank 0 writes the run. */
  readonly rank: number;
  /** How many ranks there are, 2 or more. */
  readonly world: number;
  /** From 0, among the ranks of this machine. */
  readonly localRank: number;
  /** How many ranks this machine has, where the launcher tells. */
  readonly localWorld: number | undefined;
  /** Whether the launcher gives each rank cores of its own, as SLURM does; otherwise a machine's ranks share its cores. */
  readonly hasOwnCores?: boolean;
  /** Of the machine of rank 0: a name or an address. */
  readonly address: string;
  /** At which rank 0 listens. */
  readonly port: number;
  /** What the launcher calls the job; empty where it has no name. */
  readonly job: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of a step that srun started; a batch script itself has SLURM_NTASKS, but is one process. */
const slurm = {
  rank: "SLURM_PROCID",
  world: "SLURM_STEP_NUM_TASKS",
  localRank: "SLURM_LOCALID",
  localWorld: undefined,
  job: ["SLURM_JOB_ID"],
} as const;

/** Whose variables say what; the first launcher whose `world` is set counts. */
const launchers = [
  {
    rank: "RANK",
    world: "WORLD_SIZE",
    localRank: "LOCAL_RANK",
    localWorld: "LOCAL_WORLD_SIZE",
    job: ["SNNSEG_JOB", "TORCHELASTIC_RUN_ID"],
  },
  {
    rank: "OMPI_COMM_WORLD_RANK",
    world: "OMPI_COMM_WORLD_SIZE",
    localRank: "OMPI_COMM_WORLD_LOCAL_RANK",
    localWorld: "OMPI_COMM_WORLD_LOCAL_SIZE",
    job: ["PMIX_NAMESPACE"],
  },
  slurm,
] as const;

/** Ports that a SLURM job takes by its number where MASTER_PORT is not set. */
const slurmPorts = { first: 20_000, count: 20_000 };

/**
 * The place that the environment gives this process, or `undefined` where it is alone.
 *
 *     torchrun, Kubernetes   RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT
 *     Open MPI               OMPI_COMM_WORLD_RANK, …_SIZE, …_LOCAL_RANK, …_LOCAL_SIZE
 *     SLURM's srun           SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID, SLURM_NODEID, SLURM_STEP_TASKS_PER_NODE
 *
 * MASTER_ADDR and MASTER_PORT hold for all. Without them Open MPI's ranks on one machine meet at `localhost`, and SLURM's at the
 * first machine of SLURM_STEP_NODELIST, at a port that follows from SLURM_JOB_ID.
 *
 * @param environment - such as `process.env`; read, never written
 * @throws OptionError if a variable is missing or none that a place can have
 */
export function rankEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): RankEnvironment | undefined {
  const launcher = launchers.find(({ rank, world }) => isSet(environment, world) || isSet(environment, rank));
  // Outside of steps SLURM_PROCID is set, too.
  if (launcher === undefined || (launcher === slurm && !isSet(environment, launcher.world))) {
    return undefined;
  }
  const world = integer(environment, launcher.world, { least: 1 });
  const rank = integer(environment, launcher.rank, { least: 0 });
  if (rank >= world) {
    throw new OptionError(
      `ranks: expected ${launcher.rank} from 0 to ${world - 1}, as ${launcher.world} is ${world}, received ${rank}; correct the launcher's environment`,
    );
  }
  if (world === 1) return undefined;
  const localRank = isSet(environment, launcher.localRank)
    ? integer(environment, launcher.localRank, { least: 0 })
    : 0;
  const localWorld =
    launcher.localWorld !== undefined && isSet(environment, launcher.localWorld)
      ? integer(environment, launcher.localWorld, { least: 1 })
      : launcher === slurm
        ? slurmTasksHere(environment, world)
        : undefined;
  const job = launcher.job.map((name) => environment[name]).find((name) => name) ?? "";
  const isOneMachine = localWorld === world;
  return {
    ...{ rank, world, localRank, localWorld, job },
    ...(launcher === slurm && { hasOwnCores: true }),
    address: environment.MASTER_ADDR || addressOf(environment, { launcher, isOneMachine }),
    port: portOf(environment, launcher),
  };
}

/** How many of a step's tasks this machine has: entry SLURM_NODEID of a list such as `2(x3),1`, where one is there and fits. */
function slurmTasksHere(environment: Environment, world: number): number | undefined {
  const lists = [environment.SLURM_STEP_TASKS_PER_NODE, environment.SLURM_TASKS_PER_NODE];
  const counts = lists.map(tasksOfNodes).find((tasks) => tasks.reduce((a, b) => a + b, 0) === world);
  return counts?.[Number(environment.SLURM_NODEID || Number.NaN)];
}

/** `2(x3),1` → 2, 2, 2, 1. */
function tasksOfNodes(list = ""): number[] {
  return list.split(",").flatMap((entry) => {
    const [, tasks, nodes = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(entry) ?? [];
    return tasks === undefined ? [] : new Array<number>(Math.min(Number(nodes), 2 ** 16)).fill(Number(tasks));
  });
}

function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? "") !== "";
}

function integer(
  environment: Environment,
  name: string,
  { least, most = 2 ** 31 - 1 }: { readonly least: number; readonly most?: number },
): number {
  const text = environment[name] ?? "";
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const range =
    most === 2 ** 31 - 1 ? `an integer of ${least} or more` : `an integer from ${least} to ${most}`;
  throw new OptionError(
    `ranks: expected ${range} in the environment's ${name}, received ${text === "" ? "none" : text}; ` +
      "start all ranks with torchrun, srun, mpirun or --nproc, or set it",
  );
}

function addressOf(
  environment: Environment,
  {
    launcher,
    isOneMachine,
  }: { readonly launcher: (typeof launchers)[number]; readonly isOneMachine: boolean },
): string {
  if (isOneMachine) return "localhost";
  const nodes = environment.SLURM_STEP_NODELIST ?? environment.SLURM_JOB_NODELIST;
  if (launcher === slurm && nodes) return firstNode(nodes);
  throw new OptionError(
    "ranks: expected the machine of rank 0 in the environment's MASTER_ADDR, received none; set it to a name or address that all ranks reach",
  );
}

/** `node[07-09,12],other` → `node07`. */
function firstNode(nodes: string): string {
  return nodes.replace(/^([^[,]*)(?:\[([^\]\-,]*)[^\]]*\])?.*$/, "$1$2");
}

function portOf(environment: Environment, launcher: (typeof launchers)[number]): number {
  if (!isSet(environment, "MASTER_PORT") && launcher === slurm && isSet(environment, "SLURM_JOB_ID")) {
    const { first, count } = slurmPorts;
    return first + (integer(environment, "SLURM_JOB_ID", { least: 0 }) % count);
  }
  const port = integer(environment, "MASTER_PORT", { least: 1, most: 65_534 });
  // torchrun's own store has the port, and speaks as its libtorch does.
  return environment.TORCHELASTIC_USE_AGENT_STORE === "True" ? port + 1 : port;
}
