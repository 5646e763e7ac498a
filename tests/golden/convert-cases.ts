/** Golden cases `convert`: the ANN's output, the thresholds found, the converted network's spikes and output. */
import {
  applyThresholds,
  findThresholds,
  scaleThresholds,
  type Thresholds,
} from "../../src/conversion/index.js";
import { noGrad, scope, type Tensor } from "../../src/engine/index.js";
import { OptionError } from "../../src/errors.js";
import { poissonFrames, SnnModel, storedFrames } from "../../src/models/index.js";
import { loadState, readState } from "../../src/nn/index.js";
import { Comparison, maxAbs, tolerances } from "./comparison.js";
import { compareBatchNorm, compareForward } from "./forward-checks.js";
import type { ConvertCase, LoadedCase } from "./golden-case.js";
import { buildNetwork, goldenUniform, inputOf } from "./network.js";

/** Converts the case's ANN with each leak. The reference's own update rule ("as-is") is on record, not checked. */
export function checkConvertCase(content: ConvertCase, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  const { config, inputs, parameters } = content;
  using ann = buildNetwork(config, "ann", parameters);
  scope("convert case", () =>
    noGrad(() => {
      const image = inputOf({ ...inputs, kind: "image" }, 1);
      // One forward pass in training mode sets the running statistics, where there are any.
      if (config.bn) ann.forward(image);
      compareBatchNorm(comparison, "ann", ann, content.ann_batch_norm);
      ann.setTraining(false);
      const output = loaded.data(content.ann_output);
      const { logits } = ann.forward(image);
      comparison.within("ann output", logits.toFloat32Array(), output, tolerances.output, maxAbs(output));
      const weights = new Map([...readState(ann)].filter(([name]) => name.endsWith(".weight")));
      for (const run of content.runs.filter(({ update_rule }) => update_rule === "max")) {
        using snn = buildNetwork({ ...config, leak_mem: run.leak_mem }, "snn", []);
        if (!(snn instanceof SnnModel)) throw new OptionError("golden: expected a spiking network");
        loadState(snn, weights);
        snn.setTraining(false);
        compareRun(comparison, { snn, image, content, run, loaded });
      }
    }),
  );
  return comparison;
}

function compareRun(
  comparison: Comparison,
  {
    snn,
    image,
    content: { config, inputs },
    run,
    loaded,
  }: {
    readonly snn: SnnModel;
    readonly image: Tensor;
    readonly content: ConvertCase;
    readonly run: ConvertCase["runs"][number];
    readonly loaded: LoadedCase;
  },
): void {
  const when = `leak ${run.leak_mem}`;
  const { timesteps } = snn.config;
  const frames = poissonFrames(image, goldenUniform(inputs.poisson_seed ?? 0));
  const all = frames(0, timesteps);
  const found = findThresholds(snn, [storedFrames(all)], { type: config.threshold_type });
  compareThresholds(comparison, when, found, run, loaded);
  applyThresholds(snn, scaleThresholds(found, run.scaling_factor));
  const expected = { output: run.output, spikes: run.spikes };
  compareForward(comparison, when, snn.forward(all), undefined, expected, loaded);
}

function compareThresholds(
  comparison: Comparison,
  when: string,
  found: Thresholds,
  run: ConvertCase["runs"][number],
  loaded: LoadedCase,
): void {
  const ours = [...found];
  for (const [index, theirs] of run.thresholds.entries()) {
    const [name, { data }] = ours[index] ?? ["missing layer", { data: [] }];
    const values = typeof theirs === "number" ? [theirs] : loaded.data(theirs);
    comparison.within(`${when} threshold of ${name}`, data, values, tolerances.thresholds, maxAbs(values));
  }
}
