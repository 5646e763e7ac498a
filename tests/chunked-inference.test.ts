import { describe, expect, it } from "vitest";
import { OperationCounter, SpikeRecorder } from "../src/activity/index.js";
import { liveTensors, noGrad, rand, resetMemoryPeak, scope, tensorMemory } from "../src/engine/index.js";
import {
  createModel,
  type ForwardObserver,
  infer,
  modelDefaults,
  perExampleUniform,
  poissonFrames,
  type SnnConfig,
  SnnModel,
  stepsAtOnce,
  timedInput,
} from "../src/models/index.js";

/** Chunks through time against all steps at once: sums are added in another order. */
const CHUNK_TOLERANCE = 1e-5;
/** What eight times as many timesteps may add to the peak: numbers per timestep, not activations. */
const MEMORY_GROWTH = 1.05;

const config: SnnConfig = {
  ...modelDefaults,
  ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 5, timesteps: 7, threshold: 0.3 },
};
const size = [24, 20] as const;
const batch = 2;
/** Of one timestep of the largest map, which has 64 channels. */
const stepBytes = 4 * batch * 64 * size[0] * size[1];

function network(more: Partial<SnnConfig>): SnnModel {
  const model = createModel({ ...config, ...more }, { seed: 4 });
  if (!(model instanceof SnnModel)) throw new Error("expected a spiking network");
  model.setTraining(false);
  return model;
}

const frames = (seed: number) =>
  poissonFrames(
    rand([batch, 3, ...size], seed),
    perExampleUniform((n) => seed + n),
  );

describe("infer", () => {
  it.each([
    ["DeepLab", {}],
    ["DeepLab with full propagation", { fullPropagation: true, batchNorm: false }],
    ["DeepLab from charged membranes", { initialMembrane: 0.5, batchNorm: false }],
    ["FCN", { arch: "fcn-vgg9" }],
    ["FCN with an integrating decoder", { arch: "fcn-vgg9", integratingDecoder: true, batchNorm: false }],
  ] as const)("gives in chunks of three timesteps what forward gives at once: %s", (_, more) => {
    using model = network(more);
    const tensors = liveTensors();
    scope("test", () => {
      for (const input of [rand([batch, 3, ...size], 6), frames(6)(0, config.timesteps)]) {
        const whole = noGrad(() => model.forward(input));
        const chunked = infer(model, timedInput(model, input), { activationBytes: 3 * stepBytes });
        expect(chunked.activity.map(({ name, neurons, spikes }) => ({ name, neurons, spikes }))).toEqual(
          whole.activity.map(({ name, neurons, spikes }) => ({ name, neurons, spikes })),
        );
        const [ours, theirs] = [chunked.logits.toFloat32Array(), whole.logits.toFloat32Array()];
        const scale = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        for (const [i, value] of theirs.entries()) {
          expect(Math.abs(ours[i]! - value)).toBeLessThanOrEqual(CHUNK_TOLERANCE * scale);
        }
      }
    });
    expect(liveTensors()).toBe(tensors);
  });

  it.each(["direct", "Poisson"])("lets observers count %s input as at once", (coding) => {
    using model = network({});
    const observe = (activationBytes: number) => {
      using recorder = new SpikeRecorder(model);
      const counter = new OperationCounter(config, size);
      const observer: ForwardObserver = {
        started: (step) => {
          for (const each of [recorder, counter]) each.started(step);
        },
        input: (name, x) => {
          for (const each of [recorder, counter]) each.input(name, x);
        },
        fired: (name, result) => {
          for (const each of [recorder, counter]) each.fired(name, result);
        },
      };
      for (const seed of [6, 7]) {
        scope("batch", () => {
          const whole = coding === "direct" ? rand([batch, 3, ...size], seed) : frames(seed)(0, 7);
          infer(model, timedInput(model, whole), { observer, activationBytes });
        });
      }
      return { spikes: recorder.statistics(), operations: counter.operations() };
    };
    const { spikes, operations } = observe(Number.MAX_SAFE_INTEGER);
    expect(operations.timesteps).toBe(7);
    expect(operations.examples).toBe(2 * batch);
    expect(spikes.layers[1]!.spikes).toBeGreaterThan(0);
    const chunked = observe(3 * stepBytes);
    expect(chunked.operations).toEqual(operations);
    expect(chunked.spikes.layers).toEqual(spikes.layers);
    expect(chunked.spikes.input.perTimestep).toEqual(spikes.input.perTimestep);
    expect(chunked.spikes.input.meanMagnitude).toBeCloseTo(spikes.input.meanMagnitude, 6);
  });

  it.each(["direct", "Poisson"])("takes as much memory for 64 timesteps of %s input as for 8", (coding) => {
    const peak = (timesteps: number) => {
      using model = network({ timesteps, batchNorm: false });
      return scope("peak", () => {
        const images = rand([batch, 3, ...size], 5);
        const input = coding === "direct" ? timedInput(model, images) : { frames: frames(5), timesteps };
        const { liveBytes } = tensorMemory();
        resetMemoryPeak();
        infer(model, input, { activationBytes: 4 * stepBytes });
        return tensorMemory().peakBytes - liveBytes;
      });
    };
    expect(peak(64)).toBeLessThan(MEMORY_GROWTH * peak(8));
  });
});

describe("stepsAtOnce", () => {
  it("keeps the largest layer within the budget, and always takes a step", () => {
    scope("test", () => {
      const options = (steps: number) => ({ activationBytes: steps * stepBytes });
      expect([0.5, 1, 3.9, 4].map((steps) => stepsAtOnce(config, frames(1), options(steps)))).toEqual([
        1, 1, 3, 4,
      ]);
    });
  });
});
