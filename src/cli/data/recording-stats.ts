/** `snnseg data stats --dataset events` for recordings as they are. */

import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { recordingSuspicions, type Suspicion, WindowCounter } from "../../datasets/index.js";
import { SnnsegError } from "../../errors.js";
import {
  type EventBatch,
  type EventFileOptions,
  EventRateCounter,
  type EventReader,
  eventStatistics,
  findRecordings,
  openEvents,
} from "../../events/index.js";
import { writeFileAtomic } from "../../files/index.js";
import { lineChartSvg, stackSvgs, svgToPng } from "../../report/index.js";
import { knownError } from "../../runs/index.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Counted, manyRecordings, oneRecording } from "./recording-lines.js";

/** What is asked of recordings. */
export interface RecordingOrder {
  readonly reading: EventFileOptions;
  readonly windowUs: number;
  readonly picture: string | undefined;
  readonly terminal: Terminal;
}

/** Points of a curve of events over time. */
const plotPoints = 200;
/** More recordings than this are counted, but not drawn. */
const mostPlots = 12;
/** Bytes an event where the file does not say how many it holds; only for the remaining time. */
const usualBytes: Readonly<Record<string, number>> = { text: 22, aedat2: 8, aedat4: 8, nmnist: 5 };

/** The JSON of recordings; those that `failed` are among the suspicions. */
export type RecordingResult = Readonly<Record<string, unknown>> & {
  readonly suspicions: readonly Suspicion[];
  readonly failed: number;
};

/** Counts every recording under a path, prints a table, draws the rates. */
export async function recordingStats(root: string, order: RecordingOrder): Promise<RecordingResult> {
  const { picture, terminal } = order;
  const counted: Counted[] = [];
  const failed: SnnsegError[] = [];
  for (const path of await findRecordings(root, order.reading)) {
    const result = await count(path, order).catch(knownError);
    if (result instanceof SnnsegError) failed.push(result);
    else counted.push(result);
  }
  if (counted.length === 0) throw failed[0]!;
  terminal.print(counted.length === 1 ? oneRecording(counted[0]!) : manyRecordings(counted, root));
  if (picture !== undefined) {
    await writeFileAtomic(picture, await ratePicture(counted.slice(0, mostPlots)));
    terminal.print(`\npicture ${picture}`);
    if (counted.length > mostPlots) terminal.print(`it shows the first ${mostPlots} recordings`);
  }
  const recordings = counted.map(({ rate: _rate, header: _header, ...rest }) => rest);
  const sum = (value: (each: Counted) => number) => counted.reduce((total, each) => total + value(each), 0);
  const durationUs = sum((each) => each.durationUs);
  return {
    ...(recordings.length === 1 ? recordings[0] : {}),
    ...{ dataset: "events", root, events: sum((each) => each.events), durationUs },
    ...{ on: sum((each) => each.on), off: sum((each) => each.off) },
    eventsPerSecond: durationUs > 0 ? (sum((each) => each.events) * 1e6) / durationUs : 0,
    recordings,
    suspicions: [
      ...counted.flatMap((each) => recordingSuspicions(each.path, each)),
      ...failed.map(({ message }) => ({ code: "unreadable", message })),
    ],
    failed: failed.length,
    ...(picture === undefined ? {} : { picture }),
  };
}

async function count(path: string, { reading, windowUs, terminal }: RecordingOrder): Promise<Counted> {
  const reader = await openEvents(path, reading);
  const bytes = (await stat(path)).size;
  const total = reader.declaredEvents ?? Math.ceil(bytes / (usualBytes[reader.format] ?? 4));
  const stage = terminal.stage({
    ...{ label: `counting ${basename(path)}`, total, unit: "events" },
  });
  const rates = new EventRateCounter();
  const windows = new WindowCounter(windowUs);
  const watched: EventReader = {
    ...reader,
    async *batches(skipped): AsyncGenerator<EventBatch> {
      for await (const batch of reader.batches(skipped)) {
        rates.add(batch);
        windows.add(batch);
        stage.itemsDone(batch.length);
        yield batch;
      }
    },
  };
  const statistics = await eventStatistics(watched);
  stage.end();
  const { header } = reader;
  return { path, ...statistics, rate: rates.rate(plotPoints), windows: windows.share(), header };
}

async function ratePicture(counted: readonly Counted[]): Promise<Uint8Array> {
  const charts: string[] = [];
  for (const { path, durationUs, rate } of counted) {
    const [unit, unitUs] = durationUs >= 20e6 ? (["s", 1e6] as const) : (["ms", 1e3] as const);
    const curve = (name: string, counts: readonly number[]) => ({
      name,
      points: counts.map(
        (events, i) => [((i + 0.5) * rate.binUs) / unitUs, (events * 1e3) / rate.binUs] as const,
      ),
    });
    charts.push(
      await lineChartSvg(
        {
          ...{ title: basename(path), xName: `time in ${unit}`, yName: "events per ms" },
          curves: [curve("brighter", rate.on), curve("darker", rate.off)],
        },
        { width: 640 },
      ),
    );
  }
  return svgToPng(stackSvgs(charts), { scale: 1.5 });
}
