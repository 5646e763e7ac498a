/**
 * From a raw recording with label pictures to Ev-SegNet's layout, which the data set `ddd17` reads:
 * `events/SPLIT/NAME_N.npy` (height x width x 6), `labels/SPLIT/NAME_N.png`, `datalists/SPLIT-new.txt`.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { DataFormatError, OptionError } from "../../../errors.js";
import {
  cropEvents,
  type EventFileOptions,
  evSegNetChannels,
  openEvents,
  sliceAround,
} from "../../../events/index.js";
import { writeFileAtomic } from "../../../files/index.js";
import { encodeMaskPng } from "../../../images/index.js";
import type { Suspicion } from "../../core/suspicions.js";
import { readLabels } from "../../masks/labels.js";
import { plainMaskCode } from "../../masks/mask-code.js";
import { defaultWindowUs } from "../../recordings/event-defaults.js";
import { recordingFindings } from "../../recordings/label-clock.js";
import { type LabelledMoment, labelledMoments } from "../../recordings/labelled-moments.js";
import { writeNpy } from "../../recordings/npy-write.js";
import { type SurveyOptions, surveyRecording } from "../../recordings/recording-survey.js";
import { ddd17Classes } from "./ddd17-classes.js";
import { writeFrameList } from "./ddd17-files.js";

const maskCode = plainMaskCode(ddd17Classes.length);

/** What {@link prepareEvSegNet} needs to know beside the recording. */
export interface PrepareOptions {
  /** A folder of label PNGs with ids 0 to 5, 255 for void; their size is that of the frames. */
  readonly labels: string;
  /** One time a line in microseconds; without it the names of the pictures end in their times. */
  readonly timestamps?: string;
  /** The folder to write; others' recordings in it stay. */
  readonly out: string;
  /** Folder and list that the frames go to (default `"train"`). */
  readonly split?: string;
  /** Start of the frames' names; default: `NAME_export` after the recording's file. */
  readonly name?: string;
  /** Length of the window that ends at a label's moment; default 50 ms, as in Ev-SegNet. */
  readonly windowUs?: number;
  /** What the recording does not say about itself. */
  readonly reading?: EventFileOptions;
  /**
   * Called after each frame.
   *
   * @param done - frames that are there, those of earlier runs included
   * @param all - frames that there will be
   */
  readonly onFrame?: (done: number, all: number) => void;
}

/** What was written. */
export interface PreparedRecording {
  /** Frames in the layout now. */
  readonly frames: number;
  /** Those written by this call; the others were there. */
  readonly written: number;
  /** Frames of this call whose window holds no event. */
  readonly empty: number;
  /** What of the recording could not be used, and windows without events. */
  readonly suspicions: readonly Suspicion[];
}

/**
 * Writes one frame and one label for each label picture. Frames that are there already are kept, so that an
 * interrupted run goes on where it ended; a frame counts as there when its label is, which is written last.
 *
 * Events beyond the size of the labels are cut off: DDD17's labels are the upper 200 of the sensor's 260 rows.
 *
 * @param recording - an event recording of any known format
 * @param options - labels, and where and how to write
 * @throws DataFormatError if a label is damaged, or no label to be prepared has events before it, or labels differ in
 * size; FileError
 * @throws OptionError if split or name are no plain names
 */
export async function prepareEvSegNet(
  recording: string,
  options: PrepareOptions,
): Promise<PreparedRecording> {
  const { labels, timestamps, out, split = "train", windowUs = defaultWindowUs, onFrame } = options;
  const name = options.name ?? `${basename(recording).replace(/\.[^.]*$/, "")}_export`;
  if (!/^[\w.-]+$/.test(split) || !/^[\w .-]+$/.test(name)) {
    throw new OptionError(
      `prepare ${recording}: expected plain names for split and frames, received "${split}" and "${name}"; use letters, digits, - and _`,
    );
  }
  const moments = await labelledMoments(labels, timestamps);
  const target = (folder: string, i: number, suffix: string) =>
    join(out, folder, split, `${name}_${i}${suffix}`);
  const missing = [...moments.keys()].filter((i) => !existsSync(target("labels", i, ".png")));
  const reader = await openEvents(recording, options.reading);
  const momentsUs = missing.map((i) => (moments[i] as LabelledMoment).timeUs);
  const suspicions =
    momentsUs.length === 0
      ? []
      : await findings(recording, { momentsUs, windowUs, reading: options.reading ?? {} });
  let [written, empty] = [0, 0];
  let shape: string | undefined;
  for await (const slice of sliceAround(reader.batches(), { momentsUs, beforeUs: windowUs })) {
    const i = missing[written] as number;
    const label = await readLabels((moments[i] as LabelledMoment).label, maskCode);
    const { height, width } = label;
    shape ??= `${height}x${width}`;
    if (`${height}x${width}` !== shape) {
      throw new DataFormatError(
        `prepare ${recording}: expected labels of ${shape} (height x width) as before, received ${height}x${width} in ${(moments[i] as LabelledMoment).label}; give all the same size`,
      );
    }
    const events = cropEvents(slice.events, { height, width });
    if (events.length === 0) empty++;
    const span = { startUs: slice.startUs, endUs: slice.startUs + windowUs };
    const channels = evSegNetChannels(events, { height, width, ...span });
    await writeNpy(target("events", i, ".npy"), channels, [height, width, 6]);
    await writeFileAtomic(target("labels", i, ".png"), encodeMaskPng(label));
    written++;
    onFrame?.(moments.length - missing.length + written, moments.length);
  }
  await writeFrameList(out, split);
  return { frames: moments.length, written, empty, suspicions };
}

async function findings(
  path: string,
  {
    momentsUs,
    windowUs,
    reading,
  }: Pick<SurveyOptions, "windowUs" | "reading"> & { readonly momentsUs: number[] },
): Promise<readonly Suspicion[]> {
  const survey = await surveyRecording({ path, momentsUs }, { windowUs, reading });
  return recordingFindings(`prepare ${path}`, [survey], { windowUs });
}
