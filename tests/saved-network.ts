/** Checkpoints of small untrained networks on the built-in digits, for commands that open one. */

import { PassThrough } from "node:stream";
import { runProgram } from "../src/cli/program.js";
import type { NamedArray } from "../src/engine/index.js";
import { createModel, type ModelConfig, modelDefaults } from "../src/models/index.js";
import { readState } from "../src/nn/index.js";
import { type JsonObject, saveCheckpoint } from "../src/serialization/index.js";

export const digitClasses = 11;

const common = { ...modelDefaults, arch: "dl-vgg9", inputChannels: 3, numClasses: digitClasses } as const;
/** What a test changes is laid over these. */
export const savedConfigs = {
  snn: { ...common, kind: "snn", timesteps: 2 },
  ann: { ...common, kind: "ann" },
} as const satisfies Record<string, ModelConfig>;

/** Options with which such a checkpoint was made: pictures of 16x16. */
export const digitsOptions = {
  ...{ dataset: "digits", imgSize: [16, 16], digitsTrain: 4, digitsVal: 2, batchSize: 2, evalBatchSize: 2 },
  workers: 0,
} as const;

/**
 * Saves a network; returns the file's path without extension.
 *
 * @param change - of its arrays by name
 */
export async function saveNetwork(
  path: string,
  model: ModelConfig,
  {
    config = {},
    change = {},
  }: {
    readonly config?: JsonObject;
    readonly change?: Readonly<Record<string, (values: Float32Array) => void>>;
  } = {},
): Promise<string> {
  using network = createModel(model, { seed: 3 });
  const tensors: Map<string, NamedArray> = readState(network);
  for (const [name, edit] of Object.entries(change)) edit(tensors.get(name)!.data as Float32Array);
  const { kind, arch } = model;
  const timesteps = kind === "snn" ? { timesteps: model.timesteps } : {};
  await saveCheckpoint(path, {
    tensors,
    meta: {
      model: { ...model } as unknown as JsonObject,
      config: { ...digitsOptions, model: kind, arch, ...timesteps, ...config },
      classes: Array.from({ length: model.numClasses }, (_, k) => `class ${k}`),
      trainPixels: new Array<number>(model.numClasses).fill(1),
      epoch: 1,
      step: 0,
      scores: null,
    },
  });
  return path;
}

/** Runs a command line in this process. */
export async function runCommand(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(argv, streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}
