/** The splits a data set has, and those used where none is asked for. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatasetSpec } from "./dataset-spec.js";
import { vocListFolder } from "./voc2012.js";

export interface UsualSplits {
  readonly train: string;
  readonly evaluate: string;
}

/**
 * The usual splits for training and scoring.
 *
 * VOC2012 trains on `train_aug` where its list exists, else on `train`; a folder scores `val` where its list exists,
 * else `test`; DDD17 and DSEC have `train` and `test`; recordings score `val` where that folder exists.
 */
export function usualSplits(spec: DatasetSpec): UsualSplits {
  switch (spec.name) {
    case "voc2012": {
      const augmented =
        spec.lists?.train_aug !== undefined || existsSync(join(vocListFolder(spec.root), "train_aug.txt"));
      return { train: augmented ? "train_aug" : "train", evaluate: "val" };
    }
    case "folder": {
      const has = (split: string) =>
        spec.lists?.[split] !== undefined || existsSync(join(spec.root, `${split}.txt`));
      return { train: "train", evaluate: !has("val") && has("test") ? "test" : "val" };
    }
    case "events":
      return { train: "train", evaluate: existsSync(join(spec.root, "val")) ? "val" : "test" };
    case "digits":
      return { train: "train", evaluate: "val" };
    case "ddd17":
    case "dsec":
      return { train: "train", evaluate: "test" };
  }
}
