/** Making the lists of a data set from its files, and checking lists against them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "../../errors.js";
import { writeFileAtomic } from "../../files/index.js";
import { type DatasetSpec, datasetKind } from "../kinds/kinds.js";
import { layoutOf } from "../kinds/layout-of.js";
import { consecutiveRuns, frameName, naturalOrder } from "./frame-order.js";
import { readListFile } from "./list-file.js";
import type { FoundExample } from "./list-layout.js";
import { type ListedPicture, sharedPictures } from "./shared-pictures.js";

/** How {@link generateLists} divides and cuts. */
export interface GenerateOptions {
  /** Cuts every run of consecutive frames to a multiple of this many; default 1 keeps all. */
  readonly multipleOf?: number;
  /** Share of examples, the last in natural order, that go to `val` where the files name no split; default 0.2. */
  readonly valShare?: number;
}

/** One list, as its file is to hold it. */
export interface GeneratedList {
  /** Such as `train`. */
  readonly split: string;
  /** The file that it is meant for. */
  readonly path: string;
  /** One an example. */
  readonly lines: readonly string[];
  /** Runs of consecutive frames; for files that are no frames, as many as examples. */
  readonly runs: number;
  /** Examples left out by `multipleOf`. */
  readonly cut: number;
}

/** What {@link generateLists} makes of a data set's files. */
export interface GeneratedLists {
  /** One a split, for {@link writeLists}. */
  readonly lists: readonly GeneratedList[];
  /** Files that have no partner, each with its reason. */
  readonly leftOut: readonly string[];
}

/**
 * Makes lists from the files on the disk, in natural order; nothing is written.
 *
 * VOC2012 keeps the membership of its id lists, DDD17 that of its folders, a folder data set that of folders named
 * `train`, `val` or `test`, or another way to write these; where it has such folders, files outside them are left out.
 *
 * @param spec - a data set with lists: all but `digits`, `dsec` and `events`
 * @param options - how examples are divided and cut
 * @throws OptionError for settings out of range or data sets without lists
 * @example
 * import { defineDataset } from "snnseg";
 * import { generateLists, writeFolderDataset } from "snnseg/data";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64), label: new Uint8Array(64) });
 * const blank = defineDataset({ classes: ["ground"], size: [8, 8], length: 4, split: "val", read });
 * await writeFolderDataset([blank], "pictures");
 * const { lists } = await generateLists({ name: "folder", root: "pictures", imgSize: [8, 8] });
 * console.log(lists.map(({ split, lines }) => `${split}: ${lines.length}`)); // ["val: 4"]
 */
export async function generateLists(
  spec: DatasetSpec,
  options: GenerateOptions = {},
): Promise<GeneratedLists> {
  const { multipleOf = 1, valShare = 0.2 } = options;
  if (!Number.isInteger(multipleOf) || multipleOf < 1) {
    throw new OptionError(`lists: expected a multiple of 1 or more, received ${multipleOf}; correct it`);
  }
  if (!(valShare >= 0 && valShare < 1)) {
    throw new OptionError(`lists: expected a val share in [0, 1), received ${valShare}; write 20 % as 0.2`);
  }
  const layout = layoutOf(spec);
  const { complete, leftOut } = await layout.find();
  const sorted = [...complete].sort((a, b) => naturalOrder(a.name, b.name));
  const lists = [...bySplit(sorted, valShare)].map(([split, examples]) => {
    const { lines, runs } = cutRuns(examples, multipleOf);
    const path = join(layout.root, layout.written, layout.fileOf(split));
    return { split, path, lines, runs, cut: examples.length - lines.length };
  });
  return { lists, leftOut };
}

/**
 * Writes generated lists, each at once.
 *
 * @param lists - of {@link generateLists}; a file that is there is replaced
 * @throws FileError if one cannot be written
 */
export async function writeLists(lists: readonly GeneratedList[]): Promise<void> {
  for (const { path, lines } of lists) await writeFileAtomic(path, lines.map((line) => `${line}\n`).join(""));
}

/** What {@link verifyLists} finds about one list. */
export interface ListReport {
  /** Such as `train`. */
  readonly split: string;
  /** The list's file. */
  readonly list: string;
  /** Different examples that it names. */
  readonly examples: number;
  /** What is wrong, each with its line. */
  readonly problems: readonly string[];
}

/** What {@link verifyLists} finds about a data set. */
export interface ListReports {
  /** One a list. */
  readonly reports: readonly ListReport[];
  /** Pictures of equal content under different names in two splits. */
  readonly shared: readonly string[];
  /** Complete examples on the disk that no list names. */
  readonly unlisted: readonly string[];
}

/**
 * Checks every list of a data set: lines that cannot be understood, files that are missing, examples listed twice or
 * in both a training and another split, and pictures of equal content in two splits.
 *
 * @param spec - a data set with lists: all but `digits`, `dsec` and `events`
 * @throws OptionError for data sets without lists, FileError if the root is missing
 */
export async function verifyLists(spec: DatasetSpec): Promise<ListReports> {
  const layout = layoutOf(spec);
  const listed = new Set<string>();
  const splitOf = new Map<string, string>();
  const reports: ListReport[] = [];
  const pictures: ListedPicture[] = [];
  for (const [split, list] of await layout.lists()) {
    const problems: string[] = [];
    const seen = new Map<string, number>();
    const lines = await readListFile(list).catch((error: Error) => {
      problems.push(error.message);
      return [];
    });
    for (const line of lines) {
      const files = attempt(() => layout.filesOf(line), problems);
      if (files === undefined) continue;
      for (const file of files) if (!existsSync(file)) problems.push(`line ${line.line}: ${file} is missing`);
      const [key] = files;
      if (seen.has(key)) problems.push(`line ${line.line}: the same as line ${seen.get(key)}`);
      const other = splitOf.get(key);
      if (other !== undefined && other.startsWith("train") !== split.startsWith("train")) {
        problems.push(`line ${line.line}: also in the split ${other}`);
      }
      pictures.push({ split, line: line.line, file: key });
      seen.set(key, line.line);
      splitOf.set(key, split);
      listed.add(key);
    }
    reports.push({ split, list, examples: seen.size, problems });
  }
  // Frames of few events are alike by chance.
  const found = datasetKind(spec).input === "events" ? [] : await sharedPictures(pictures);
  const shared = found.filter(({ picture, earlier }) => picture.file !== earlier.file);
  const { complete } = await layout.find();
  const unlisted = complete.filter(({ line }) => {
    const [first] = layout.filesOf({
      list: "",
      line: 0,
      fields: line.split(line.includes("\t") ? "\t" : " "),
    });
    return !listed.has(first);
  });
  return {
    shared: shared.map(({ picture, earlier }) => {
      return `${picture.split}, line ${picture.line}: ${picture.file} is the same picture as ${earlier.file} of ${earlier.split}`;
    }),
    reports,
    unlisted: unlisted.map(({ name }) => name).sort(naturalOrder),
  };
}

function bySplit(sorted: readonly FoundExample[], valShare: number): ReadonlyMap<string, FoundExample[]> {
  const groups = new Map<string, FoundExample[]>();
  const unassigned = sorted.filter(({ splits }) => splits.length === 0);
  const border = Math.round(unassigned.length * (1 - valShare));
  const put = (split: string, example: FoundExample) => {
    const group = groups.get(split);
    if (group === undefined) groups.set(split, [example]);
    else group.push(example);
  };
  for (const example of sorted) for (const split of example.splits) put(split, example);
  for (const [i, example] of unassigned.entries()) put(i < border ? "train" : "val", example);
  return groups;
}

function cutRuns(examples: readonly FoundExample[], multipleOf: number): { lines: string[]; runs: number } {
  const runs = consecutiveRuns(examples.map(({ name }) => frameName(name)));
  const kept = runs.map(([first, end]) => {
    return examples.slice(first, end - ((end - first) % multipleOf)).map(({ line }) => line);
  });
  return { lines: kept.flat(), runs: kept.filter((run) => run.length > 0).length };
}

function attempt<T>(read: () => T, problems: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
