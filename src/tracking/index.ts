/** Metrics in formats that other tools read. */

export { type CsvCell, csvOf } from "./csv.js";
export { EventFile, type EventPicture } from "./event-file.js";
export { type Histogram, histogramOf } from "./histogram.js";
export {
  type LoggedEpoch,
  type LoggedEvaluation,
  type LoggedRun,
  TrainingEvents,
} from "./training-events.js";
