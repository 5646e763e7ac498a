/** Segmentation data sets: which there are, how they are read, prepared and batched. */

// Changes of examples
export type { Augmentation } from "./augmentation.js";
export { availableSplits } from "./available-splits.js";
// Batches
export type { Batch } from "./batch.js";
export { ddd17Classes, ddd17Colors, distinctColors, vocClasses, vocColor } from "./class-colors.js";
// Classes and colours
export { type ClassList, readClassFile } from "./class-file.js";
export { classSuspicions, type LabelCounts } from "./class-suspicions.js";
// Reading examples
export {
  type Example,
  type ReadContext,
  type SegmentationDataset,
  type ViewedExample,
  voidLabel,
} from "./dataset.js";
// Which data set
export type {
  DatasetSpec,
  Ddd17Spec,
  DigitsSpec,
  DsecSpec,
  EventsSpec,
  Fit,
  FolderSpec,
  Preprocessing,
  SlicedEventsSpec,
  Voc2012Spec,
} from "./dataset-spec.js";
export { type UsualSplits, usualSplits } from "./dataset-splits.js";
export { ddd17Transform, type EventFrame } from "./ddd17-transform.js";
export { type DigitSources, digitSources } from "./digit-sources.js";
export { digitsColors } from "./digits.js";
export { dsecColors } from "./dsec.js";
// From recordings to frames
export { type EventFrameOptions, type EventRepresentation, eventPlanes } from "./event-frame.js";
export type { OpenOptions } from "./example-source.js";
export type { InputRegion } from "./fit.js";
export { fitPicture } from "./fit-picture.js";
// About data sets
export { type CountedSplit, labelSuspicions } from "./label-suspicions.js";
export {
  type GeneratedList,
  type GeneratedLists,
  type GenerateOptions,
  generateLists,
  type ListReport,
  type ListReports,
  verifyLists,
  writeLists,
} from "./lists.js";
export { createLoader, type Loader, type LoaderOptions } from "./loader.js";
export { addNoise, type Noise } from "./noise.js";
export { openDataset } from "./open-dataset.js";
export { type PreparedRecording, type PrepareOptions, prepareEvSegNet } from "./prepare-ev-segnet.js";
export { normalisePicture } from "./preprocessing.js";
export {
  type EventDatasetSpec,
  openRecordingFrames,
  type RecordingFrame,
  type RecordingFrames,
} from "./recording-frames.js";
export { recordingSuspicions, type WindowShare } from "./recording-suspicions.js";
export {
  type ChannelStatistics,
  type ClassStatistics,
  type DatasetStatistics,
  datasetStatistics,
} from "./statistics.js";
export { mergeStatistics } from "./statistics-merge.js";
export type { Suspicion } from "./suspicions.js";
export { vocTransform } from "./voc-transform.js";
export { WindowCounter } from "./window-counter.js";
export { writeFolderDataset } from "./write-folder.js";
