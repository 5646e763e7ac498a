/** Event-camera recordings without Node: from a Blob to slices and frames. */

// Events and readers

export { type EventBatch, EventCollector, subBatch } from "./event-batch.js";
export type {
  EventFile,
  EventFileHead,
  EventFileOptions,
  EventFormat,
  EventReader,
  ReadEvents,
  SensorSize,
} from "./event-reader.js";
export { type EventBlobOptions, openBlobFile, openEventsBlob } from "./open-events-blob.js";
export { describeSkipped, SkipLog, type Skipped, SkippedEvents, type SkipReason } from "./skipped-events.js";
export { type TimeUnit, timeUnits } from "./time-unit.js";

// Any window of a recording, and playing it

export { type IndexedEvents, indexEventsBlob } from "./event-index.js";
export { EventPlayer, type EventPlayerOptions } from "./event-player.js";

// An event camera from pictures

export { logLuma } from "./simulate/log-intensity.js";
export { type SensorModel, type SensorModelName, sensorModels } from "./simulate/sensor-model.js";
export { SimulatedSensor, type SimulatedSensorOptions } from "./simulate/simulated-sensor.js";

// Numbers about a recording

export { type EventRate, EventRateCounter } from "./event-rate.js";

// Slices of a stream, in time and in space

export { cropEvents, type RectifyMap, rectifyEvents } from "./rectify-map.js";
export { type EventSlice, sliceAround, sliceByCount, sliceByTime } from "./slices.js";

// Frames from a slice

export { binaryFrames } from "./binary-frames.js";
export { countFrame } from "./count-frame.js";
export { evSegNetChannels } from "./ev-segnet-channels.js";
export type { FrameSize, TimeSpan } from "./frame-geometry.js";
export { timeSurface } from "./time-surface.js";
export { voxelGrid } from "./voxel-grid.js";
