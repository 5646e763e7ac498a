/** The engine: libtorch from TypeScript, through one native door. */

// The door itself, for operators without a wrapper

export {
  type Argument,
  call,
  callInPlace,
  callMany,
  invoke,
  type RandomGenerator,
  type Result,
} from "./call.js";
export { preloadEngine } from "./native.js";
export { type OperatorArgument, operatorArguments, operatorNames, operatorRunsOn } from "./schemas.js";

// Tensors and their lifetimes

export type { DType, NamedArray, TensorData } from "../arrays/index.js";
export { checkDevice, chooseGpu, countGpus, hasFusedOperators, usableDevice } from "./device.js";
export { keep, scope } from "./scope.js";
export { liveTensors, Tensor, tensorFrom } from "./tensor.js";

// Operators by family

export * from "./ops/arithmetic.js";
export * from "./ops/create.js";
export { customGradient } from "./ops/custom-gradient.js";
export * from "./ops/foreach.js";
export * from "./ops/layers.js";
export * from "./ops/reduce.js";
export * from "./ops/shape.js";
export { checkSameWindow } from "./ops/window.js";

// Ranks of a training on several processes

export {
  broadcastFromFirst,
  closeRanks,
  connectRanks,
  countRanks,
  exchangeOfRanks,
  finishGradients,
  getFromRanks,
  gpuIdentity,
  hasGloo,
  openRanks,
  putForRanks,
  type RankPlace,
  ranksOfNorms,
  reduceGradientsOf,
  sumOverRanks,
  synchroniseNorms,
  tellRanksFault,
} from "./ranks.js";

// Runtime

export {
  getThreads,
  hasCuda,
  libtorchFiles,
  libtorchVersion,
  noGrad,
  parallelBackend,
  resetMemoryPeak,
  setThreads,
  synchronize,
  type TensorMemory,
  tensorMemory,
  tryLockFile,
} from "./runtime.js";
