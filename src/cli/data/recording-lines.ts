/** Numbers about recordings as tables. */
import { relative } from "node:path";
import type { WindowShare } from "../../datasets/index.js";
import {
  describeSkipped,
  type EventRate,
  type EventReader,
  type EventStatistics,
} from "../../events/index.js";
import { formatCount, formatTable } from "../lines/format.js";

/** A recording and what was counted. */
export type Counted = EventStatistics & {
  readonly path: string;
  readonly rate: EventRate;
  readonly windows: WindowShare;
  /** How unit, columns and sensor were understood. */
  readonly header: EventReader["header"];
};

/** All about one. */
export function oneRecording(counted: Counted): string {
  const { path, format, width, height, extent, events, declaredEvents, on, off } = counted;
  const share = (part: number) => `${((100 * part) / Math.max(1, events)).toFixed(1)} %`;
  const size = width === undefined ? "not stated" : `${width}x${height}`;
  const { timeUnit, columns, sensor } = counted.header;
  const understood = [
    ...(timeUnit === undefined ? [] : [`times in ${timeUnit}`]),
    ...(columns === undefined ? [] : [`columns ${columns}`]),
  ];
  const rows = [
    ["recording", path],
    ["format", [format, ...understood].join(", ")],
    [
      "sensor (WxH)",
      `${size}${sensor === undefined ? "" : ` (${sensor})`}; events within ${extent[0]}x${extent[1]}`,
    ],
    ["events", `${events}${declaredEvents === undefined ? "" : `; the file states ${declaredEvents}`}`],
    ["brighter", `${on} (${share(on)})`],
    ["darker", `${off} (${share(off)})`],
    ["first, last", `${counted.firstUs} us, ${counted.lastUs} us`],
    ["duration", `${counted.durationUs} us`],
    ["events a second", counted.eventsPerSecond.toFixed(0)],
    ["steps back in time", String(counted.backwardSteps)],
    ["left out", counted.skipped.length === 0 ? "nothing" : describeSkipped(counted.skipped)],
    ["over time", sparkline(counted.rate)],
  ];
  return formatTable(rows, { left: 2 });
}

/** One line a recording. */
export function manyRecordings(counted: readonly Counted[], root: string): string {
  const rows = counted.map((each) => [
    ...[relative(root, each.path), each.format],
    each.width === undefined ? `≥ ${each.extent.join("x")}` : `${each.width}x${each.height}`,
    ...[String(each.events), String(each.durationUs), formatCount(Math.round(each.eventsPerSecond))],
    ...[`${((100 * each.on) / Math.max(1, each.events)).toFixed(1)} %`, String(each.backwardSteps)],
  ]);
  const header = [
    ...["recording", "format", "WxH", "events", "duration/us", "events/s", "brighter", "steps back"],
  ];
  const events = counted.reduce((sum, each) => sum + each.events, 0);
  return `${formatTable([header, ...rows], { left: 2 })}\n${counted.length} recordings, ${events} events`;
}

/** The rate as a line of blocks. */
function sparkline({ on, off }: EventRate): string {
  const together = Math.max(1, Math.ceil(on.length / 48));
  const sums = Array.from({ length: Math.ceil(on.length / together) }, (_, i) =>
    [...on.slice(i * together, (i + 1) * together), ...off.slice(i * together, (i + 1) * together)].reduce(
      (a, b) => a + b,
      0,
    ),
  );
  const largest = Math.max(1, ...sums);
  return sums.map((sum) => " ▁▂▃▄▅▆▇█"[Math.ceil((8 * sum) / largest)]).join("");
}
