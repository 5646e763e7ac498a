/** Event-camera recordings: reading, slicing, and turning slices into frames. */

// Events and readers

export { openDsecEvents, type SeekableEventReader } from "./dsec-hdf5.js";
export { type EventBatch, EventCollector, subBatch } from "./event-batch.js";
export type { EventFileOptions, EventFormat, EventReader, SensorSize } from "./event-reader.js";
export { findRecordings } from "./find-recordings.js";
export { openEvents, recogniseEvents } from "./open-events.js";
export { describeSkipped, type Skipped, SkippedEvents, type SkipReason } from "./skipped-events.js";
export { type TimeUnit, timeUnits } from "./time-unit.js";

// HDF5, for files of other kinds

export { formatError } from "./format-error.js";
export { type Hdf5Column, Hdf5File, type Hdf5Group } from "./hdf5-file.js";
export type { Hdf5Set } from "./hdf5-worker.js";
export { type Hdf5Tree, writeHdf5 } from "./hdf5-write.js";
export { hdf5Magic } from "./recognise-content.js";

// Numbers about a recording

export { type EventRate, EventRateCounter } from "./event-rate.js";
export { type EventStatistics, eventStatistics } from "./event-statistics.js";

// Writing

export { encodeDsecEvents, encodeRectifyMap } from "./dsec-write.js";
export { Evt3Writer } from "./evt3-write.js";

// A simulated camera

export {
  type CameraMotion,
  type CameraPath,
  type Homography,
  intensityOf,
  logIntensity,
  logLuma,
  MovingPicture,
  type SensorModel,
  type SensorModelName,
  SimulatedSensor,
  type SimulatedSensorOptions,
  type SimulationOptions,
  type StillPicture,
  sensorModels,
  simulateEvents,
  smoothPath,
} from "./simulate/index.js";

// Slices of a stream, in time and in space

export { readRectifyMap } from "./read-rectify-map.js";
export { cropEvents, type RectifyMap, rectifyEvents } from "./rectify-map.js";
export { type EventSlice, sliceAround, sliceByCount, sliceByTime } from "./slices.js";

// Frames from a slice

export { binaryFrames } from "./binary-frames.js";
export { countFrame } from "./count-frame.js";
export { evSegNetChannels } from "./ev-segnet-channels.js";
export type { FrameSize, TimeSpan } from "./frame-geometry.js";
export { timeSurface } from "./time-surface.js";
export { voxelGrid } from "./voxel-grid.js";
