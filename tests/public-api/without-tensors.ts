/** What the library exports that neither takes nor returns a tensor. */
export const withoutTensors: ReadonlySet<string> = new Set([
  // Errors
  ...["SnnsegError", "ShapeError", "OptionError", "DisposedTensorError", "DataFormatError", "FileError"],
  ...["NativeLoadError", "NativeError", "DivergenceError", "ConversionError", "SeenEnough"],
  // Engine
  ...["getThreads", "setThreads", "hasCuda", "instructionSet", "instructionSets", "trainingPlan"],
  ...["libtorchVersion", "liveTensors", "preloadEngine", "resetMemoryPeak", "tensorMemory"],
  ...["checkSameWindow", "checkDynamics", "checkLeak", "checkModelConfig", "surrogatePrimitive"],
  ...[
    "checkDevice",
    "libtorchFiles",
    "parallelBackend",
    "tryLockFile",
    "lockRun",
    "operatorNames",
    "operatorArguments",
  ],
  // What is suspicious, unsound or not in force
  ...["classSuspicions", "labelSuspicions", "recordingSuspicions", "SkippedEvents", "describeSkipped"],
  ...["bitsObstacle", "poissonLoss", "poissonLossWarning", "checkWeightValues", "impossibleValue"],
  ...["evaluationWarnings", "silentWarning", "networkOptions", "optionsInForce", "ownThresholds"],
  // Learning rates, tables of networks
  ...["scheduledLearningRate", "stepLearningRate", "medianFrequencyWeights", "logWeights"],
  ...["fitToTime", "atTimesteps", "readingOf", "SpikeShares", "explainedLayers"],
  ...["companion", "layerTable", "planNetwork", "pooledSize", "modelConfigOf", "computingOf"],
  // Conversion, outside the engine
  ...["ActivationHistogram", "conversionWarnings", "doublingTimesteps", "foldBatchNorm", "scaleThresholds"],
  // Energy
  ...["auxiliaryOperations", "chipEnergies", "compareEnergy", "denseMacs", "denseOperations"],
  ...[
    "equivalentBits",
    "energyReport",
    "estimateEnergy",
    "floatArithmetic",
    "integerArithmetic",
    "loadEnergyTables",
  ],
  ...["meanRate", "shortcutEnergy", "spikeTotals", "synapticLayers", "twinConfig"],
  // Scores
  ...["BoundaryIoU", "Calibration", "ConfusionMatrix", "bandWidth", "bootstrapIoU", "classIoU"],
  ...["commonestClass", "constantPredictionScores", "countClassPixels", "meanIoUOf", "pixelCounts"],
  ...["scoresOf"],
  // Data sets and events
  ...["EventCollector", "EventRateCounter", "addCounts", "addNoise", "augmentationOf", "availableSplits"],
  ...["binaryFrames", "classCounts", "countFrame", "countImage", "createEvalLoader", "createLoader"],
  ...["createTrainLoader", "FullSizeScores"],
  ...["cropEvents", "datasetSpecOf", "datasetStatistics", "ddd17Transform", "digitSources"],
  ...["distinctColors", "dsecColors", "emptyCounts", "eventPlanes", "eventStatistics", "evSegNetChannels"],
  ...["findRecordings", "fitPicture", "generateLists", "mergeStatistics", "normalisePicture"],
  ...["openDataset", "openDsec", "openEvents", "openRecordingFrames", "prepareEvSegNet", "readClassFile"],
  ...[
    "WindowCounter",
    "readRectifyMap",
    "recogniseEvents",
    "rectifyEvents",
    "sliceAround",
    "sliceByCount",
    "sliceByTime",
  ],
  ...["splitsOf", "subBatch", "sumCounts", "timeSurface", "usualSplits", "verifyLists", "vocColor"],
  ...["vocTransform", "voxelGrid", "writeFolderDataset", "writeLists"],
  // Files
  ...["checkCheckpointFits", "checkpointFile", "checkpointPath", "convolutionNames", "describeArray"],
  ...["diffArrays", "elementBytes", "elementCount", "findStateDict", "fromBfloat16", "fromFloat16"],
  ...["fromReferenceLayout", "fromReferenceThresholds", "isPytorchFile", "isReferenceLayout", "isTensor"],
  ...["isTorchvisionVgg", "jsonToPickle", "loadCheckpoint", "parsePytorch", "pickleToJson"],
  ...["readCheckpointMeta", "readPytorch", "readSafetensors", "readSafetensorsArray"],
  ...["readSafetensorsHeader", "saveCheckpoint", "spikingLayerNames", "summarizeArrays", "toFloat32"],
  ...["toNumbers", "toReferenceLayout", "toReferenceThresholds", "vggDepth", "vggFeatureWeights"],
  ...["writePytorch", "writeSafetensors"],
  // Runs
  ...["MetricsLog", "RunFolder", "SpikeCounts", "Stopwatch", "checkFresh", "chosenExamples"],
  ...["freshRunPath", "initialLayer", "listRuns", "readMetrics", "readRunRecord", "resultOf", "runLayer"],
  ...["runPath", "runRecordOf", "writeRunRecord", "loadTrained", "metaJson", "readTrainedMeta"],
  ...[
    "comparisonPage",
    "exportWeights",
    "importWeights",
    "loadRun",
    "loadSegmenter",
    "Prediction",
    "WindowPrediction",
    "migrateWeights",
    "resumedConfig",
    "saveRobustness",
  ],
]);
