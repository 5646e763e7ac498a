/** Runs that were trained alike but for the seed, as one row: what a training reaches on average, and how sure that is. */
import { type Config, configKeys, optionOf } from "../../config/index.js";
import {
  bootstrapMean,
  bootstrapMeanDifference,
  type ImageCounts,
  standardDeviation,
  studentInterval,
} from "../../metrics/index.js";
import type { SeedGroup } from "../../report/index.js";
import type { TrainedRun } from "../trained-run.js";

/** A run of a report, as far as its group needs it. */
export interface SeededRun {
  readonly name: string;
  /** Equal for runs that were trained alike but for the seed: {@link trainingKey}. */
  readonly training: string;
  /** Of the training; unknown of weights that do not say. */
  readonly seed: number | undefined;
  readonly meanIoU: number;
  readonly counts: readonly ImageCounts[];
}

/** Options of other groups that leave what is learnt as it is. */
const indifferent: readonly (keyof Config)[] = ["evalBatchSize", "saveEvery", "cacheMb"];

/**
 * What a run was trained with, but for its seed, its machine and where its files lie.
 *
 * @param variant - tells networks apart that were made of one run
 */
export function trainingKey({ meta, model }: Pick<TrainedRun, "meta" | "model">, variant = ""): string {
  const config: Partial<Config> = meta.config;
  const learnt = configKeys.filter(
    (key) => key === "precision" || (optionOf(key).group !== "Run" && !indifferent.includes(key)),
  );
  // A path says where; that there is one says how.
  const values = learnt.map((key) => (optionOf(key).isPath ? typeof config[key] : config[key]));
  const { from: _, ...conversion } = meta.conversion ?? { from: "" };
  return JSON.stringify([values, model.config, conversion, variant]);
}

/**
 * Groups runs that differ in their seeds alone; every other run is a group of its own.
 *
 * @param runs - all with counts of the same images
 * @param seed - of the resampling
 * @returns in the order of their first runs; none where no group has several runs
 */
export function seedGroups(runs: readonly SeededRun[], seed: number): SeedGroup[] {
  const alike = new Map<string, number[]>();
  for (const [i, { training }] of runs.entries()) alike.set(training, [...(alike.get(training) ?? []), i]);
  const groups = [...alike.values()].flatMap((members) => {
    const seeds = new Set(members.map((i) => runs[i]!.seed));
    // One seed twice, such as the best and the last checkpoint of a run, is no repetition.
    return seeds.size === members.length ? [members] : members.map((i) => [i]);
  });
  if (groups.every(({ length }) => length === 1)) return [];
  groups.sort(([a], [b]) => a! - b!);
  const first = groups[0]!.map((i) => runs[i]!);
  return groups.map((members, g) => {
    const group = members.map((i) => runs[i]!);
    return {
      name: groupName(group.map(({ name }) => name)),
      runs: members,
      deviation: group.length > 1 ? standardDeviation(group.map(({ meanIoU }) => meanIoU)) : null,
      ...bootstrapMean(countsOf(group), { seed }),
      difference: g === 0 ? null : differenceOf(group, first, seed),
    };
  });
}

function differenceOf(
  ours: readonly SeededRun[],
  theirs: readonly SeededRun[],
  seed: number,
): NonNullable<SeedGroup["difference"]> {
  const pairs = ours.flatMap((run) => {
    const twin = theirs.find((other) => other.seed === run.seed);
    return twin ? [run.meanIoU - twin.meanIoU] : [];
  });
  const arePaired = pairs.length === ours.length && pairs.length === theirs.length;
  return {
    ...bootstrapMeanDifference(countsOf(ours), countsOf(theirs), { seed }),
    overSeeds: arePaired ? studentInterval(pairs) : null,
  };
}

function countsOf(group: readonly SeededRun[]): (readonly ImageCounts[])[] {
  return group.map(({ counts }) => counts);
}

/** What names have in common: `ann` of `ann-0` and `ann-1`; all of them where that is nothing. */
function groupName(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  const start = common(names);
  const end = common(names.map((name) => reversed(name.slice(start.length))));
  const isCut = names.some((name) => /^\d/.test(name.slice(start.length)));
  const stem = (isCut ? start.replace(/\d+$/, "") : start).replace(/[\s._-]+$/, "");
  const rest = reversed(end).replace(/^[^\s._-]*/, "");
  return `${stem}${rest}`.trim() || names.join(", ");
}

/** The longest start of all. */
function common([first = "", ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}
