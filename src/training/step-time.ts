/** How long a step of training takes on this machine. */
import type { Config } from "../config/index.js";
import { encodeInput } from "./encode-input.js";
import { createExperiment } from "./experiment.js";
import { trainStep } from "./train-step.js";

/** Timed steps; one more comes before them, in which memory is asked for and caches are filled. */
const timedSteps = 3;

/**
 * Seconds that a step of a configuration's training takes here: the median of three, on the first batches of its data and a
 * network that is thrown away.
 *
 * @throws FileError or DataFormatError if the data set is not there or not sound
 */
export async function secondsPerStep(config: Config): Promise<number> {
  await using experiment = await createExperiment(config);
  const { model, optimizer, trainLoader } = experiment;
  const { device } = config;
  const seconds: number[] = [];
  for await (const batch of trainLoader.batches(0)) {
    const began = performance.now();
    const encode = () => encodeInput(batch, config, (n) => n);
    trainStep(batch, { model, optimizer, encode, device });
    seconds.push((performance.now() - began) / 1000);
    if (seconds.length > timedSteps) break;
  }
  const timed = seconds.slice(1).sort((a, b) => a - b);
  return timed[Math.floor(timed.length / 2)] ?? seconds[0] ?? 0;
}
