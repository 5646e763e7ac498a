/** A run opened for a closer look: its network, its options, and the data to look with. */
import type { TrainedNetwork } from "../analysis/index.js";
import type { Config } from "../config/index.js";
import type { Loader, Noise } from "../datasets/index.js";
import { prepareEngine } from "../environment/index.js";
import { OptionError } from "../errors.js";
import { createEvalLoader, type EvaluationResult, evaluationWarnings, splitsOf } from "../training/index.js";
import { type OpenedRun, type OpenRunOptions, openRun } from "./open-run.js";

/** A run's network with a split to look at it with. The owner closes it. */
export interface TrainedRun
  extends TrainedNetwork,
    Pick<OpenedRun, "file" | "meta" | "config">,
    AsyncDisposable {}

/**
 * Opens a run's network and a split to look at it with; `noise` changes the examples.
 *
 * @param path - as in {@link loadRun}
 * @param options - `split` (default: the one that training scored), `noise` (default: none), and those of `openRun`
 * @throws as `openRun`; OptionError if the data have other channels or classes than the network, or the
 * classes in another order. Nothing stays open then.
 */
export async function openTrainedRun(
  path: string,
  {
    split,
    noise,
    ...opening
  }: OpenRunOptions & { readonly split?: string | undefined; readonly noise?: Noise | undefined } = {},
): Promise<TrainedRun> {
  const run = await openRun(path, opening);
  try {
    const { config, model, meta } = run;
    prepareEngine(config);
    const listed = opening.options?.evalList === undefined ? config : withListOf(split, config);
    const loader = await createEvalLoader(listed, { split: split ?? splitsOf(config).evaluate, noise });
    await checkFitsData(run, loader);
    const { kind } = model.config;
    const timesteps = model.config.kind === "snn" ? model.config.timesteps : 1;
    return {
      ...run,
      loader,
      input: { model: kind, encoding: config.encoding, timesteps, device: config.device },
      seed: config.seed,
      limitBatches: config.limitBatches,
      trainPixels: meta.trainPixels,
      async [Symbol.asyncDispose]() {
        run[Symbol.dispose]();
        await loader.close();
      },
    };
  } catch (error) {
    run[Symbol.dispose]();
    throw error;
  }
}

async function checkFitsData({ file, model, meta }: OpenedRun, loader: Loader): Promise<void> {
  const { inputChannels, numClasses } = model.config;
  const { name, channels, classes } = loader.dataset;
  const isReordered =
    classes.join() !== meta.classes.join() && classes.toSorted().join() === meta.classes.toSorted().join();
  if (channels === inputChannels && classes.length === numClasses && !isReordered) return;
  await loader.close();
  if (isReordered) {
    throw new OptionError(
      `open ${file}: expected the classes in the order ${meta.classes.join(", ")}, as in training, received ` +
        `${classes.join(", ")} of ${name}; give the class list that was trained with as --classes FILE`,
    );
  }
  throw new OptionError(
    `open ${file}: expected a data set of ${inputChannels} channels and ${numClasses} classes, ` +
      `received ${name} with ${channels} and ${classes.length}; check --root and --classes`,
  );
}

/** With a list that is given now for the split that is asked for now, not for the one that training scored. */
function withListOf(split: string | undefined, config: Config): Config {
  if (split === undefined) return config;
  const { evalList, trainList } = config;
  return { ...config, evalSplit: split, trainList: split === splitsOf(config).train ? evalList : trainList };
}

/** What the scores of an evaluation do not say by themselves. */
export function resultWarnings(
  { model, loader, meta }: Pick<TrainedRun, "model" | "loader"> & Partial<Pick<TrainedRun, "meta">>,
  result: EvaluationResult,
): string[] {
  const { batchNorm } = model.config;
  const { classes } = loader.dataset;
  const trained = meta?.classes ?? classes;
  const renamed = classes.findIndex((name, k) => name !== (trained[k] ?? name));
  const warnings = evaluationWarnings(result, { classes, batchNorm });
  if (renamed >= 0) {
    warnings.unshift(
      `class ${renamed} is called ${classes[renamed]} here and was ${trained[renamed]} in training: the scores hold only if they mean the same`,
    );
  }
  return warnings;
}

/**
 * @throws OptionError if a run is looked at on other examples, has other classes than the first one, or scores fewer of the
 * examples
 */
export function checkSameData(operation: string, run: TrainedRun, first: TrainedRun): void {
  const theirs = factsOf(first);
  for (const [k, [received, next]] of factsOf(run).entries()) {
    const [expected] = theirs[k]!;
    if (received === expected) continue;
    throw new OptionError(
      `${operation} ${run.file}: expected ${expected}, as the data of ${first.file} have, received ${received} of ${run.loader.dataset.name}; ${next}`,
    );
  }
}

/** What runs of the same examples have in common, with what helps where they do not; of as many examples, as many facts. */
function factsOf({ loader: { dataset }, config, limitBatches }: TrainedRun): [fact: string, next: string][] {
  const { split, length, classes } = dataset;
  const limit = (limitBatches ?? Number.POSITIVE_INFINITY) * config.evalBatchSize;
  const compare = "compare runs of one data set";
  return [
    [`split ${split}`, `${compare}, or name one with --split`],
    [`${length} examples`, compare],
    [`classes ${classes.join(", ")}`, compare],
    [
      `${Math.min(length, limit)} scored examples`,
      "give all runs one --limit-batches and one --eval-batch-size",
    ],
    ...Array.from({ length }, (_, i): [string, string] => [
      `${dataset.id(i)} as example ${i + 1}`,
      `${compare}, or give all of them one --eval-list`,
    ]),
  ];
}
