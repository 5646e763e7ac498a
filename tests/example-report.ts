/** A report with everything in it, made up. */
import { encodePicturePng } from "../src/images/index.js";
import { type ComparedRun, type ComparisonReport, dataUri } from "../src/report/index.js";

const classes = ["sky", "road", "tree"];
const steps = [1, 2, 3, 4];
const layers = ["features.0", "features.1"];

function picture(shade: number): string {
  const data = new Uint8Array(8 * 8 * 3).map((_, i) => (shade + i) % 256);
  return dataUri(encodePicturePng({ height: 8, width: 8, data }), "image/png");
}

function point(strength: number, meanIoU: number) {
  return { strength, meanIoU, interval: { low: meanIoU - 0.03, high: meanIoU + 0.03 } };
}

function run(name: string, { meanIoU, spiking }: { meanIoU: number; spiking: boolean }): ComparedRun {
  const interval = { low: meanIoU - 0.05, high: meanIoU + 0.05 };
  return {
    name,
    split: "val",
    examples: 20,
    scores: {
      meanIoU,
      pixelAccuracy: 0.8,
      meanAccuracy: 0.6,
      frequencyWeightedIoU: 0.7,
      baselineMeanIoU: 0.1,
      perClassIoU: [meanIoU + 0.1, meanIoU - 0.1, null],
    },
    difference: spiking ? { meanIoU: -0.02, interval: { low: -0.03, high: 0.01 } } : null,
    quality: {
      intervals: { meanIoU: interval, perClassIoU: [interval, interval, null] },
      boundaryIoU: 0.3,
      calibrationError: 0.05,
      calibration: [0.2, 0.5, 0.9].map((confidence) => ({
        share: 1 / 3,
        meanConfidence: confidence,
        accuracy: confidence - 0.1,
      })),
    },
    confusion: [
      [50, 10, 5],
      [8, 40, 2],
      [0, 0, 0],
    ],
    epochs: steps.map((epoch) => ({ epoch, loss: 2 / epoch, lr: 0.01 / epoch })),
    evaluations: steps.map((epoch) => ({ epoch, loss: 1 / epoch, meanIoU: 0.1 * epoch })),
    spikes: spiking
      ? {
          meanRate: 0.06,
          inputActivity: 0.4,
          totals: { totalAverage: 480, totalNeurons: 2000, totalRate: 0.24 },
          layers: layers.map((layer, i) => ({
            name: layer,
            neurons: 1000,
            averageSpikes: 240,
            rate: 0.24,
            perTimestep: steps.map((t) => 0.02 * t + 0.01 * i),
            silentShare: 0.8,
            saturatedShare: 0.01,
            deadShare: 0.3,
            membranes: [0.1, 0.2, 0.4 + 0.1 * i, 0.3 - 0.1 * i],
          })),
          membraneBins: { from: -1, to: 1, count: 4 },
        }
      : null,
    anytime: spiking
      ? {
          meanIoU: steps.map((t) => 0.1 * t),
          exits: [{ confidence: 0.9, meanIoU: 0.39, meanTimesteps: 2.5 }],
        }
      : null,
    energy: spiking
      ? {
          processes: ["45 nm", "7 nm"].map((process, n) => ({
            process,
            source: `source of ${process}`,
            meanRate: 0.06,
            shortcutPj: 9e5,
            rows: ["synaptic operations", "with memory"].map((model, i) => ({
              id: `model-${i}`,
              model,
              snn: { totalPj: (1e6 * 10 ** i) / (n + 1) },
              ann: { totalPj: (3e6 * 10 ** i) / (n + 1) },
              ratio: 3,
              breakEvenRate: i === 0 ? 0.18 : null,
            })),
          })),
          chips: [{ name: "a chip", source: "its paper", pjPerSynapticOperation: 20, totalPj: 2e6 }],
          layers: layers.map((layer) => ({
            name: layer,
            input: "events",
            events: 300,
            accumulates: 5000,
            multiplyAccumulates: 0,
            shortcut: 5200,
            denseMacs: 90_000,
          })),
          auxiliary: [{ name: "encoding", accumulates: 100, multiplyAccumulates: 0, draws: 100 }],
        }
      : { process: "45 nm", annPj: 3e6 },
    robustness: {
      curves: [
        ...["gaussian", "blur"].map((kind) => ({
          kind,
          unit: "strength",
          relativeArea: 0.8,
          points: [0, 10, 20].map((strength) => point(strength, meanIoU - strength / 100)),
        })),
        {
          kind: "threshold",
          unit: "factor",
          relativeArea: null,
          points: [1, 0.5, 2].map((strength) => point(strength, meanIoU / strength)),
        },
      ],
    },
    options: { model: spiking ? "snn" : "ann", epochs: "4", root: "<img src=x onerror=alert(1)>" },
    facts: { checkpoint: `${name}.safetensors`, parameters: "4,100,000" },
  };
}

export const exampleReport: ComparisonReport = {
  format: "snnseg-report",
  version: 1,
  title: "ann & snn </script> on a test",
  summary: "20 examples of split val.",
  classes,
  runs: [run("ann", { meanIoU: 0.4321, spiking: false }), run("snn <b>", { meanIoU: 0.4, spiking: true })],
  seedGroups: [
    {
      ...{ name: "ann", runs: [0, 2], meanIoU: 0.4321, deviation: 0.0123 },
      ...{ interval: { low: 0.4, high: 0.46 }, difference: null },
    },
    {
      ...{ name: "snn", runs: [1, 3], meanIoU: 0.43, deviation: 0.0111, interval: { low: 0.39, high: 0.45 } },
      difference: {
        ...{ meanIoU: -0.0021, interval: { low: -0.012, high: 0.008 } },
        overSeeds: { low: -0.0345, high: 0.0303 },
      },
    },
  ],
  gallery: {
    examples: [1, 2, 3].map((n) => ({
      id: `picture ${n}`,
      why: n === 1 ? "best" : "",
      input: picture(n),
      truth: picture(50 + n),
      predictions: [picture(100 + n), picture(150 + n)],
      scores: [0.5, 0.25],
    })),
    legend: classes.map((name, k) => ({ name, color: ["#3366cc", "#804080", "#228822"][k]! })),
  },
};
