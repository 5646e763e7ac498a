/** What benchmarks of this machine are made of: work to do, the plain twin that does the same, and fair timing of both. */

// Whether both learn the same
export { compareStep, type StepAgreement } from "./compare-step.js";
// Two ways of the same work
export { comparisonOf, type MeasuredPair, machine, type TimedPair, totalOf } from "./comparison.js";
// Where sparsity stops paying
export { crossoverDensity, type DensityTimes } from "./crossover.js";
// How much networks fire
export { densities, forceDensity } from "./force-density.js";
// Data to read
export { generatePictures } from "./generated-pictures.js";
// Gradients instead of an update
export { GradientCopy, gradientCosines } from "./gradients.js";
// Timing
export { interleave, interleaveOn, type Measured, type Timed } from "./interleave.js";
// Layers
export { type LayerCrossover, layerCrossovers } from "./layer-crossovers.js";
export { type LayerTimes, timeLayer } from "./layer-times.js";
// Loaders
export {
  type Epochs,
  type LoaderVariant,
  loaderSpeed,
  loopSpeed,
  type Pass,
  waitingShares,
} from "./load-speed.js";
// Growing sizes
export { measurePoint, type PointOptions } from "./measure-point.js";
export { MemoryLimit } from "./memory-limit.js";
export { type InferencePair, inferencePair, type Pair, type TrainingPair, trainingPair } from "./pairs.js";
export { writeScaleCharts } from "./scale-charts.js";
export { type Figures, type ScalePoint, type ScaleWork, scaleWorks } from "./scale-point.js";
export { type SpikeLayer, spikeLayers } from "./spike-layers.js";
export { type Sweep, type SweepName, type SweepPoint, sweepNames, sweepPoints } from "./sweeps.js";
// Work to do
export {
  forcedDensity,
  openWorkload,
  spikingNetwork,
  type Workload,
  type WorkloadOptions,
} from "./workload.js";
