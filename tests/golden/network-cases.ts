/** Golden cases `ann`, `snn` (forward, backward, evaluation) and `train` (optimizer steps). */
import { crossEntropy, narrow, noGrad, scope, type Tensor } from "../../src/engine/index.js";
import type { LayerActivity, SegmentationModel } from "../../src/models/index.js";
import { Adam, type Optimizer, Sgd } from "../../src/nn/index.js";
import { Comparison, gradientTolerance, maxAbs, tolerances } from "./comparison.js";
import { compareBatchNorm, compareForward, compareSummary, partOf } from "./forward-checks.js";
import type { ForwardCase, LoadedCase, TrainCase } from "./golden-case.js";
import { buildNetwork, initialValues, inputOf, labelsOf } from "./network.js";

/** Labels of golden cases hold no void. */
const NO_VOID = 255;

/** Forward in training mode, gradients, running statistics, forward in evaluation mode. */
export function checkForwardCase(content: ForwardCase, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  using model = buildNetwork(content.config, content.kind, content.parameters);
  scope("golden case", () => {
    const input = inputOf(content.inputs, content.config.timesteps ?? 1);
    const labels = labelsOf(content.labels);
    const trained = model.forward(input);
    const loss = crossEntropy(trained.logits, labels, NO_VOID);
    compareForward(comparison, "train", trained, loss, content.train, loaded);
    loss.backward();
    compareGradients(comparison, model, content);
    compareBatchNorm(comparison, "train", model, content.batch_norm);
    model.setTraining(false);
    noGrad(() => {
      const evaluated = model.forward(input);
      const expected = content.eval === "same as train" ? content.train : content.eval;
      const evalLoss = crossEntropy(evaluated.logits, labels, NO_VOID);
      compareForward(comparison, "eval", evaluated, evalLoss, expected, loaded);
      if (content.count_spikes) {
        const first = model.forward(narrow(input, 1, 0, 1));
        compareSpikeCounts(comparison, content.count_spikes, [evaluated.activity, first.activity]);
      }
    });
  });
  return comparison;
}

/** Two optimizer steps on one batch and a third forward pass. */
export function checkTrainCase(content: TrainCase, loaded: LoadedCase): Comparison {
  const comparison = new Comparison();
  const { config, parameters } = content;
  using model = buildNetwork(config, "snn", parameters);
  using optimizer = optimizerOf(content, model);
  const labels = labelsOf(content.labels);
  const input = inputOf(content.inputs, config.timesteps ?? 1);
  const gradientBound = gradientTolerance(config.grad_type);
  for (const [index, expected] of content.steps.entries()) {
    const when = `step ${index + 1}`;
    scope(when, () => {
      const result = model.forward(input);
      const loss = crossEntropy(result.logits, labels, NO_VOID);
      compareForward(comparison, when, result, loss, expected, loaded);
      optimizer.zeroGrad();
      loss.backward();
      const gradients = gradientsOf(model);
      for (const [p, l2] of expected.grad_l2.entries()) {
        const gradient = partOf(parameters[p]!.name, gradients);
        if (l2 === null) continue;
        const ours = gradient ? l2Norm(gradient) : Number.NaN;
        comparison.relative(`${when} gradient of ${parameters[p]!.name} l2`, ours, l2, gradientBound);
      }
      optimizer.step();
      for (const summary of expected.parameters_after)
        compareParameter(comparison, when, summary, content, model);
      compareBatchNorm(comparison, when, model, expected.batch_norm_after);
    });
  }
  scope("after", () => {
    const result = model.forward(input);
    const loss = crossEntropy(result.logits, labels, NO_VOID);
    compareForward(comparison, "after", result, loss, content.after, loaded);
  });
  input.dispose();
  labels.dispose();
  return comparison;
}

/** The reference's counters over several forward passes: sums, neurons, averages per example, rates over T. */
function compareSpikeCounts(
  comparison: Comparison,
  expected: NonNullable<ForwardCase["count_spikes"]>,
  passes: readonly (readonly LayerActivity[])[],
): void {
  const layers = passes[0]!.map((layer, index) => {
    const spikes = passes.flatMap((pass) => pass[index]!.spikes).reduce((sum, count) => sum + count, 0);
    return { neurons: layer.neurons, spikes, average: spikes / expected.examples };
  });
  comparison.equal(
    "spike counts",
    layers.map((layer) => layer.spikes),
    expected.sum,
  );
  comparison.equal(
    "neurons",
    layers.map((layer) => layer.neurons),
    expected.units,
  );
  const bound = tolerances.scores;
  comparison.within(
    "average spikes",
    layers.map((layer) => layer.average),
    expected.average,
    bound,
    maxAbs(expected.average),
  );
  comparison.within(
    "spike rates",
    layers.map((layer) => layer.average / layer.neurons),
    expected.rate,
    bound,
    1,
  );
}

function compareGradients(comparison: Comparison, model: SegmentationModel, content: ForwardCase): void {
  const gradients = gradientsOf(model);
  const bound = gradientTolerance(content.config.grad_type);
  for (const { name, grad } of content.parameters) {
    const ours = partOf(name, gradients);
    if (!grad) {
      // A parameter without a gradient in the reference may have one of zeros here.
      if (ours?.some((value) => value !== 0)) comparison.failures.push(`gradient of ${name}: expected none`);
      continue;
    }
    if (!ours) {
      comparison.failures.push(`gradient of ${name}: expected one, received none`);
      continue;
    }
    compareSummary(comparison, `gradient of ${name}`, ours, grad, { norms: bound, elements: bound });
  }
}

function compareParameter(
  comparison: Comparison,
  when: string,
  summary: TrainCase["steps"][number]["parameters_after"][number],
  content: TrainCase,
  model: SegmentationModel,
): void {
  const name = summary.name ?? "";
  const data = partOf(name, model.parameters()) ?? new Float32Array();
  const bound = tolerances.parameters;
  compareSummary(comparison, `${when} ${name}`, data, summary, { norms: bound, elements: bound });
  const parameter = content.parameters.find((candidate) => candidate.name === name);
  if (!parameter || summary.delta_l2 === undefined) return;
  const before = initialValues(parameter);
  const change = l2Norm(data.map((value, i) => value - before[i]!));
  comparison.relative(`${when} ${name} change`, change, summary.delta_l2, tolerances.parameterChange);
}

function optimizerOf({ config }: TrainCase, model: SegmentationModel): Optimizer {
  const { lr, weight_decay: weightDecay, momentum = 0 } = config;
  return config.optimizer === "sgd"
    ? new Sgd(model.parameters(), { lr, momentum, weightDecay })
    : new Adam(model.parameters(), { lr, weightDecay });
}

function gradientsOf(model: SegmentationModel): Map<string, Tensor | undefined> {
  return new Map([...model.parameters()].map(([name, parameter]) => [name, parameter.grad]));
}

/** The Euclidean norm, summed in float64. */
function l2Norm(data: Float32Array): number {
  return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));
}
