/** What a benchmark works on: a random network on random images, or a trained run on its own data. */
import type { Config } from "../config/index.js";
import type { Batch } from "../datasets/index.js";
import { randn, scope, setThreads, type Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  type ArchitectureName,
  architectureName,
  createModel,
  modelDefaults,
  type SegmentationModel,
  SnnModel,
} from "../models/index.js";
import { Draws, derive } from "../random/index.js";
import { openTrainedRun } from "../runs/index.js";
import { computingOf, encodeInput } from "../training/index.js";

const numClasses = 21;
const defaultDensity = 0.1;

/** The owner closes it. */
export interface Workload extends AsyncDisposable {
  readonly model: SegmentationModel;
  readonly batch: Batch;
  /** Makes the network's input. */
  readonly encode: () => Tensor;
  /** For the record. */
  readonly setting: {
    readonly run?: string;
    readonly model: "ann" | "snn";
    readonly arch: string;
    readonly timesteps: number | undefined;
    readonly batchSize: number;
    readonly imgSize: readonly number[];
    readonly threads: number;
    readonly device: string;
  };
}

/** The work; of a trained run only `threads`, `device`, `batchSize` and `precision` count. */
export interface WorkloadOptions {
  readonly arch: ArchitectureName;
  readonly timesteps: number;
  readonly batchSize: number;
  readonly imgSize: readonly [number, number];
  readonly threads: number;
  /** `cpu` (default), `cuda`, `cuda:1` … */
  readonly device?: string;
  /** Default `snn`. */
  readonly model?: Config["model"];
  /** Of training (default `fp32`). */
  readonly precision?: Config["precision"];
  /** A trained run instead of a random network. */
  readonly run?: string | undefined;
}

/** Sets the number of threads, too. */
export async function openWorkload(options: WorkloadOptions): Promise<Workload> {
  const { run } = options;
  return run === undefined ? randomWork(options) : await trainedWork(run, options);
}

function randomWork(options: WorkloadOptions): Workload {
  const { arch, threads, batchSize, timesteps, imgSize } = options;
  const { model: kind = "snn", precision = "fp32", device = "cpu" } = options;
  setThreads(threads);
  const config = { ...modelDefaults, kind, arch, inputChannels: 3, numClasses, timesteps };
  const model = createModel(config, computingOf({ device, precision, model: kind }));
  const shape = [batchSize, 3, ...imgSize];
  const images = scope("images", () => randn(shape, 1).toFloat32Array()) as Batch["images"];
  const draws = new Draws(1);
  const labelShape = [batchSize, ...imgSize] as const;
  const labels = Uint8Array.from({ length: batchSize * imgSize[0] * imgSize[1] }, () =>
    draws.integer(numClasses),
  );
  const batch: Batch = { images, shape, labels, labelShape, ids: Array.from({ length: batchSize }, String) };
  const input = { model: kind, encoding: "poisson", timesteps, device } as const;
  return {
    ...{ model, batch, encode: () => encodeInput(batch, input, (n) => n) },
    setting: {
      ...{ model: kind, arch, timesteps: kind === "snn" ? timesteps : undefined },
      ...{ batchSize, imgSize, threads, device },
    },
    async [Symbol.asyncDispose]() {
      model.dispose();
    },
  };
}

async function trainedWork(
  path: string,
  { batchSize: evalBatchSize, threads, precision = "fp32", device = "cpu" }: WorkloadOptions,
): Promise<Workload> {
  const options = { evalBatchSize, threads, precision, workers: 0, device };
  const run = await openTrainedRun(path, { options });
  const { model, loader, input, seed, meta } = run;
  const { value: batch } = await loader.batches(0).next();
  if (batch === undefined) throw new TypeError("expected a split that is not empty");
  const { kind, arch } = meta.model;
  return {
    ...{ model, batch, encode: () => encodeInput(batch, input, (n) => derive(seed, "bench", n)) },
    setting: {
      ...{ run: run.file, model: kind, arch: architectureName(arch) },
      timesteps: meta.model.kind === "snn" ? meta.model.timesteps : undefined,
      ...{ batchSize: batch.ids.length, imgSize: batch.labelShape.slice(1), threads, device },
    },
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

/** The network of a workload that needs a spiking one. @throws OptionError if it is an ANN */
export function spikingNetwork({ model, setting }: Workload): SnnModel {
  if (model instanceof SnnModel) return model;
  throw new OptionError(`--run: expected a spiking network, received the ANN ${setting.run}`);
}

/** The density to force: the one asked for, 10 % of a random network, and none of a trained one. */
export function forcedDensity({
  density,
  run,
}: Pick<WorkloadOptions, "run"> & { readonly density: readonly number[] }): number | undefined {
  return density[0] ?? (run === undefined ? defaultDensity : undefined);
}
