/** What looks wrong in a recording as it is, without labels. */
import { describeSkipped, type EventStatistics, type Skipped } from "../../events/index.js";
import type { Suspicion } from "../core/suspicions.js";

/** Rates beyond these are no event camera's: the unit of time is another. In events a second. */
const [lowestRate, highestRate] = [500, 2e9];
/** A rate says nothing about fewer events. */
const fewestForRate = 1000;
/** More late events than sensors deliver. */
const mostBackward = 0.01;
/** A longer silence than a scene's. */
const longestGapUs = 10e6;

/**
 * What looks wrong in a recording, a sentence for each finding.
 *
 * @param path - the recording, for messages
 * @param statistics - of the recording; with `windows`, those without events are told too
 */
export function recordingSuspicions(
  path: string,
  statistics: EventStatistics & { readonly windows?: WindowShare },
): readonly Suspicion[] {
  const found = (code: string, message: string) => ({ code, message: `${path}: ${message}`, files: [path] });
  const { events, skipped, declaredEvents, backwardSteps, longestGap, windows } = statistics;
  const findings: Suspicion[] = [...skippedSuspicion(path, skipped)];
  if (skipped.length === 0 && declaredEvents !== undefined && declaredEvents !== events) {
    findings.push(found("declared-events", `the file states ${declaredEvents} events and holds ${events}`));
  }
  if (backwardSteps > mostBackward * events) {
    findings.push(
      found(
        "clock",
        `times fall ${backwardSteps} times; events are not in the order of time, or clocks are mixed`,
      ),
    );
  }
  if (longestGap.lengthUs > longestGapUs) {
    findings.push(
      found(
        "clock",
        `no event for ${longestGap.lengthUs} us after ${longestGap.afterUs} us; the clock may have jumped`,
      ),
    );
  }
  if (windows !== undefined && windows.empty > 0) {
    const share = ((100 * windows.empty) / windows.all).toFixed(0);
    findings.push(
      found(
        "empty-windows",
        `${windows.empty} of ${windows.all} windows of ${windows.windowUs} us (${share} %) hold no event`,
      ),
    );
  }
  return [...findings, ...understood(path, statistics, found)];
}

/** What of a recording, or of a few of its windows, could not be used; nothing if all was. */
export function skippedSuspicion(
  path: string,
  skipped: readonly Skipped[],
  sampledWindows?: number,
): readonly Suspicion[] {
  if (skipped.length === 0) return [];
  const where = sampledWindows === undefined ? "" : ` in the ${sampledWindows} windows looked at`;
  const message = `${path}: left out ${describeSkipped(skipped)}${where}; --strict refuses such recordings`;
  return [{ code: "skipped-events", message, files: [path] }];
}

/** A rate that no event camera has: the unit of time is another. */
export function rateSuspicion(
  path: string,
  { events, durationUs }: { readonly events: number; readonly durationUs: number },
): readonly Suspicion[] {
  const eventsPerSecond = (1e6 * events) / durationUs;
  if (events < fewestForRate || (eventsPerSecond >= lowestRate && eventsPerSecond <= highestRate)) return [];
  const message = `${path}: ${events} events in ${durationUs} us are no event camera's; say the unit with --time-unit`;
  return [{ code: "time-unit", message, files: [path] }];
}

/** Labels of another size than the sensor: frames have the labels' size, so what lies beyond is cut off. */
export function labelSizeSuspicion(
  path: string,
  { extent, label }: { readonly extent: readonly [number, number] | undefined; readonly label: LabelSize },
): readonly Suspicion[] {
  const [width, height] = extent ?? [0, 0];
  if (width <= label.width && height <= label.height) return [];
  const message = `${path}: events reach over ${width}x${height} pixels and labels over ${label.width}x${label.height} (width x height): events beyond these are cut off; if the labels show the whole sensor, resize them to its size`;
  return [{ code: "label-size", message, files: [path, label.file] }];
}

/** A label picture's size. */
export interface LabelSize {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** Windows of equal length from the first event on, and those without events. */
export interface WindowShare {
  /** Length of a window in microseconds. */
  readonly windowUs: number;
  /** Number of windows. */
  readonly all: number;
  /** Windows without events. */
  readonly empty: number;
}

/** Signs that unit, polarity or sensor are understood wrongly. */
function understood(
  path: string,
  { events, on, width, height, extent, durationUs, longestGap }: EventStatistics,
  found: (code: string, message: string) => Suspicion,
): readonly Suspicion[] {
  const findings = [...rateSuspicion(path, { events, durationUs: durationUs - longestGap.lengthUs })];
  if (events >= fewestForRate && (on === 0 || on === events)) {
    findings.push(found("polarity", `all ${events} events have one polarity`));
  }
  if (width !== undefined && height !== undefined && 2 * extent[0] <= width && 2 * extent[1] <= height) {
    findings.push(
      found("sensor", `events lie within ${extent[0]}x${extent[1]} of a sensor of ${width}x${height}`),
    );
  }
  return findings;
}
