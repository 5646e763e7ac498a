/** Rules between options that their own schemas cannot state. */
import { datasetKind, sequenceKinds } from "../datasets/index.js";
import { OptionError } from "../errors.js";
import type { Config } from "./schema.js";

/** @throws OptionError if two options contradict each other, or one lacks another that it needs */
export function checkRules(config: Config): void {
  if (config.root === null && datasetKind({ name: config.dataset }).takes.root === true) {
    throw new OptionError(
      `--root: expected the folder of data set ${config.dataset}, received none; ` +
        "add --root DIR, or try --dataset digits, which needs no folder",
    );
  }
  checkData(config);
  checkNetwork(config);
  if (config.kernelSize % 2 === 0) {
    throw new OptionError(
      `--kernel-size: expected an odd side, so that padding keeps the size, received ${config.kernelSize}; ` +
        `try ${config.kernelSize + 1}`,
    );
  }
  if (!/^(cpu|cuda(:\d+)?)$/.test(config.device)) {
    throw new OptionError(`--device: expected cpu, cuda or cuda:N, received ${config.device}; try cpu`);
  }
  if (config.milestones.some((share, i) => i > 0 && share <= config.milestones[i - 1]!)) {
    throw new OptionError(
      `--milestones: expected ascending shares, received ${config.milestones.join(",")}; sort them`,
    );
  }
}

/** Whether a data set's examples are event frames, not pictures. */
export function holdsEvents({ dataset }: Pick<Config, "dataset">): boolean {
  return datasetKind({ name: dataset }).input === "events";
}

function checkNetwork({ model, norm, spikingFrom }: Config): void {
  if (model === "ann" && norm !== null && norm !== "plain" && norm !== "affine") {
    throw new OptionError(
      `--norm: expected plain or affine for an ANN, received ${norm}; leave it out, or choose --model snn`,
    );
  }
  if (spikingFrom !== null && norm === "bntt") {
    throw new OptionError(
      "--norm: expected one that timesteps share beside --spiking-from, as ReLUs come first, received bntt; " +
        "leave it out, or choose affine",
    );
  }
}

function checkData({ dataset, augment, encoding, model }: Config): void {
  if (augment !== "none" && augment !== "geometric" && holdsEvents({ dataset })) {
    throw new OptionError(
      `--augment: expected none or geometric for the event frames of ${dataset}, received ${augment}; use --augment geometric`,
    );
  }
  if (augment === "scale-crop" && datasetKind({ name: dataset }).takes.augmentScale === undefined) {
    throw new OptionError(
      `--augment: expected none, geometric or picture for ${dataset}, which has no picture files, received scale-crop; use --augment picture`,
    );
  }
  if (encoding === "sequence" && model === "snn" && datasetKind({ name: dataset }).sequences === undefined) {
    throw new OptionError(
      `--encoding: expected poisson or direct for the still images of ${dataset}, received sequence; ` +
        `use --dataset ${sequenceKinds.join(" or ")} for sequences`,
    );
  }
}
