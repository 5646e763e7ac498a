/** What the data sets have in common whose frames are cut from recordings on the fly: `dsec` and `events`. */
import { join } from "node:path";
import { type Rgb, resizeLabels, resizePlanes, type Size } from "../images/index.js";
import type { SlicedEventsSpec } from "./dataset-spec.js";
import { eventChannels } from "./event-frame.js";
import { EventFrameStore, type FramedRecording } from "./event-frame-store.js";
import { scaleChannels } from "./event-scaling.js";
import type { ExampleSource, StoredRecord } from "./example-source.js";
import { readLabels } from "./labels.js";
import { type MaskCode, voidValues } from "./mask-code.js";

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

/** An example source of single frames; frames have the size of their labels, then of the network's input. */
export function slicedEventsSource(
  spec: SlicedEventsSpec & { readonly name: string; readonly root: string; readonly imgSize: Size },
  split: string,
  { examples, classes }: { readonly examples: readonly SlicedExample[]; readonly classes: SlicedClasses },
): ExampleSource {
  const { imgSize, representation = "counts", bins = 5, windowUs = 50_000 } = spec;
  const options = { representation, bins, windowUs };
  const channels = eventChannels(options);
  const store = new EventFrameStore(spec.cache ?? join(spec.root, ".event-frames"), options);
  const stored = async (record: number): Promise<StoredRecord> => {
    const { recording, momentUs, label } = examples[record] as SlicedExample;
    const labels = await readLabels(label, classes.maskCode);
    return { values: await store.frame(recording, momentUs, [labels.height, labels.width]), labels };
  };
  return {
    ...{ name: spec.name, split, classes: classes.classes, colors: classes.colors },
    voidIds: voidValues(classes.maskCode),
    ...{ channels, frames: 0, size: imgSize, length: examples.length, records: examples.length },
    id: (index) => (examples[index] as SlicedExample).id,
    recordsOf: (index) => [index],
    stored,
    async prepare(record) {
      const { values, labels } = await stored(record);
      const label = resizeLabels(labels, imgSize, { pixel: spec.labelPixel }).data;
      return { values: resizePlanes(values, imgSize).data, label };
    },
    toNoiseScale: (values) => ({
      ...values,
      data: scaleChannels(values).map((value) => (value + 0.5) * 255),
    }),
    normalise: scaleChannels,
  };
}
