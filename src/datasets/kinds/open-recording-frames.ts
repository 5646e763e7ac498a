/** Recordings without labels, in frames like those of a data set. */
import { OptionError } from "../../errors.js";
import type { EventFileOptions } from "../../events/index.js";
import { framesOfRecording, type RecordingFrames } from "../recordings/recording-frames.js";
import type { Ddd17Spec } from "./ddd17/ddd17.js";
import type { DsecSpec } from "./dsec/dsec.js";
import type { EventsSpec } from "./events/events.js";
import { datasetKind } from "./kinds.js";

/** A data set that networks on event frames are trained on. */
export type EventDatasetSpec = Ddd17Spec | DsecSpec | EventsSpec;

/**
 * Opens a recording for frames like those of a data set, after reading it once for its length and extent. What data
 * sets cut off, as their labels do not show it, is cut off here too: below row 200 of DDD17's 260, below row 440 of
 * DSEC's 480. DSEC's events are rectified where `rectify_map.h5` lies beside the recording.
 *
 * @param path - a recording of any format that `openEvents` knows
 * @param spec - the data set whose frames the network was trained on
 * @param reading - what the file does not say about itself; that of the data set unless given
 * @throws DataFormatError if it is no recording or holds no events, FileError if it cannot be read, OptionError if the
 * data set holds pictures
 */
export async function openRecordingFrames(
  path: string,
  spec: EventDatasetSpec,
  reading: EventFileOptions = "reading" in spec ? (spec.reading ?? {}) : {},
): Promise<RecordingFrames> {
  const framing = datasetKind(spec).framing?.(spec);
  if (framing === undefined) {
    throw new OptionError(
      `open recording ${path}: expected a data set of events, received ${spec.name}; choose one of events`,
    );
  }
  return framesOfRecording(path, framing, { imgSize: spec.imgSize, reading });
}
