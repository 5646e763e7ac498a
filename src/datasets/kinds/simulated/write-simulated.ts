/** Simulated events of labelled pictures as files. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { checkInteger } from "../../../checks/index.js";
import { OptionError } from "../../../errors.js";
import { derive } from "../../../random/index.js";
import { writeClassFile } from "../../masks/class-file.js";
import { defaultWindowUs } from "../../recordings/event-defaults.js";
import { writeFrameList } from "../ddd17/ddd17-files.js";
import { checkBegun, noteBegun } from "./begun-simulation.js";
import { fileNamesOf } from "./file-names.js";
import { openStills, type SimulatedSpec } from "./simulated.js";
import { layoutWriters, type SimulatedLayout } from "./simulated-layouts.js";

/** What to write, and where. */
export interface WriteSimulatedOptions {
  /** The folder; what other pictures left in it stays. */
  readonly out: string;
  /** The split of the pictures. */
  readonly split: string;
  /** What the split is called in the layout (default: as it is). */
  readonly as?: string;
  /** Default `"ddd17"`. */
  readonly layout?: SimulatedLayout;
  /** Windows of a picture, each with labels at its end; 1 or more (default 1). */
  readonly frames?: number;
  /** The first pictures alone (default: all). */
  readonly limit?: number | undefined;
  /** Of the paths and the noise, an integer from 0 to 2⁵³ − 1 (default 0). */
  readonly seed?: number;
  /**
   * Called after each picture.
   *
   * @param done - pictures whose events are there, those of earlier runs included
   * @param all - pictures that there will be
   */
  readonly onPicture?: (done: number, all: number) => void;
  /** Ends the work after the picture in hand; what is there stays, and another call goes on. */
  readonly signal?: AbortSignal;
}

/** What was written. */
export interface WrittenSimulation {
  /** Pictures whose events are in the folder now. */
  readonly pictures: number;
  /** Those of this call. */
  readonly written: number;
  /** Events of this call. */
  readonly events: number;
}

/**
 * Simulates the events of a split's pictures and writes them. Pictures whose events are there already are kept, so that an interrupted
 * run goes on where it ended.
 *
 * @param spec - pictures, sensor and motion; `imgSize` is the sensor's
 * @param options - layout, split, and how many windows
 * @throws OptionError if an option is none, the folder is the pictures' own, or was begun with other settings; DataFormatError if the
 * names of two pictures become one; FileError or DataFormatError as `openDataset`
 */
export async function writeSimulated(
  spec: SimulatedSpec,
  options: WriteSimulatedOptions,
): Promise<WrittenSimulation> {
  const { out, split, as = split, layout = "ddd17", frames = 1, seed = 0, onPicture, signal } = options;
  checkInteger("simulate", "frames", frames);
  if (resolve(out) === resolve(spec.root)) {
    throw new OptionError(
      `simulate: expected another folder than the pictures', received ${out}; choose a new one`,
    );
  }
  const { source, still, windows } = await openStills({ ...spec, sequence: frames }, split);
  const { classes, colors, length } = source;
  const names = fileNamesOf(Array.from({ length }, (_, record) => source.id(record)));
  const settings = settingsOf(spec, { layout, frames, seed });
  await checkBegun(out, settings);
  await noteBegun(out, settings);
  const layoutWriter = layoutWriters[layout];
  const all = Math.min(length, options.limit ?? length);
  let [written, events] = [0, 0];
  for (let record = 0; record < all && !signal?.aborted; record++) {
    const place = { out, split: as, name: names[record]!, size: spec.imgSize, colors };
    if (!existsSync(layoutWriter.last(place, frames))) {
      const seen = [...windows(await still(record), derive(seed, "simulate", split, record))];
      await layoutWriter.write(place, seen);
      written++;
      events += seen.reduce((sum, window) => sum + window.events.length, 0);
    }
    onPicture?.(record + 1, all);
  }
  if (layout === "ddd17") await writeFrameList(out, as);
  await writeClassFile(out, { classes, colors });
  return { pictures: all, written, events };
}

/** What all files of a folder have in common. */
function settingsOf(
  spec: SimulatedSpec,
  written: Required<Pick<WriteSimulatedOptions, "layout" | "frames" | "seed">>,
) {
  const { source = "folder", imgSize, sensorModel = "clean", motion = 1, windowUs = defaultWindowUs } = spec;
  return { source, root: resolve(spec.root), imgSize, sensorModel, motion, windowUs, ...written };
}
