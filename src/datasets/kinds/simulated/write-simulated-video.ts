/** Simulated events of the frames of a video as a recording. */
import { existsSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { checkNumber, checkOneOf, checkSeed } from "../../../checks/index.js";
import { DataFormatError, OptionError } from "../../../errors.js";
import {
  EventCollector,
  logLuma,
  type SensorModelName,
  SimulatedSensor,
  sensorModels,
} from "../../../events/index.js";
import { readPicture, resizeLabels, resizePicture, type Size } from "../../../images/index.js";
import { derive } from "../../../random/index.js";
import { type ClassList, classFileOf, readClassFile, writeClassFile } from "../../masks/class-file.js";
import { readLabels } from "../../masks/labels.js";
import { checkBegun, noteBegun } from "./begun-simulation.js";
import { fileNameOf } from "./file-names.js";
import {
  type LaidOutWindow,
  layoutWriters,
  type Place,
  type SimulatedVideoLayout,
} from "./simulated-layouts.js";
import { type VideoFrame, videoFrames } from "./video-frames.js";

/** A video as a folder of frames, and the camera that looks at it. */
export interface SimulatedVideo {
  /** The folder of its frames, pictures in natural order of their names; its name becomes the recording's. */
  readonly folder: string;
  /** Frames a second, above 0 and at most a million. */
  readonly fps: number;
  /** A folder of masks, named as their frames; not every frame needs one. */
  readonly masks?: string;
  /** The masks' class list, where it is not `dataset.json` in their folder. */
  readonly classesFile?: string;
  /** Height and width of the sensor, to which frames are resized (default: the frames' own). */
  readonly size?: Size;
  /** The sensor's pixels (default `"clean"`). */
  readonly sensorModel?: SensorModelName;
}

/** Where to write it. */
export interface WriteVideoOptions {
  /** The folder; what other videos left in it stays. */
  readonly out: string;
  /** The split that the recording belongs to (default `"train"`). */
  readonly split?: string;
  /** Default `"events"`. */
  readonly layout?: SimulatedVideoLayout;
  /** Of the noise, an integer from 0 to 2⁵³ − 1 (default 0). */
  readonly seed?: number;
  /**
   * Called after each frame.
   *
   * @param done - frames that the sensor has seen
   * @param all - frames of the video
   */
  readonly onFrame?: (done: number, all: number) => void;
  /** Ends the work after the frame in hand; no recording is written then. */
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface WrittenVideo {
  /** The recording. */
  readonly path: string;
  /** False if it was there. */
  readonly written: boolean;
  /** Height and width of the sensor. */
  readonly size: Size;
  /** Frames of the video. */
  readonly frames: number;
  /** Frames with labels at their time; the first frame's are left out, as no events come before them. */
  readonly labels: number;
  /** Events of this call. */
  readonly events: number;
}

/**
 * Simulates the events of a video and writes them as a recording: frame k, from 0, is seen at k/fps seconds, and between frames every
 * pixel's log intensity is taken for linear. So frames need to be close enough in time that nothing moves by more than about a pixel from one
 * to the next; a faster edge fades over instead of moving. Memory does not grow with the number of frames, but for their labels.
 *
 * @param video - not changed
 * @param options - where and how
 * @throws OptionError if an option is none, there is one frame only, the folder was begun with other settings, or another video's recording
 * has this one's name; DataFormatError if frames are
 * missing, or of different sizes; FileError. Nothing is written then.
 */
export async function writeSimulatedVideo(
  video: SimulatedVideo,
  options: WriteVideoOptions,
): Promise<WrittenVideo> {
  const { fps, masks, sensorModel = "clean" } = video;
  const { out, split = "train", layout = "events", seed = 0 } = options;
  checkNumber("simulate", "fps", fps, { above: 0, most: 1e6 });
  checkOneOf("simulate", "sensorModel", sensorModel, Object.keys(sensorModels));
  checkSeed("simulate", seed);
  const folder = resolve(video.folder);
  if (resolve(out) === folder) {
    throw new OptionError(
      `simulate: expected another folder than the video's, received ${out}; choose a new one`,
    );
  }
  const frames = await videoFrames(folder, masks);
  const classes =
    masks === undefined ? undefined : await readClassFile(classFileOf({ ...video, root: masks }));
  const size = video.size ?? (await sizeOf(frames[0]!.picture));
  const settings = {
    ...{ source: "video", fps, imgSize: size, sensorModel, layout, seed },
    ...(classes === undefined ? {} : { classes: classes.classes }),
  };
  const videos = await checkBegun(out, settings);
  const place: Place = {
    ...{ out, split, name: fileNameOf(basename(folder)), size },
    colors: classes?.colors ?? [],
  };
  const path = layoutWriters[layout].last(place, frames.length);
  const recording = relative(out, path);
  const written = !existsSync(path);
  if (!written) checkSameVideo(folder, { path, before: videos[recording] });
  const counts = { events: 0, labels: frames.slice(1).filter(({ mask }) => mask !== undefined).length };
  if (written) {
    async function* windows() {
      for await (const window of windowsOf(frames, { ...options, fps, size, sensorModel, seed, classes })) {
        counts.events += window.events.length;
        yield window;
      }
      // Anew, as others may have been written meanwhile.
      await noteBegun(out, settings, { ...(await checkBegun(out, settings)), [recording]: folder });
      if (classes !== undefined) await writeClassFile(out, classes);
    }
    await layoutWriters[layout].write(place, windows());
  }
  return { path, written, size, frames: frames.length, ...counts };
}

/** @throws OptionError if the recording that is there is known to be another video's */
function checkSameVideo(
  folder: string,
  { path, before = folder }: { readonly path: string; readonly before: string | undefined },
): void {
  if (before === folder) return;
  throw new OptionError(
    `simulate ${folder}: expected the recording ${path} to be this video's, received that of ${before}; ` +
      "rename the video's folder, write into another one with --out, or remove the recording to make it anew",
  );
}

async function sizeOf(picture: string): Promise<Size> {
  const { height, width } = await readPicture(picture);
  return [height, width];
}

type Seeing = Pick<WriteVideoOptions, "onFrame" | "signal"> & {
  readonly fps: number;
  readonly size: Size;
  readonly sensorModel: SensorModelName;
  readonly seed: number;
  readonly classes: ClassList | undefined;
};

/** A window from each frame to the next. */
async function* windowsOf(
  frames: readonly VideoFrame[],
  { fps, size, sensorModel, seed, classes, onFrame, signal }: Seeing,
): AsyncGenerator<LaidOutWindow> {
  const [height, width] = size;
  // As where it moves over pictures: the camera's pixels are the same in every run.
  const sensor = new SimulatedSensor({ height, width, model: sensorModels[sensorModel], seed: 0 });
  sensor.restart(derive(seed, "noise"));
  const events = new EventCollector(1 << 14);
  const timeOf = (k: number) => Math.round((k * 1e6) / fps);
  let stored: Size | undefined;
  for (const [k, { picture, mask }] of frames.entries()) {
    signal?.throwIfAborted();
    const image = await readPicture(picture);
    stored ??= [image.height, image.width];
    checkSameSize(frames[0]!.picture, stored, { file: picture, ...image });
    sensor.see(logLuma(resizePicture(image, size)), timeOf(k), events);
    const labels =
      mask === undefined || classes === undefined ? undefined : await readLabels(mask, classes.maskCode);
    if (labels) checkSameSize(frames[0]!.picture, stored, { file: mask!, ...labels });
    onFrame?.(k + 1, frames.length);
    if (k === 0) continue;
    yield {
      ...{ startUs: timeOf(k - 1), endUs: timeOf(k), events: events.take() },
      labels: labels && (() => resizeLabels(labels, size).data),
    };
  }
}

function checkSameSize(
  first: string,
  [height, width]: Size,
  other: { readonly file: string; readonly height: number; readonly width: number },
): void {
  if (other.height === height && other.width === width) return;
  throw new DataFormatError(
    `simulate: expected ${height}x${width} (height x width) as of ${first}, received ${other.height}x${other.width} in ${other.file}; give all frames and masks one size`,
  );
}
