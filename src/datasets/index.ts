/** Segmentation data sets: which there are, how they are read, prepared and batched. */

// Reading examples

export type {
  DatasetFacts,
  Example,
  ReadContext,
  SegmentationDataset,
  ViewedExample,
} from "./core/dataset.js";
export type { Fit, Preprocessing, SlicedEventsSpec } from "./core/dataset-spec.js";
export type { InputRegion } from "./core/input-region.js";
export type { OpenOptions } from "./core/open-options.js";
export type { Suspicion } from "./core/suspicions.js";

// Kinds of data sets, and what opens any of them

export { type DataValues, dataOptions, specOfOptions } from "./kinds/data-options.js";
export type { DatasetKind, UsualSplits } from "./kinds/dataset-kind.js";
export type { Ddd17Spec } from "./kinds/ddd17/ddd17.js";
export { ddd17Classes, ddd17Colors } from "./kinds/ddd17/ddd17-classes.js";
export { ddd17Transform } from "./kinds/ddd17/ddd17-transform.js";
export {
  type PreparedRecording,
  type PrepareOptions,
  prepareEvSegNet,
} from "./kinds/ddd17/prepare-ev-segnet.js";
export { type DatasetDefinition, type DefinedExample, defineDataset } from "./kinds/define-dataset.js";
export { type DigitSources, digitSources } from "./kinds/digits/digit-sources.js";
export type { DigitsSpec } from "./kinds/digits/digits.js";
export type { DsecSpec } from "./kinds/dsec/dsec.js";
export { dsecColors } from "./kinds/dsec/dsec-classes.js";
export type { EventsSpec } from "./kinds/events/events.js";
export type { FolderSpec } from "./kinds/folder/folder.js";
export { writeFolderDataset } from "./kinds/folder/write-folder.js";
export {
  type AnyKind,
  classColors,
  type DatasetName,
  type DatasetSpec,
  datasetKind,
  sequenceKinds,
} from "./kinds/kinds.js";
export { openDataset } from "./kinds/open-dataset.js";
export { type EventDatasetSpec, openRecordingFrames } from "./kinds/open-recording-frames.js";
export type { SimulatedSpec } from "./kinds/simulated/simulated.js";
export {
  type SimulatedLayout,
  type SimulatedVideoLayout,
  simulatedLayouts,
} from "./kinds/simulated/simulated-layouts.js";
export {
  type WriteSimulatedOptions,
  type WrittenSimulation,
  writeSimulated,
} from "./kinds/simulated/write-simulated.js";
export {
  type SimulatedVideo,
  type WriteVideoOptions,
  type WrittenVideo,
  writeSimulatedVideo,
} from "./kinds/simulated/write-simulated-video.js";
export { availableSplits, usualSplits } from "./kinds/splits.js";
export { vocClasses, vocColor } from "./kinds/voc2012/voc-classes.js";
export { vocTransform } from "./kinds/voc2012/voc-transform.js";
export type { Voc2012Spec } from "./kinds/voc2012/voc2012.js";

// Lists

export {
  type GeneratedList,
  type GeneratedLists,
  type GenerateOptions,
  generateLists,
  type ListReport,
  type ListReports,
  verifyLists,
  writeLists,
} from "./lists/lists.js";

// Batches

export type { Batch } from "./loader/batch.js";
export {
  type BatchOptions,
  createLoader,
  type Loader,
  type LoaderOptions,
  type PassOptions,
} from "./loader/loader.js";

// Classes and colours

export { type ClassList, readClassFile } from "./masks/class-file.js";
export { distinctColors } from "./masks/distinct-colors.js";

// Preparation and changes of examples

export type { Augmentation } from "./prepare/augmentation.js";
export type { EventScaling } from "./prepare/event-preparation.js";
export { pictureFitting } from "./prepare/fit.js";
export { fitPicture } from "./prepare/fit-picture.js";
export { addNoise, type Noise } from "./prepare/noise.js";
export { type ChannelScale, channelScales, normalisePicture } from "./prepare/preprocessing.js";

// From recordings to frames

export { type EventFrameOptions, type EventRepresentation, eventPlanes } from "./recordings/event-frame.js";
export { readingOf } from "./recordings/event-options.js";
export type { EventFrame } from "./recordings/first-channels.js";
export type { RecordingFrame, RecordingFrames } from "./recordings/recording-frames.js";
export { recordingSuspicions, type WindowShare } from "./recordings/recording-suspicions.js";
export { WindowCounter } from "./recordings/window-counter.js";

// About data sets

export { classSuspicions, type LabelCounts } from "./statistics/class-suspicions.js";
export {
  type ChannelStatistics,
  type ClassStatistics,
  type DatasetStatistics,
  datasetStatistics,
} from "./statistics/dataset-statistics.js";
export { type CountedSplit, labelSuspicions } from "./statistics/label-suspicions.js";
export { mergeStatistics } from "./statistics/statistics-merge.js";
