/** Event-camera recordings: reading, slicing, and turning slices into frames. */

// Frames from a slice
export { binaryFrames } from "./binary-frames.js";
export { countFrame } from "./count-frame.js";
export { openDsec, type SeekableEventReader } from "./dsec-hdf5.js";
export { evSegNetChannels } from "./ev-segnet-channels.js";
// Events and readers
export { type EventBatch, EventCollector, subBatch } from "./event-batch.js";
export type { EventFormat, EventReader } from "./event-reader.js";
export type { FrameSize, TimeSpan } from "./frame-geometry.js";
export { openEvents, recogniseEvents } from "./open-events.js";
// Moving and cutting in space
export { cropEvents, type RectifyMap, readRectifyMap, rectifyEvents } from "./rectify-map.js";
// Slices of a stream
export { type EventSlice, sliceAround, sliceByCount, sliceByTime } from "./slices.js";
// Numbers about a recording
export { type EventStatistics, eventStatistics } from "./statistics.js";
export { timeSurface } from "./time-surface.js";
export { voxelGrid } from "./voxel-grid.js";
