/** What the data sets have in common whose frames are cut from recordings on the fly: `dsec` and `events`. */
import { join } from "node:path";
import { type Rgb, readStoredMask, type Size } from "../../images/index.js";
import type { SlicedEventsSpec } from "../core/dataset-spec.js";
import type { ExampleSource } from "../core/example-source.js";
import type { StoredRecord } from "../core/record.js";
import type { Suspicion } from "../core/suspicions.js";
import { readLabels } from "../masks/labels.js";
import { type MaskCode, voidValues } from "../masks/mask-code.js";
import { eventPreparation } from "../prepare/event-preparation.js";
import { EventFrameStore, type FramedRecording } from "./event-frame-store.js";
import { slicedFraming } from "./event-framing.js";
import { recordingFindings } from "./label-clock.js";
import { type RecordingSurvey, surveyRecording } from "./recording-survey.js";
import { labelSizeSuspicion } from "./recording-suspicions.js";

/** One example: a moment of a recording and its labels. */
export interface SlicedExample {
  readonly id: string;
  readonly recording: FramedRecording;
  readonly momentUs: number;
  readonly label: string;
}

/** How the masks of a data set are to be understood. */
export interface SlicedClasses {
  readonly classes: readonly string[];
  readonly colors: readonly Rgb[];
  readonly maskCode: MaskCode;
}

/** What a split holds. */
export interface SlicedExamples {
  readonly examples: readonly SlicedExample[];
  readonly classes: SlicedClasses;
  /** About recordings and the clocks of their labels. */
  readonly suspicions: readonly Suspicion[];
}

/** Whose recordings are surveyed. */
interface SurveyedSplit {
  readonly split: string;
  readonly trusted: boolean;
  /** Look at the span of recordings with an index only, as {@link surveyRecording} says. */
  readonly spanOnly?: boolean;
  /** A label picture of each recording, where their size is to be compared. */
  readonly labels?: readonly string[];
}

/** Surveys recordings unless that was done in another thread. @throws DataFormatError if no label has events */
export async function surveyAll(
  spec: SlicedEventsSpec & { readonly name: string; readonly root: string },
  recordings: readonly FramedRecording[],
  { split, trusted, spanOnly = false, labels = [] }: SurveyedSplit,
): Promise<readonly Suspicion[]> {
  if (trusted) return [];
  const { reading = {} } = spec;
  const { windowUs } = slicedFraming(spec).frame;
  const options = { windowUs, reading, folder: frameFolder(spec), spanOnly };
  const surveys: RecordingSurvey[] = [];
  for (const recording of recordings) {
    surveys.push(await surveyRecording(recording, options));
  }
  const findings = [...recordingFindings(`open ${spec.name} ${split}`, surveys, { windowUs })];
  for (const [i, file] of labels.entries()) {
    const { path, extent } = surveys[i]!;
    const { width, height } = await readStoredMask(file);
    findings.push(...labelSizeSuspicion(path, { extent, label: { file, width, height } }));
  }
  return findings;
}

/** Where the cut frames of a data set are kept. */
export function frameFolder({ root, cache }: SlicedEventsSpec & { readonly root: string }): string {
  return cache ?? join(root, ".event-frames");
}

/** An example source of single frames; frames have the size of their labels, then of the network's input. */
export function slicedEventsSource(
  spec: SlicedEventsSpec & { readonly name: string; readonly root: string; readonly imgSize: Size },
  split: string,
  { examples, classes, suspicions }: SlicedExamples,
): ExampleSource {
  const { imgSize, labelPixel } = spec;
  const { frame, channels, scaling } = slicedFraming(spec);
  const store = new EventFrameStore(frameFolder(spec), { ...frame, reading: spec.reading ?? {} });
  const preparation = eventPreparation({ size: imgSize, scaling, labelPixel });
  const stored = async (record: number): Promise<StoredRecord> => {
    const { recording, momentUs, label } = examples[record] as SlicedExample;
    const labels = await readLabels(label, classes.maskCode);
    return { values: await store.frame(recording, momentUs, [labels.height, labels.width]), labels };
  };
  return {
    ...{ name: spec.name, split, classes: classes.classes, colors: classes.colors },
    voidIds: voidValues(classes.maskCode),
    ...{ channels, frames: 0, size: imgSize, suspicions, length: examples.length, records: examples.length },
    id: (index) => (examples[index] as SlicedExample).id,
    recordsOf: (index) => [index],
    filesOf(record) {
      const { recording, label } = examples[record] as SlicedExample;
      const { path, rectifyMap } = recording;
      return [path, ...(rectifyMap === undefined ? [] : [rectifyMap]), label];
    },
    stored,
    prepare: async (record) => preparation.prepare(await stored(record)),
    toNoiseScale: preparation.toNoiseScale,
    normalise: preparation.normalise,
  };
}
