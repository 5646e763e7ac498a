/** What the library exports that neither takes nor returns a tensor. */
export const withoutTensors: ReadonlySet<string> = new Set([
  // Errors
  ...["SnnsegError", "ShapeError", "OptionError", "DisposedTensorError", "DataFormatError", "FileError"],
  ...["NativeLoadError", "NativeError", "DivergenceError", "ConversionError", "SeenEnough"],
  // Ranks
  ...["RankError", "rankEnvironment", "withRanks"],
  // Engine
  ...["getThreads", "setThreads", "hasCuda", "instructionSet", "instructionSets", "trainingPlan"],
  ...["libtorchVersion", "liveTensors", "resetMemoryPeak", "synchronize", "tensorMemory"],
  ...["checkDynamics", "checkLeak", "checkModelConfig", "surrogatePrimitive"],
  ...["checkNeuron", "namedNeuron", "neuronObstacle", "surrogateObstacle", "kernelsObstacle", "sizePlan"],
  ...["architectureName", "countedNetwork"],
  ...["checkDevice", "operatorNames", "operatorArguments"],
  // What is suspicious, unsound or not in force
  ...["classSuspicions", "labelSuspicions", "recordingSuspicions", "SkippedEvents", "describeSkipped"],
  ...["bitsObstacle", "poissonLoss", "poissonLossWarning", "checkWeightValues", "impossibleValue"],

  // In a page
  ...["openEventsBlob", "indexEventsBlob", "EventPlayer", "fitEvents", "polarityImage"],
  ...["eventImage", "labelImage", "legendOf", "overlayImage", "resizePlanes", "sideBySide"],
  // Learning rates, tables of networks
  ...["scheduledLearningRate", "stepLearningRate", "medianFrequencyWeights", "logWeights"],
  ...["explainedLayers"],
  // Networks in a page
  ...["openWebNetwork", "webEngines"],
  ...["companion", "layerTable", "planNetwork", "pooledSize"],
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
  // A simulated event camera
  ...[
    "Evt3Writer",
    "MovingPicture",
    "writeSimulated",
    "writeSimulatedVideo",
    "SimulatedSensor",
    "intensityOf",
    "logIntensity",
    "logLuma",
    "simulateEvents",
    "smoothPath",
  ],
  // Scores
  ...["BoundaryIoU", "Calibration", "ConfusionMatrix", "bandWidth", "bootstrapDifference", "bootstrapIoU"],
  ...["bootstrapMean", "bootstrapMeanDifference", "classIoU", "standardDeviation", "studentInterval"],
  ...["commonestClass", "constantPredictionScores", "countClassPixels", "meanIoUOf", "pixelCounts"],
  ...["scoresOf"],
  // Data sets and events
  ...["EventCollector", "EventRateCounter", "addCounts", "addNoise", "availableSplits"],
  ...["binaryFrames", "classCounts", "countFrame", "countImage", "createEvalLoader", "createLoader"],
  ...["FullSizeScores", "classColors", "defineDataset"],
  ...["cropEvents", "datasetStatistics", "ddd17Transform", "digitSources"],
  ...["distinctColors", "dsecColors", "emptyCounts", "eventPlanes", "eventStatistics", "evSegNetChannels"],
  ...["findRecordings", "fitPicture", "generateLists", "mergeStatistics", "normalisePicture"],
  ...[
    "openDataset",
    "openDsecEvents",
    "openEvents",
    "openRecordingFrames",
    "prepareEvSegNet",
    "readClassFile",
  ],
  ...[
    "WindowCounter",
    "readRectifyMap",
    "recogniseEvents",
    "rectifyEvents",
    "sliceAround",
    "sliceByCount",
    "sliceByTime",
  ],
  ...["subBatch", "sumCounts", "timeSurface", "usualSplits", "verifyLists", "vocColor"],
  ...["vocTransform", "voxelGrid", "writeFolderDataset", "writeLists"],
  // Pictures and masks
  ...["decodeMask", "decodePicture", "encodeMaskPng", "encodePaletteMaskPng", "encodePicturePng"],
  ...["readMask", "readPicture", "resizeLabels", "resizePicture"],
  // Files
  ...["checkCheckpointFits", "checkpointFile", "checkpointPath", "convolutionNames", "describeArray"],
  ...["diffArrays", "elementBytes", "elementCount", "findStateDict", "fromBfloat16", "fromFloat16"],
  ...["fromReferenceLayout", "fromReferenceThresholds", "isPytorchFile", "isReferenceLayout", "isTensor"],
  ...["isTorchvisionVgg", "jsonToPickle", "loadCheckpoint", "parsePytorch", "pickleToJson"],
  ...["readCheckpointMeta", "readPytorch", "readSafetensors", "readSafetensorsArray"],
  ...["readSafetensorsHeader", "saveCheckpoint", "spikingLayerNames", "summarizeArrays", "toFloat32"],
  ...["toNumbers", "toReferenceLayout", "toReferenceThresholds", "vggDepth", "vggFeatureWeights"],
  ...["writePytorch", "writeSafetensors"],
  ...["nirObstacles", "readNir", "runNir", "toNir", "writeNir"],
  // Runs
  ...["MetricsLog", "RunFolder", "SpikeCounts"],
  ...["listRuns", "readMetrics", "readRunRecord"],
  ...["runPath", "readTrainedMeta"],
  ...[
    "comparisonPage",
    "exportRun",
    "exportWeights",
    "readOnnx",
    "importWeights",
    "loadRun",
    "train",
    "loadSegmenter",
    "Prediction",
    "WindowPrediction",
    "migrateWeights",
    "saveRobustness",
  ],
]);
