/** Label pictures with the moments they show. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { DataFormatError } from "../../errors.js";
import { fileError, isSystemFile } from "../../files/index.js";
import { naturalOrder } from "../lists/frame-order.js";

/** A label picture and its time on the clock of the recording. */
export interface LabelledMoment {
  readonly timeUs: number;
  readonly label: string;
}

/**
 * The PNGs of a folder in natural order with their times.
 *
 * @param timestamps - a file with one time a line, in microseconds, for the first, second, … picture; without it
 * the names of the pictures end in their times: `1487339175000000.png`, `label_52000.png`
 * @throws DataFormatError if numbers of pictures and times differ, or the times do not rise; FileError
 */
export async function labelledMoments(
  folder: string,
  timestamps: string | undefined,
): Promise<readonly LabelledMoment[]> {
  const names = (await readdir(folder).catch(failed("read label pictures", folder)))
    .filter((name) => name.toLowerCase().endsWith(".png") && !isSystemFile(name))
    .sort(naturalOrder);
  const times =
    timestamps === undefined ? names.map((name) => timeOfName(folder, name)) : await readTimes(timestamps);
  if (times.length !== names.length || names.length === 0) {
    throw new DataFormatError(
      `read label pictures ${folder}: expected a time for each of its ${names.length} PNGs, received ${times.length}; restore the missing ones`,
    );
  }
  const falling = times.findIndex((time, i) => i > 0 && time <= (times[i - 1] as number));
  if (falling >= 0) {
    throw new DataFormatError(
      `read label times ${timestamps ?? folder}: expected rising times, received ${times[falling]} for ${names[falling]} after ${times[falling - 1]}; sort the pictures by time`,
    );
  }
  return names.map((name, i) => ({ timeUs: times[i] as number, label: join(folder, name) }));
}

function timeOfName(folder: string, name: string): number {
  const digits = /(\d+)\.png$/i.exec(name)?.[1];
  if (digits !== undefined && Number.isSafeInteger(Number(digits))) return Number(digits);
  throw new DataFormatError(
    `read label pictures ${folder}: expected names that end in their time in microseconds, received ${basename(name)}; rename them or give a file of times`,
  );
}

async function readTimes(path: string): Promise<number[]> {
  const text = await readFile(path, "utf8").catch(failed("read label times", path));
  const lines = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, i) => ({ content: line.trim(), number: i + 1 }));
  return lines
    .filter(({ content }) => content !== "" && !content.startsWith("#"))
    .map(({ content, number }) => {
      const time = Number(content);
      if (/^\d+(\.\d+)?(e[+]?\d+)?$/i.test(content) && Number.isSafeInteger(time)) return time;
      throw new DataFormatError(
        `read label times ${path}, line ${number}: expected whole microseconds, received ${JSON.stringify(content.slice(0, 40))}; correct the line`,
      );
    });
}

function failed(operation: string, path: string) {
  return (error: unknown): never => {
    throw fileError(error, { operation: `${operation} ${path}`, expected: "to find it" });
  };
}
