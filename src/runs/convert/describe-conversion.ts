/** An ANN turned into a spiking network, with what conversion did to every layer. */
import type { Config } from "../../config/index.js";
import {
  type Conversion,
  conversionWarnings,
  convertAnn,
  type LayerReport,
  layerReport,
} from "../../conversion/index.js";
import { type Listener, stageOf } from "../listener.js";
import type { AnnCheckpoint } from "./ann-checkpoint.js";
import {
  type CalibrationImages,
  type CalibrationOrigin,
  readCalibrationImages,
} from "./calibration-images.js";
import type { ConvertOptions } from "./convert-options.js";
import { StoredThresholds } from "./stored-thresholds.js";

/** The owner disposes the conversion's model. */
export interface DescribedConversion {
  /** The network, and what was found for it. */
  readonly conversion: Conversion;
  /** The images that thresholds and reports come from. */
  readonly calibration: CalibrationOrigin;
  /** What conversion did to each layer, from input to output. */
  readonly layers: readonly LayerReport[];
  /** What its scores will not say by themselves. */
  readonly warnings: readonly string[];
}

/** Converts, with thresholds of an earlier search under the same conditions where there are any. */
export async function describeConversion(
  ann: AnnCheckpoint,
  {
    asked,
    config,
    listener,
  }: { readonly asked: ConvertOptions; readonly config: Config; readonly listener: Listener },
): Promise<DescribedConversion> {
  using calibration = await readCalibrationImages(config, asked.batches);
  const conversion = await convert(ann, { asked, config, calibration, listener });
  const layers = layerReport(conversion, calibration.batches);
  const { examples, poissonLoss } = calibration;
  const { found } = conversion;
  const { encoding } = config;
  const about = { ann: ann.network, layers, found, examples, encoding, poissonLoss };
  return { conversion, layers, calibration: calibration.origin, warnings: conversionWarnings(about) };
}

async function convert(
  { file, network }: AnnCheckpoint,
  {
    asked,
    config,
    calibration,
    listener,
  }: {
    readonly asked: ConvertOptions;
    readonly config: Config;
    readonly calibration: CalibrationImages;
    readonly listener: Listener;
  },
): Promise<Conversion> {
  const { method, thresholds: type, scale, percentile } = asked;
  const { timesteps, leak, imbalance, encoding } = config;
  const batchNorm = !asked.ignoreBatchNorm;
  // A GPU draws other Poisson spikes.
  const drawn = config.device === "cpu" || encoding !== "poisson" ? {} : { drawn: "on a GPU" };
  const conditions = { leak, imbalance, encoding, batchNorm, calibration: calibration.origin, ...drawn };
  const search = { type, timesteps, conditions };
  const stored = method === "paper" ? await StoredThresholds.open(file) : undefined;
  const found = asked.reset ? undefined : stored?.get(search);
  if (found !== undefined) {
    listener.note?.(`thresholds of ${file} for ${type}.${timesteps} reused; --reset searches again`);
  }
  const stage = stageOf(listener, { label: "find thresholds", total: 0, unit: "layers" });
  const conversion = convertAnn(network, calibration.batches, {
    ...{ method, type, timesteps, leak, found },
    ...(scale === undefined ? {} : { scale }),
    ...(percentile === undefined ? {} : { percentile }),
    ...(imbalance === null ? {} : { imbalance }),
    onLayer: (layer) => stage.step(1, layer),
  });
  stage.end();
  if (stored !== undefined && found === undefined && !(await stored.keep(search, conversion.found))) {
    listener.note?.(`thresholds are not kept for another conversion: nothing can be written beside ${file}`);
  }
  return conversion;
}
