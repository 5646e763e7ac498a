/** What looks wrong in data sets as counting their examples shows it. */

import type { SegmentationDataset } from "../core/dataset.js";
import type { Suspicion } from "../core/suspicions.js";
import { type DatasetSpec, datasetKind } from "../kinds/kinds.js";
import { readListFile } from "../lists/list-file.js";
import { type ListedPicture, sharedPictures } from "../lists/shared-pictures.js";
import { classSuspicions } from "./class-suspicions.js";
import type { DatasetStatistics } from "./dataset-statistics.js";

/** From this share of examples on, their size is the data set's, and others are odd. */
const usualShare = 0.9;
/** More files of a kind are counted, but not named. */
const mostFiles = 6;

/** A split and what its files hold. */
export interface CountedSplit {
  /** The split, open. */
  readonly dataset: SegmentationDataset;
  /** Of its files. */
  readonly statistics: DatasetStatistics;
}

/**
 * Classes that never occur, much void, odd sizes, and pictures that are in two of the splits.
 *
 * @param spec - the data set that the splits are of
 * @param splits - those that are looked at together
 * @throws FileError or DataFormatError if a list cannot be read
 */
export async function labelSuspicions(
  spec: DatasetSpec,
  splits: readonly CountedSplit[],
): Promise<readonly Suspicion[]> {
  return [
    ...splits.flatMap(({ dataset, statistics: { classes, voidPixels } }) =>
      classSuspicions(dataset, { pixels: classes.map(({ pixels }) => pixels), voidPixels }),
    ),
    ...splits.flatMap(({ statistics }) => sizeSuspicions(statistics)),
    ...(await duplicateSuspicions(
      spec,
      splits.map(({ dataset }) => dataset.split),
    )),
  ];
}

function sizeSuspicions({ split, examples, sizes }: DatasetStatistics): readonly Suspicion[] {
  const [usual, ...others] = sizes;
  if (usual === undefined || others.length === 0 || usual.examples < usualShare * examples) return [];
  const odd = others.map(({ size, examples: count }) => `${count} of ${size.join("x")}`).join(", ");
  const message = `${usual.examples} examples of ${split} are ${usual.size.join("x")} (height x width), but ${odd}`;
  return [{ code: "sizes", split, message }];
}

async function duplicateSuspicions(
  spec: DatasetSpec,
  splits: readonly string[],
): Promise<readonly Suspicion[]> {
  const kind = datasetKind(spec);
  const layout = kind.input === "pictures" ? kind.lists?.(spec) : undefined;
  if (layout === undefined) return [];
  const lists = await layout.lists();
  const pictures: ListedPicture[] = [];
  for (const split of splits) {
    const list = lists.get(split);
    if (list === undefined) continue;
    for (const line of await readListFile(list)) {
      pictures.push({ split, line: line.line, file: layout.filesOf(line)[0] });
    }
  }
  const shared = await sharedPictures(pictures);
  const [first] = shared;
  if (first === undefined) return [];
  const { picture, earlier } = first;
  const are = shared.length === 1 ? "picture is" : "pictures are";
  return [
    {
      code: "duplicates",
      message: `${shared.length} ${are} in two splits: ${earlier.file} of ${earlier.split} is ${picture.file} of ${picture.split}${shared.length > 1 ? ", …" : ""}`,
      files: shared.flatMap((each) => [each.earlier.file, each.picture.file]).slice(0, mostFiles),
    },
  ];
}
