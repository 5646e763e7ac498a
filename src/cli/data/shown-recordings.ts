/** Recordings as frames of their events, in time order. */
import { basename } from "node:path";
import { readingOf } from "../../datasets/index.js";
import {
  countFrame,
  cropEvents,
  describeSkipped,
  type EventReader,
  type EventStatistics,
  eventStatistics,
  findRecordings,
  openEvents,
  sliceAround,
} from "../../events/index.js";
import type { RgbImage } from "../../images/index.js";
import { enlarge, eventImage, type PictureRow } from "../../report/index.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ChosenData } from "./chosen-data.js";
import { polarityLegend, type Shown } from "./shown-examples.js";

const perRow = 4;
/** Recordings of a folder that are drawn. */
const mostRecordings = 8;
/** Frames of an animation; a longer recording is shown by as many, evenly spread. */
const mostFrames = 100;
const frameDelayMs = 100;
const animationWidth = 240;

type Windows = { readonly windowUs: number; readonly momentsUs: readonly number[] };

/**
 * Draws `--pictures` windows, evenly spread, of every recording under a path. They are `--window-us` long; unless that
 * is given, shorter where they would overlap.
 */
export async function recordingsShown(
  root: string,
  {
    data,
    moves,
    terminal,
  }: { readonly data: ChosenData; readonly moves: boolean; readonly terminal: Terminal },
): Promise<Shown> {
  const reading = readingOf(data.config);
  const paths = (await findRecordings(root, reading)).slice(0, mostRecordings);
  const total = paths.length + (moves ? 1 : 0);
  const stage = terminal.stage({ label: "drawing", total, unit: "recordings" });
  const rows: PictureRow[] = [];
  let animation: Shown["animation"];
  for (const [i, path] of paths.entries()) {
    const reader = await openEvents(path, reading);
    const statistics = await eventStatistics(reader);
    const { skipped } = statistics;
    if (skipped.length > 0) terminal.warn(`${path}: left out ${describeSkipped(skipped)}`);
    const count = Math.max(1, data.config.pictures);
    const roomUs = statistics.durationUs / (data.given.has("windowUs") ? 1 : count);
    const windowUs = Math.min(data.config.windowUs, Math.max(1, Math.floor(roomUs)));
    rows.push(...(await recordingRows(reader, { statistics, windowUs, count })));
    stage.itemsDone(1);
    if (i > 0 || !moves) continue;
    const frames = Math.min(mostFrames, Math.max(1, Math.floor(statistics.durationUs / windowUs)));
    const pictures = await framesAt(reader, {
      ...{ ...statistics, windowUs, momentsUs: spread(statistics, windowUs, frames) },
    });
    const factor = Math.max(1, Math.ceil(animationWidth / (pictures[0]?.width ?? animationWidth)));
    animation = { frames: pictures.map((picture) => enlarge(picture, factor)), delayMs: frameDelayMs };
    stage.itemsDone(1);
  }
  stage.end();
  return {
    grid: {
      columns: columnTitles(rows),
      ...{ rows, legend: polarityLegend, cellWidth: 240 },
      heading: basename(root),
    },
    animation,
    facts: { root, recordings: paths, windowUs: data.config.windowUs },
  };
}

function columnTitles(rows: readonly PictureRow[]): string[] {
  return new Array<string>(Math.max(1, ...rows.map(({ images }) => images.length))).fill("");
}

/** Ends of windows, evenly spread; the last one ends with the recording. */
function spread({ firstUs, durationUs }: EventStatistics, windowUs: number, count: number): number[] {
  const room = durationUs - windowUs;
  const moments = Array.from({ length: count }, (_, i) =>
    Math.round(firstUs + windowUs + (count === 1 ? room : (room * i) / (count - 1))),
  );
  return [...new Set(moments)];
}

async function framesAt(
  reader: EventReader,
  { width, height, extent, windowUs, momentsUs }: EventStatistics & Windows,
): Promise<RgbImage[]> {
  const frame = { width: width ?? extent[0], height: height ?? extent[1] };
  const pictures: RgbImage[] = [];
  for await (const { events } of sliceAround(reader.batches(), { momentsUs, beforeUs: windowUs })) {
    const counts = countFrame(cropEvents(events, frame), frame);
    pictures.push(eventImage(counts, { channels: 2, size: [frame.height, frame.width] }));
  }
  return pictures;
}

async function recordingRows(
  reader: EventReader,
  {
    statistics,
    windowUs,
    count,
  }: { readonly statistics: EventStatistics; readonly windowUs: number; readonly count: number },
): Promise<PictureRow[]> {
  const momentsUs = spread(statistics, windowUs, count);
  const pictures = await framesAt(reader, { ...statistics, windowUs, momentsUs });
  const rows: PictureRow[] = [];
  for (let start = 0; start < pictures.length; start += perRow) {
    const images = pictures.slice(start, start + perRow);
    const ends = momentsUs
      .slice(start, start + perRow)
      .map((endUs) => milliseconds(endUs - statistics.firstUs));
    const title = `${basename(reader.path)} (${reader.format}), ${milliseconds(windowUs)} ms before ${ends.join(", ")} ms`;
    rows.push({ title, images });
  }
  return rows;
}

function milliseconds(us: number): string {
  return Number((us / 1000).toPrecision(4)).toString();
}
