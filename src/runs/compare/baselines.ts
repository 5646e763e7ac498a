/** A spiking run beside ANNs that were trained for the same task: their scores and energies on the same examples. */
import { annRows, type EnergyMeasurement, type NetworkRow, spikingRows } from "../../analysis/index.js";
import type { EnergyConstants } from "../../energy/index.js";
import { OptionError } from "../../errors.js";
import { AnnModel, type SegmentationModel } from "../../models/index.js";
import { readCalibrationImages } from "../convert/calibration-images.js";
import { type Listener, stageOf } from "../listener.js";
import { openRun } from "../open-run.js";
import type { TrainedRun } from "../trained-run.js";

/** Batches from which the range of an ANN's activations is found. */
export const calibrationBatches = 4;

/**
 * One table: the spiking network as it was measured, and every ANN in float32 and in 8 bits.
 *
 * @param run - the spiking network, with the examples
 * @param measurement - of `measureEnergy` on these examples
 * @param options - `anns`: runs or checkpoints of ANNs; `constants`: energies of one process
 * @throws OptionError if one is no ANN, or has other channels or classes; and as `openRun`
 */
export async function baselineRows(
  run: TrainedRun,
  measurement: EnergyMeasurement,
  {
    anns,
    constants,
    listener = {},
  }: { readonly anns: readonly string[]; readonly constants: EnergyConstants; readonly listener?: Listener },
): Promise<NetworkRow[]> {
  const { loader, trainPixels, limitBatches, config } = run;
  const rows = spikingRows(measurement, constants);
  for (const path of anns) {
    using ann = await openRun(path);
    const { model } = ann;
    if (!(model instanceof AnnModel) || !fits(run, model)) throw notAnn(run, model, path);
    using calibration = await readCalibrationImages(config, calibrationBatches);
    const total = 2 * Math.min(loader.batchCount, limitBatches ?? loader.batchCount);
    const stage = stageOf(listener, { label: `run ${path}`, total, unit: "images" });
    const onBatch = (images: number) => stage.step(images, "");
    const images = calibration.batches.map((batch) => batch.images);
    const given = { constants, calibration: images, trainPixels, limitBatches, onBatch };
    rows.push(...(await annRows(model, loader, given)));
    stage.end();
  }
  return rows;
}

function fits({ model }: TrainedRun, { config }: AnnModel): boolean {
  const { inputChannels, numClasses } = model.config;
  return config.inputChannels === inputChannels && config.numClasses === numClasses;
}

function notAnn({ model, file }: TrainedRun, { config }: SegmentationModel, path: string): OptionError {
  const { inputChannels, numClasses } = model.config;
  return new OptionError(
    `--ann: expected an ANN of ${inputChannels} channels and ${numClasses} classes, as ${file} has, received ` +
      `${config.kind === "ann" ? "one" : "a spiking network"} of ${config.inputChannels} and ${config.numClasses} in ${path}; ` +
      "name the run of an ANN",
  );
}
