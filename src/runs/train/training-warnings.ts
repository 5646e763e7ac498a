/** What is worth knowing before a training begins. */
import { bitsObstacle } from "../../models/index.js";
import { poissonLoss, poissonLossWarning } from "../../neurons/index.js";
import { computingOf, type StartedRun } from "../../training/index.js";

/** Where an option does less than its help says, and what of a batch Poisson coding cannot say. */
export async function* trainingWarnings({ experiment }: StartedRun): AsyncGenerator<string> {
  const { config, modelConfig, trainLoader } = experiment;
  if (modelConfig.kind === "snn" && computingOf(config).precision === "bf16") {
    const obstacle = bitsObstacle(modelConfig);
    if (obstacle !== undefined) {
      yield `--precision bf16: training without bit-packed spikes, since ${obstacle}; only gradients are bfloat16`;
    }
  }
  if (config.model !== "snn" || config.encoding !== "poisson") return;
  for await (const { images } of trainLoader.batches(0)) {
    const warning = poissonLossWarning(poissonLoss(images));
    if (warning !== undefined) yield warning;
    return;
  }
}
