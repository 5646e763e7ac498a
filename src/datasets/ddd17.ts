/**
 * DDD17 with Ev-SegNet's labels: event frames of 200x346 pixels and 6 channels, single or in sequences.
 *
 * A sequence of T frames (target history learning) has the labels of its last frame; every frame with T − 1
 * predecessors in the same recording, without a gap, ends one.
 *
 * @see Binas et al., "DDD17: End-to-end DAVIS driving dataset", 2017, arXiv:1711.01458
 * @see Alonso & Murillo, "EV-SegNet: Semantic segmentation for event-based cameras", CVPRW 2019
 */
import { DataFormatError, OptionError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import { resizeLabels, resizePlanes } from "../images/index.js";
import { ddd17Classes, ddd17Colors } from "./class-colors.js";
import type { Ddd17Spec } from "./dataset-spec.js";
import { ddd17Frames, type FramePair } from "./ddd17-files.js";
import { type EventFrame, firstChannels } from "./ddd17-transform.js";
import { scaleChannels, scaleColumns } from "./event-scaling.js";
import type { ExampleSource, PreparedRecord, StoredRecord } from "./example-source.js";
import { consecutiveRuns, frameName } from "./frame-order.js";
import { readLabels } from "./labels.js";
import { listedPath } from "./list-file.js";
import { plainMaskCode, voidValues } from "./mask-code.js";
import { parseNpy } from "./npy.js";

const storedChannels = 6;
const maskCode = plainMaskCode(ddd17Classes.length);

/**
 * Opens a split.
 *
 * @param trusted - skips the check that all files exist, which another thread has made
 */
export async function openDdd17(spec: Ddd17Spec, split: string, trusted: boolean): Promise<ExampleSource> {
  const { root, imgSize, channels = 2, scaling = "channel", sequence = 0 } = spec;
  if (!Number.isInteger(sequence) || sequence < 0) {
    throw new OptionError(
      `open ddd17: expected a sequence of 0 (single frames) or more frames, received ${sequence}; correct it`,
    );
  }
  const frames = await ddd17Frames(spec, split, trusted);
  const ends = sequence === 0 ? [...frames.keys()] : sequenceEnds(frames, sequence);
  if (ends.length === 0) {
    throw new DataFormatError(
      `open ddd17 ${split} in ${root}: expected at least ${sequence} consecutive frames, received only shorter runs; choose a shorter sequence`,
    );
  }
  const stored = async (record: number): Promise<StoredRecord> => {
    const pair = frames[record] as FramePair;
    const [events, labels] = await Promise.all([
      readEvents(listedPath(root, pair.events)),
      readLabels(listedPath(root, pair.labels), maskCode),
    ]);
    if (labels.height !== events.height || labels.width !== events.width) {
      throw new DataFormatError(
        `read labels ${listedPath(root, pair.labels)}: expected ${events.height}x${events.width} (height x width), the size of ${pair.events}, received ${labels.height}x${labels.width}; restore the pair`,
      );
    }
    return { values: firstChannels(events, channels), labels };
  };
  const prepare = async (record: number): Promise<PreparedRecord> => {
    const { values, labels } = await stored(record);
    const label = resizeLabels(labels, imgSize, { pixel: spec.labelPixel }).data;
    return { values: resizePlanes(values, imgSize).data, label };
  };
  return {
    ...{
      name: "ddd17",
      split,
      classes: ddd17Classes,
      colors: ddd17Colors,
      channels,
      frames: sequence,
      size: imgSize,
      voidIds: voidValues(maskCode),
    },
    length: ends.length,
    records: frames.length,
    id: (index) => (frames[ends[index] as number] as FramePair).name,
    recordsOf(index) {
      const last = ends[index] as number;
      return sequence === 0 ? [last] : Array.from({ length: sequence }, (_, t) => last - sequence + 1 + t);
    },
    prepare,
    stored,
    toNoiseScale: (values) => ({
      ...values,
      data: scaleChannels(values).map((value) => (value + 0.5) * 255),
    }),
    normalise: scaling === "column" ? scaleColumns : scaleChannels,
  };
}

/** Positions of the frames that end a sequence of `length`. */
function sequenceEnds(frames: readonly FramePair[], length: number): readonly number[] {
  return consecutiveRuns(frames.map(({ name }) => frameName(name))).flatMap(([first, end]) => {
    return Array.from({ length: Math.max(0, end - first - length + 1) }, (_, k) => first + length - 1 + k);
  });
}

async function readEvents(path: string): Promise<EventFrame> {
  const { shape, data } = parseNpy(await readFileBytes(path), path);
  const [height, width, channels] = shape;
  if (shape.length !== 3 || channels !== storedChannels || height === 0 || width === 0) {
    throw new DataFormatError(
      `read ${path}: expected an array of height x width x ${storedChannels}, received [${shape.join(", ")}]; prepare the events as Ev-SegNet does`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DataFormatError(
      `read ${path}: expected finite numbers, received ${data[bad]} as element ${bad}; restore the file`,
    );
  }
  return { height: height as number, width: width as number, channels, data };
}
