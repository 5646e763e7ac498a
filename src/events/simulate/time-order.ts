/** Events of a short time in their order. */
import type { EventBatch, EventCollector } from "../event-batch.js";

/**
 * Appends events in the order of their times; those of one microsecond stay in theirs. A counting sort: linear in events and
 * microseconds.
 *
 * @param batch - times are integers from ⌊firstUs⌋ on
 * @param firstUs - of the span that they lie in
 * @param into - appended to
 */
export function inOrderOfTime(batch: EventBatch, firstUs: number, into: EventCollector): void {
  const { timestampsUs, x, y, polarity, length } = batch;
  if (length === 0) return;
  const first = Math.floor(firstUs);
  let last = first;
  for (let i = 0; i < length; i++) last = Math.max(last, timestampsUs[i]!);
  const starts = new Uint32Array(last - first + 2);
  for (let i = 0; i < length; i++) starts[timestampsUs[i]! - first + 1]!++;
  for (let t = 1; t < starts.length; t++) starts[t]! += starts[t - 1]!;
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[starts[timestampsUs[i]! - first]!++] = i;
  for (const i of order) into.push(timestampsUs[i]!, x[i]!, y[i]!, polarity[i]!);
}
