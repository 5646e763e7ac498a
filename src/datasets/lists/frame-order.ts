/** The order of frame files: by recording and frame number, and where their sequence breaks. */

/** Where a frame belongs: `rec1487_export_12` is frame 12 of recording `rec1487_export_`. */
export interface FrameName {
  readonly recording: string;
  /** −1 for names that end in no number. */
  readonly frame: number;
}

/** Splits a path without its suffix into recording and frame number. */
export function frameName(path: string): FrameName {
  const match = /^(.*?)(\d{1,15})$/.exec(path);
  return match === null
    ? { recording: path, frame: -1 }
    : { recording: match[1] as string, frame: Number(match[2]) };
}

const collator = new Intl.Collator("en", { numeric: true });

/** Compares names so that numbers in them count as numbers: `a2` before `a10`. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Cuts a list into runs of consecutive frames of one recording.
 *
 * @param names - in the order of the list
 * @returns each run as [first, end) positions in the list
 */
export function consecutiveRuns(names: readonly FrameName[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  names.forEach(({ recording, frame }, i) => {
    const before = names[i - 1];
    const follows =
      before !== undefined && before.recording === recording && before.frame + 1 === frame && frame > 0;
    const run = runs.at(-1);
    if (follows && run !== undefined) run[1] = i + 1;
    else runs.push([i, i + 1]);
  });
  return runs;
}
