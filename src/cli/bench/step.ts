/** `snnseg bench step`: one step of training, ours against the plain twin. */
import { type Config, optionOf } from "../../config/index.js";
import { scope, type Tensor } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { type SegmentationModel, SnnModel } from "../../models/index.js";
import { Sgd } from "../../nn/index.js";
import { computingOf, type StepResult, trainStep } from "../../training/index.js";
import { formatTable } from "../format.js";
import type { Terminal } from "../terminal.js";
import type { StepOptions } from "./bench-options.js";
import { comparisonLines, comparisonOf, machine, percent } from "./comparison.js";
import { densities, forceDensity } from "./force-density.js";
import { GradientCopy, gradientCosines } from "./gradients.js";
import { interleave } from "./interleave.js";
import { plainTwin } from "./plain-twin.js";
import { openWorkload, settingWords } from "./workload.js";

/** All the work of an update, but the weights stay, so that every round does the same. */
const lr = 0;
const { momentum, weightDecay } = {
  momentum: optionOf("momentum").default as Config["momentum"],
  weightDecay: optionOf("weightDecay").default as Config["weightDecay"],
};

export async function benchStep(options: StepOptions, terminal: Terminal): Promise<void> {
  const { rounds } = options;
  await using work = await openWorkload(options);
  const { model, batch, setting } = work;
  const [density] = options.density;
  const { precision } = computingOf({ device: "cpu", precision: options.precision });
  scope("bench", () => {
    const input = work.encode();
    if (density !== undefined) forceSpikes(model, { input, density });
    model.setTraining(true);
    using twin = plainTwin(model);
    const train = (network: SegmentationModel, optimizer: Sgd | GradientCopy) =>
      trainStep(batch, { model: network, optimizer, encode: () => input, device: "cpu" });
    const check = compareStep({ model, twin }, train);
    using ours = new Sgd(model.parameters(), { lr, momentum, weightDecay });
    using plain = new Sgd(twin.parameters(), { lr, momentum, weightDecay });
    const measured = interleave(
      { twin: () => void train(twin, plain), ours: () => void train(model, ours) },
      rounds,
    );
    const layers = densities(check.activity, setting.batchSize);
    terminal.print(`${settingWords(work)}, ${precision}, medians of ${rounds}`);
    terminal.print(`${comparisonLines(measured)}\n`);
    terminal.print(layerLines(layers, check.gradientCosines));
    terminal.print(`relative difference of the losses: ${check.lossDifference.toExponential(1)}`);
    terminal.result({
      ...{ benchmark: "step", ...setting, precision, density, ...comparisonOf(measured) },
      densities: layers,
      agreement: { lossDifference: check.lossDifference, gradientCosines: check.gradientCosines },
      ...{ rounds, ...machine() },
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

/** One step of both without an update: how far their losses and gradients agree. */
function compareStep(
  { model, twin }: { readonly model: SegmentationModel; readonly twin: SegmentationModel },
  train: (network: SegmentationModel, optimizer: GradientCopy) => StepResult,
) {
  using ours = new GradientCopy(model.parameters());
  using plain = new GradientCopy(twin.parameters());
  const [result, expected] = [train(model, ours), train(twin, plain)];
  return {
    activity: result.activity,
    lossDifference: Math.abs(result.loss - expected.loss) / Math.abs(expected.loss),
    gradientCosines: gradientCosines(ours.gradients, plain.gradients),
  };
}

/** Of every layer with weights: how often it fires, and how far the gradients of its weights agree. */
function layerLines(
  layers: Readonly<Record<string, number>>,
  cosines: Readonly<Record<string, number>>,
): string {
  const weights = Object.entries(cosines).filter(([name]) => !name.startsWith("bn_"));
  const rows = weights.map(([name, cosine]) => {
    const density = layers[name.replace(/(\.0)?\.weight$/, "")] ?? layers[name.replace(/\.weight$/, "")];
    return [name, density === undefined ? "" : percent(density), cosine.toFixed(6)];
  });
  return formatTable([["weights", "density", "cosine of gradients"], ...rows]);
}
