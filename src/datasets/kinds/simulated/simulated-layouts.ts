/**
 * How simulated events are laid out as files: frames in Ev-SegNet's layout, which `ddd17` reads, or recordings with label pictures, which
 * `events` and `dsec` read and other tools open.
 */
import { join } from "node:path";
import {
  type EventBatch,
  EventCollector,
  Evt3Writer,
  encodeDsecEvents,
  encodeRectifyMap,
  evSegNetChannels,
  type RectifyMap,
} from "../../../events/index.js";
import { writeFileAtomic } from "../../../files/index.js";
import { encodePaletteMaskPng, type Rgb, type Size } from "../../../images/index.js";
import { writeNpy } from "../../recordings/npy-write.js";

/** How simulated events are laid out: `ddd17`, frames of six channels; `events` and `dsec`, a recording for each picture. */
export const simulatedLayouts = ["ddd17", "events", "dsec"] as const;

/** One of {@link simulatedLayouts}. */
export type SimulatedLayout = (typeof simulatedLayouts)[number];

/** Those that hold recordings, which a video can be. */
export type SimulatedVideoLayout = Exclude<SimulatedLayout, "ddd17">;

/** Where the events of a picture or a video go. */
export interface Place {
  readonly out: string;
  readonly split: string;
  readonly name: string;
  /** Height and width of the sensor. */
  readonly size: Size;
  /** Of the classes. */
  readonly colors: readonly Rgb[];
}

/** A span of time, its events, and the labels `[h, w]` at its end, where there are any. */
export interface LaidOutWindow {
  readonly startUs: number;
  readonly endUs: number;
  readonly events: EventBatch;
  readonly labels?: (() => Uint8Array) | undefined;
}

/** Windows that follow each other. */
export type Windows = Iterable<LaidOutWindow> | AsyncIterable<LaidOutWindow>;

/** Writes a layout's files. */
export interface LayoutWriter {
  /** The file that is written last. */
  last(place: Place, frames: number): string;
  write(place: Place, windows: Windows): Promise<void>;
}

const frameFile = ({ out, split, name }: Place, folder: string, k: number, suffix: string) =>
  join(out, folder, split, `${name}_${k}${suffix}`);
const recordingFile = ({ out, split, name }: Place) => join(out, split, `${name}.raw`);
const sequenceFile = ({ out, split, name }: Place, ...path: string[]) => join(out, split, name, ...path);

export const layoutWriters: Readonly<Record<SimulatedLayout, LayoutWriter>> = {
  ddd17: {
    last: (place, frames) => frameFile(place, "labels", frames - 1, ".png"),
    async write(place, windows) {
      const [height, width] = place.size;
      let k = 0;
      for await (const { events, startUs, endUs, labels } of windows) {
        const channels = evSegNetChannels(events, { height, width, startUs, endUs });
        await writeNpy(frameFile(place, "events", k, ".npy"), channels, [height, width, 6]);
        if (labels) await writeFileAtomic(frameFile(place, "labels", k, ".png"), maskOf(place, labels()));
        k++;
      }
    },
  },
  events: {
    last: recordingFile,
    async write(place, windows) {
      const { out, split, name, size } = place;
      const [height, width] = size;
      const writer = new Evt3Writer();
      const masks = new Map<number, Uint8Array>();
      async function* pieces() {
        yield writer.header({ width, height });
        for await (const { events, endUs, labels } of windows) {
          yield writer.words(events);
          if (labels) masks.set(endUs, maskOf(place, labels()));
        }
        // Here, so that a recording that is there has its labels, and windows that break off leave none.
        for (const [endUs, mask] of masks) {
          await writeFileAtomic(join(out, split, name, `${endUs}.png`), mask);
        }
      }
      await writeFileAtomic(recordingFile(place), pieces());
    },
  },
  dsec: {
    last: (place) => sequenceFile(place, "events/left/events.h5"),
    async write(place, windows) {
      const { name, size, colors } = place;
      const all = new EventCollector();
      const [moments, masks]: [number[], Uint8Array[]] = [[], []];
      for await (const { events, endUs, labels } of windows) {
        all.append(events);
        if (!labels) continue;
        moments.push(endUs);
        masks.push(maskOf(place, labels()));
      }
      for (const [k, mask] of masks.entries()) {
        const file = `${String(k).padStart(6, "0")}.png`;
        await writeFileAtomic(sequenceFile(place, `${colors.length}classes`, file), mask);
      }
      if (moments.length > 0) {
        const times = sequenceFile(place, `${name}_semantic_timestamps.txt`);
        await writeFileAtomic(times, moments.map((timeUs) => `${timeUs}\n`).join(""));
      }
      const map = await encodeRectifyMap(noDistortion(size));
      await writeFileAtomic(sequenceFile(place, "events/left/rectify_map.h5"), map);
      const [height, width] = size;
      await writeFileAtomic(this.last(place, 0), await encodeDsecEvents(all.take(), { width, height }));
    },
  },
};

/** Labels stay where the events are, as the lens of a simulated camera does not distort. */
function noDistortion([height, width]: Size): RectifyMap {
  const data = Float32Array.from({ length: 2 * height * width }, (_, i) =>
    i % 2 === 0 ? (i / 2) % width : Math.floor(i / 2 / width),
  );
  return { height, width, data };
}

function maskOf({ size: [height, width], colors }: Place, data: Uint8Array): Uint8Array {
  return encodePaletteMaskPng({ height, width, data }, colors);
}
