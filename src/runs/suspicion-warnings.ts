/** What opening data sets found suspicious, as warnings. */
import type { SegmentationDataset } from "../datasets/index.js";
import type { Listener } from "./listener.js";

/** Each finding once, however many splits share it. */
export function warnOf(datasets: readonly SegmentationDataset[], listener: Listener): void {
  const messages = datasets.flatMap(({ suspicions }) => suspicions.map(({ message }) => message));
  for (const message of new Set(messages)) listener.warn?.(message);
}
