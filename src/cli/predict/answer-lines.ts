/** Answers about pictures and recordings as people read them. */
import type { PictureAnswer, RecordingAnswer } from "../../runs/index.js";
import { formatTable } from "../lines/format.js";

/** More are counted; `--json` lists all. */
const shownAnswers = 20;

/** A table of answers, and what was answered, such as `3 pictures`. */
export interface AnswerLines {
  readonly table: string;
  readonly count: string;
}

export function pictureLines(pictures: readonly PictureAnswer[]): AnswerLines {
  const rows = pictures.map(({ picture, mask, shares }) => [picture, mask, largestShares(shares)]);
  return {
    table: tableOf(["picture", "mask", "largest classes"], rows),
    count: `${rows.length} ${rows.length === 1 ? "picture" : "pictures"}`,
  };
}

export function recordingLines(recordings: readonly RecordingAnswer[]): AnswerLines {
  const rows = recordings.flatMap(({ recording, windows }) => {
    const begin = windows[0]?.startUs ?? 0;
    return windows.map(({ endUs, mask, shares }) => {
      return [recording, `${((endUs - begin) / 1e6).toFixed(3)} s`, mask, largestShares(shares)];
    });
  });
  const head = ["recording", "at", "mask", "largest classes"];
  return { table: tableOf(head, rows), count: `${rows.length} ${rows.length === 1 ? "window" : "windows"}` };
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const table = formatTable([head, ...rows.slice(0, shownAnswers)], { left: head.length });
  const more = rows.length - shownAnswers;
  return more > 0 ? `${table}\n… and ${more} more` : table;
}

/** The three largest classes. */
function largestShares(shares: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const words = sorted.slice(0, 3).map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`);
  return words.join(", ");
}
