/** A spiking run beside ANNs that were trained for the same task: their scores and energies on the same examples. */
import { annRows, type EnergyMeasurement, type NetworkRow, spikingRows } from "../../analysis/index.js";
import type { EnergyConstants } from "../../energy/index.js";
import { OptionError } from "../../errors.js";
import { AnnModel } from "../../models/index.js";
import { readCalibrationImages } from "../convert/calibration-images.js";
import { type Listener, stageOf } from "../listener.js";
import { checkSameData, openTrainedRun, type TrainedRun } from "../trained-run.js";

/** Batches from which the range of an ANN's activations is found. */
export const calibrationBatches = 4;

/** ANNs that stand beside a spiking run. */
export interface Baselines extends AsyncDisposable {
  /** In the order of their paths. */
  readonly anns: readonly TrainedRun[];
}

/**
 * Opens ANNs to stand beside a spiking run, each with the data as it was trained to see them.
 *
 * @param run - the spiking network, with its examples
 * @param paths - runs or checkpoints of ANNs
 * @param opening - as that of `run`
 * @returns them; the caller closes them
 * @throws OptionError if one is no ANN, or has other examples or classes; and as `openTrainedRun`. Nothing stays open then.
 */
export async function openBaselines(
  run: TrainedRun,
  paths: readonly string[],
  opening: Parameters<typeof openTrainedRun>[1] = {},
): Promise<Baselines> {
  const opened: TrainedRun[] = [];
  const close = async () => {
    for (const ann of opened) await ann[Symbol.asyncDispose]();
  };
  try {
    for (const path of paths) {
      const ann = await openTrainedRun(path, opening);
      opened.push(ann);
      if (!(ann.model instanceof AnnModel)) {
        throw new OptionError(
          `--ann: expected an ANN, received a spiking network in ${path}; name the run of an ANN`,
        );
      }
      checkSameData("--ann", ann, run);
    }
    return { anns: opened, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * One table: the spiking network as it was measured, and every ANN in float32 and in 8 bits.
 *
 * @param measurement - of `measureEnergy` on the examples
 * @param options - `anns`: of {@link openBaselines}; `constants`: energies of one process
 */
export async function baselineRows(
  measurement: EnergyMeasurement,
  {
    anns,
    constants,
    listener = {},
  }: {
    readonly anns: readonly TrainedRun[];
    readonly constants: EnergyConstants;
    readonly listener?: Listener;
  },
): Promise<NetworkRow[]> {
  const rows = spikingRows(measurement, constants);
  for (const { model, loader, input, config, trainPixels, limitBatches, file } of anns) {
    using calibration = await readCalibrationImages(config, calibrationBatches);
    const total = 2 * Math.min(loader.batchCount, limitBatches ?? loader.batchCount);
    const stage = stageOf(listener, { label: `run ${file}`, total, unit: "images" });
    const onBatch = (images: number) => stage.step(images, "");
    const images = calibration.batches.map((batch) => batch.images);
    const given = { constants, calibration: images, input, trainPixels, limitBatches, onBatch };
    rows.push(...(await annRows(model as AnnModel, loader, given)));
    stage.end();
  }
  return rows;
}
