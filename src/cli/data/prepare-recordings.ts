/** `snnseg data prepare` of recordings: Ev-SegNet's layout, frame by frame. */
import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { flagOf, type Layer } from "../../config/index.js";
import { type PreparedRecording, prepareEvSegNet } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { readingKeys, splitReading } from "../flags/reading-flags.js";
import type { Progress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

export type PrepareWords = {
  readonly out: string;
  readonly labels?: string;
  readonly timestamps?: string;
  readonly split?: string;
  readonly name?: string;
  readonly overwrite?: true;
};

/** Options of other data sets that mean nothing here. */
const known = ["windowUs", "dataset", ...readingKeys];

/** Prepares one recording after the other; frames that are there stay. */
export async function prepareRecordings(
  recordings: readonly string[],
  {
    words,
    given,
    terminal,
  }: { readonly words: PrepareWords; readonly given: Layer; readonly terminal: Terminal },
): Promise<void> {
  checkWords(recordings, words, given);
  const { reading } = splitReading(given);
  const windowUs = given.values.windowUs === undefined ? {} : { windowUs: windowOf(given.values.windowUs) };
  const split = words.split ?? "train";
  const results: (PreparedRecording & { readonly recording: string })[] = [];
  for (const recording of recordings) {
    const labels = labelsOf(recording, words.labels!, recordings.length > 1);
    const times = join(labels, "timestamps.txt");
    const timestamps = words.timestamps ?? (existsSync(times) ? times : undefined);
    let progress: Progress | undefined;
    const prepared = await prepareEvSegNet(recording, {
      ...{ labels, out: words.out, split, reading, ...windowUs },
      ...(timestamps === undefined ? {} : { timestamps }),
      ...(words.name === undefined ? {} : { name: words.name }),
      onFrame: (done, total) => {
        const plan = { label: `preparing ${basename(recording)}`, total, unit: "frames" };
        progress ??= terminal.stage(plan, { done: done - 1 });
        progress.itemsDone(1);
      },
    });
    progress?.end();
    const { frames, written, suspicions } = prepared;
    const kept = frames > written ? `, ${frames - written} were there` : "";
    terminal.print(`${recording}: ${frames} frames, ${written} written${kept}`);
    for (const { message } of suspicions) terminal.warn(message);
    results.push({ recording, ...prepared });
  }
  const sum = (value: (each: PreparedRecording) => number) =>
    results.reduce((total, each) => total + value(each), 0);
  terminal.print(`train on them with --dataset ddd17 --root ${words.out}`);
  terminal.result({
    ...{ out: words.out, split, frames: sum((each) => each.frames), written: sum((each) => each.written) },
    ...{ empty: sum((each) => each.empty), recordings: results },
  });
}

function checkWords(recordings: readonly string[], words: PrepareWords, { values }: Layer): void {
  if (words.labels === undefined) {
    throw new OptionError("--labels: expected a folder of label PNGs, received none; add --labels DIR");
  }
  const foreign = Object.keys(values).find((key) => !known.includes(key));
  if (foreign !== undefined) {
    throw new OptionError(
      `${flagOf(foreign)}: expected no recordings beside it, received ${recordings[0]}; leave one out`,
    );
  }
  const single = words.name === undefined ? "--timestamps" : "--name";
  if (recordings.length > 1 && (words.name ?? words.timestamps) !== undefined) {
    throw new OptionError(
      `${single}: expected one recording, received ${recordings.length}; prepare them one by one`,
    );
  }
}

/** The folder itself, or the one in it that is named as the recording. */
function labelsOf(recording: string, folder: string, isOneOfMany: boolean): string {
  const own = join(folder, basename(recording).replace(/\.[^.]*$/, ""));
  const exists = statSync(own, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (exists || !isOneOfMany) return exists ? own : folder;
  throw new OptionError(
    `--labels: expected a folder ${own} with the labels of ${recording}, received none; make one for each recording`,
  );
}

function windowOf(word: unknown): number {
  const value = Number(word);
  if (Number.isInteger(value) && value >= 1 && value <= 3_600_000_000) return value;
  throw new OptionError(
    `--window-us: expected whole microseconds up to an hour, received ${word}; correct it`,
  );
}
