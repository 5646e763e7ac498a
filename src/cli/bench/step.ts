/** `snnseg bench step`: one step of training, ours against the plain twin. */
import {
  compareStep,
  comparisonOf,
  densities,
  forceDensity,
  interleaveOn,
  machine,
  openWorkload,
  type StepAgreement,
  trainingPair,
} from "../../benchmarks/index.js";
import { scope, type Tensor } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { OptionError } from "../../errors.js";
import { type SegmentationModel, SnnModel } from "../../models/index.js";
import { checkTrainable, computingOf } from "../../training/index.js";
import { formatPercent, formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { StepOptions } from "./bench-options.js";
import { comparisonLines, settingWords } from "./comparison-lines.js";

export async function benchStep(options: StepOptions, terminal: Terminal): Promise<void> {
  const { rounds, device } = options;
  await using work = await openWorkload(options);
  const { model, setting } = work;
  const [density] = options.density;
  const { precision } = computingOf({
    device,
    precision: options.precision,
    model: model.config.kind,
  });
  checkTrainable({ device, precision }, model.config);
  scope("bench", () => {
    const input = work.encode();
    if (density !== undefined) forceSpikes(model, { input, density });
    using pair = trainingPair(work, input);
    const check = compareStep(pair, { model, precision });
    const measured = interleaveOn(device, { twin: pair.twin, ours: pair.ours }, rounds);
    const { activity, ...agreement } = check;
    const layers = densities(activity, setting.batchSize);
    terminal.print(`${settingWords(work)}, ${precision}, ${engineWords()}, medians of ${rounds}`);
    terminal.print(`${comparisonLines(measured)}\n`);
    terminal.print(layerLines(layers, check));
    terminal.print(`relative difference of the losses: ${check.lossDifference.toExponential(1)}`);
    terminal.result({
      ...{ benchmark: "step", ...setting, precision, density, ...comparisonOf(measured) },
      densities: layers,
      ...{ agreement, rounds, ...machine() },
    });
  });
}

function forceSpikes(
  model: SegmentationModel,
  { input, density }: { readonly input: Tensor; readonly density: number },
): void {
  if (!(model instanceof SnnModel)) {
    throw new OptionError("--density: expected a spiking network, received an ANN; leave --density out");
  }
  forceDensity(model, input, density);
}

/** Of every layer with weights: how often it fires, and how far the gradients of its weights agree. */
function layerLines(
  layers: Readonly<Record<string, number>>,
  { gradientCosines: twin, precisionCosines: fp32 }: StepAgreement,
): string {
  const spiking = Object.keys(layers).length > 0;
  const cells = (density: string, cosine: string, precise: string) => [
    ...(spiking ? [density] : []),
    cosine,
    ...(fp32 === undefined ? [] : [precise]),
  ];
  const rows = Object.entries(twin)
    .filter(([name]) => name.endsWith(".weight") && !name.startsWith("bn_"))
    .map(([name, cosine]) => {
      const layer = name.replace(".weight", "");
      const density = layers[layer] ?? layers[layer.replace(/^(upsample\.\d)\.0$/, "$1")];
      const share = density === undefined ? "" : formatPercent(density);
      return [layer, ...cells(share, cosine.toFixed(6), fp32?.[name]?.toFixed(6) ?? "")];
    });
  const head = cells("density", "gradient: cosine to the twin's", "to fp32's");
  return formatTable([["layer", ...head], ...rows]);
}
