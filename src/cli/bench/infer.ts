/** `snnseg bench infer`: a whole network, fused against its plain twin. */
import { argmax, randn, scope, setThreads, type Tensor } from "../../engine/index.js";
import { fuseSnn, instructionSet } from "../../inference/index.js";
import { createModel, modelDefaults, SnnModel } from "../../models/index.js";
import { poissonEncoding, seededUniform } from "../../neurons/index.js";
import type { Terminal } from "../terminal.js";
import type { BenchOptions } from "./bench-options.js";
import { comparisonLines, comparisonOf, densityLines, machine, percent } from "./comparison.js";
import { densities, forceDensity } from "./force-density.js";
import { interleave } from "./interleave.js";
import { steppedForward } from "./stepped-twin.js";

const numClasses = 21;
const defaultDensity = 0.1;

export function benchInfer(options: BenchOptions, terminal: Terminal): void {
  const { arch, threads, batchSize, timesteps, imgSize, rounds, precision } = options;
  const [height, width] = imgSize;
  setThreads(threads);
  using model = createModel({ ...modelDefaults, kind: "snn", arch, inputChannels: 3, numClasses, timesteps });
  if (!(model instanceof SnnModel)) throw new TypeError("expected a spiking network");
  scope("bench", () => {
    const image = randn([batchSize, 3, height, width], 1);
    const frames = poissonEncoding(
      image,
      timesteps,
      seededUniform((t) => t),
    );
    const density = options.density[0] ?? defaultDensity;
    forceDensity(model, frames, density);
    using fused = fuseSnn(model, { height, width, precision });
    const { activity, agreement } = scope("check", () => {
      const result = fused.forward(frames);
      const expected = steppedForward(model, frames);
      return { activity: result.activity, agreement: agreementOf(result.logits, expected) };
    });
    const measured = interleave(
      {
        twin: () => scope("twin", () => void steppedForward(model, frames)),
        ours: () => scope("ours", () => void fused.forward(frames)),
      },
      rounds,
    );
    const setting = { arch, timesteps, batchSize, imgSize, threads, precision, density };
    const layers = densities(activity, batchSize);
    const packedWeightBytes = fused.describe().reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    terminal.print(
      `${arch}, T = ${timesteps}, batch ${batchSize}, ${height}x${width}, ${threads} threads, ${precision}, ` +
        `kernels ${instructionSet()}, medians of ${rounds}`,
    );
    terminal.print(`${comparisonLines(measured)}\n`);
    terminal.print(densityLines(layers));
    terminal.print(`pixels of the same class: ${percent(agreement)}`);
    terminal.result({
      ...{ benchmark: "infer", ...setting, ...comparisonOf(measured), densities: layers },
      ...{ agreement, packedWeightBytes, rounds, ...machine() },
    });
  });
}

/** Share of pixels that get the same class from both. */
function agreementOf(a: Tensor, b: Tensor): number {
  const classesOf = (logits: Tensor) => argmax(logits, 1).toArray() as BigInt64Array;
  const [x, y] = [classesOf(a), classesOf(b)];
  return x.reduce((count, label, i) => count + (label === y[i] ? 1 : 0), 0) / x.length;
}
