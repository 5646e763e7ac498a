/** Whether the labels of recordings are stamped by the recordings' clock. */
import { DataFormatError } from "../../errors.js";
import type { Suspicion } from "../core/suspicions.js";
import type { RecordingSurvey } from "./recording-survey.js";
import { rateSuspicion, skippedSuspicion } from "./recording-suspicions.js";

/** Labels closer than this are no pictures of a camera: their stamps count frames, or coarser units. */
const closestLabelsUs = 100;

type Clocks = { readonly windowUs: number };

/**
 * What looks wrong about recordings and the times of their labels.
 *
 * @throws DataFormatError if no label of any recording has events before it
 */
export function recordingFindings(
  operation: string,
  surveys: readonly RecordingSurvey[],
  { windowUs }: Clocks,
): readonly Suspicion[] {
  const labels = surveys.reduce((sum, { momentsUs }) => sum + momentsUs.length, 0);
  const empty = surveys.reduce((sum, survey) => sum + windowsWithout(survey), 0);
  if (labels > 0 && empty === labels) {
    throw new DataFormatError(
      `${operation}: expected events in the windows of ${windowUs} us before labels, received none in any of ${labels}; ${ranges(surveys[0]!)}; write the labels' times in the clock of the recording`,
    );
  }
  return surveys.flatMap((survey) => [
    ...clockFinding(survey, windowUs),
    ...skippedSuspicion(survey.path, survey.skipped, survey.sampledWindows),
    ...rateSuspicion(survey.path, { ...survey, durationUs: survey.lastUs - survey.firstUs }),
  ]);
}

/** Windows without events; all of them where the stamps are no times. */
function windowsWithout(survey: RecordingSurvey): number {
  const { momentsUs, emptyWindows } = survey;
  return spacingUs(momentsUs) < closestLabelsUs ? momentsUs.length : emptyWindows;
}

function clockFinding(survey: RecordingSurvey, windowUs: number): Suspicion[] {
  const empty = windowsWithout(survey);
  if (empty === 0) return [];
  const all = survey.momentsUs.length;
  const share = ((100 * empty) / all).toFixed(0);
  return [
    {
      code: "empty-windows",
      message: `${survey.path}: ${empty} of ${all} labels (${share} %) have no event in the ${windowUs} us before them; ${ranges(survey)}; check that labels and recording share a clock`,
      files: [survey.path],
    },
  ];
}

/** Both ranges, and which clock the labels seem to have. */
function ranges(survey: RecordingSurvey): string {
  const { path, firstUs, lastUs, momentsUs } = survey;
  const [first, last] = [momentsUs[0]!, momentsUs.at(-1)!];
  const hint = windowsWithout(survey) === momentsUs.length ? clockHint(survey) : undefined;
  return `labels at ${first} to ${last} us, events of ${path} at ${firstUs} to ${lastUs} us${hint === undefined ? "" : `, as if the labels were stamped in ${hint}`}`;
}

/** Mean distance of labels. */
function spacingUs(momentsUs: readonly number[]): number {
  if (momentsUs.length < 2) return Infinity;
  return (momentsUs.at(-1)! - momentsUs[0]!) / (momentsUs.length - 1);
}

function clockHint({ firstUs, lastUs, momentsUs }: RecordingSurvey): string | undefined {
  if (spacingUs(momentsUs) < 2) return "frame numbers";
  const [first, last] = [momentsUs[0]!, momentsUs.at(-1)!];
  // The middle of the labels lies in the recording if they are multiplied so.
  const fits = (factor: number) => {
    const middle = (factor * (first + last)) / 2;
    return middle >= firstUs && middle <= lastUs;
  };
  if (fits(1)) return undefined;
  if (fits(1e-3)) return "nanoseconds";
  if (fits(1e3)) return "milliseconds";
  if (fits(1e6)) return "seconds";
  return isUnixTime(first) && !isUnixTime(firstUs) ? "Unix time and the events since their start" : undefined;
}

/** Microseconds since 1970, of years from 2001 on. */
function isUnixTime(timeUs: number): boolean {
  return timeUs > 1e15 && timeUs < 4e15;
}
