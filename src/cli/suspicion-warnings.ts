/** What opening data sets found suspicious, as warnings. */
import type { SegmentationDataset } from "../datasets/index.js";
import type { Terminal } from "./terminal.js";

/** Each finding once, however many splits share it. */
export function warnOf(datasets: readonly SegmentationDataset[], terminal: Terminal): void {
  const messages = datasets.flatMap(({ suspicions }) => suspicions.map(({ message }) => message));
  for (const message of new Set(messages)) terminal.warn(message);
}
