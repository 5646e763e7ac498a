/** Event-camera recordings: reading, slicing, and turning slices into frames. */

export { openDsec, type SeekableEventReader } from "./dsec-hdf5.js";
// Events and readers
export { type EventBatch, EventCollector, subBatch } from "./event-batch.js";
export type { EventFormat, EventReader } from "./event-reader.js";
export { openEvents, recogniseEvents } from "./open-events.js";
// Numbers about a recording
export { type EventStatistics, eventStatistics } from "./statistics.js";
