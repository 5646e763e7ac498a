/** The splits of a data set: those used where none is asked for, and those that are there. */
import type { UsualSplits } from "./dataset-kind.js";
import { type DatasetSpec, datasetKind } from "./kinds.js";

const usualOrder = ["train_aug", "train", "val", "test", "other"];

/**
 * The usual splits for training and scoring.
 *
 * VOC2012 trains on `train_aug` where its list exists, else on `train`; a folder scores `val` where its list exists,
 * else `test`; DDD17 and DSEC have `train` and `test`; recordings score `val` where that folder exists.
 *
 * @param spec - which data set; its folder is looked into
 * @throws OptionError for an unknown data set
 */
export function usualSplits(spec: DatasetSpec): UsualSplits {
  return datasetKind(spec).usualSplits(spec);
}

/**
 * Splits to look at where none is asked for: those for training and scoring, as far as they are there, and of data
 * sets whose splits are apart (all but VOC2012's nested lists) every further one. At least one, there or not.
 *
 * @param spec - which data set; its folder is looked into
 * @throws FileError if the root is missing, OptionError for an unknown data set
 */
export async function availableSplits(spec: DatasetSpec): Promise<readonly string[]> {
  const kind = datasetKind(spec);
  const present = (await kind.splits?.(spec)) ?? [
    ...((await kind.lists?.(spec).lists()) ?? new Map()).keys(),
  ];
  const found = [...new Set([...usualOrder, ...present])].filter((split) => present.includes(split));
  return found.length > 0 ? found : [kind.usualSplits(spec).train];
}
