/** `snnseg bench infer`: a whole network, fused against its plain twin. */
import {
  comparisonOf,
  densities,
  forceDensity,
  forcedDensity,
  inferencePair,
  interleaveOn,
  machine,
  openWorkload,
  spikingNetwork,
} from "../../benchmarks/index.js";
import { argmax, noGrad, scope, type Tensor } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { explainedLayers } from "../../inference/index.js";
import { explainLines } from "../lines/explain-lines.js";
import { formatPercent } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { InferOptions } from "./bench-options.js";
import { comparisonLines, densityLines, settingWords } from "./comparison-lines.js";

export async function benchInfer(options: InferOptions, terminal: Terminal): Promise<void> {
  const { rounds, precision, device } = options;
  await using work = await openWorkload({ ...options, precision: "fp32" });
  const { setting } = work;
  const model = spikingNetwork(work);
  const density = forcedDensity(options);
  scope("bench", () => {
    const frames = work.encode();
    if (density !== undefined) forceDensity(model, frames, density);
    using pair = inferencePair({ model, precision }, frames);
    const { fused, plain, score } = pair;
    const { activity, agreement } = scope("check", () => {
      const result = score(frames);
      const expected = noGrad(() => plain.forward(frames));
      return { activity: result.activity, agreement: agreementOf(result.logits, expected.logits) };
    });
    const measured = interleaveOn(device, { twin: pair.twin, ours: pair.ours }, rounds);
    const layers = densities(activity, setting.batchSize);
    const packedWeightBytes = fused?.describe().reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    terminal.print(`${settingWords(work)}, ${precision}, ${engineWords()}, medians of ${rounds}`);
    terminal.print(`${comparisonLines(measured)}\n`);
    const kernels = options.explain && fused ? explainedLayers(fused, layers) : undefined;
    terminal.print(kernels ? explainLines(kernels) : densityLines(layers));
    terminal.print(`pixels of the same class: ${formatPercent(agreement)}`);
    terminal.result({
      ...{ benchmark: "infer", ...setting, precision, density, ...comparisonOf(measured) },
      ...{ densities: layers, kernels, agreement, packedWeightBytes, rounds, ...machine() },
    });
  });
}

/** Share of pixels that get the same class from both. */
function agreementOf(a: Tensor, b: Tensor): number {
  const classesOf = (logits: Tensor) => argmax(logits, 1).toArray() as BigInt64Array;
  const [x, y] = [classesOf(a), classesOf(b)];
  return x.reduce((count, label, i) => count + (label === y[i] ? 1 : 0), 0) / x.length;
}
