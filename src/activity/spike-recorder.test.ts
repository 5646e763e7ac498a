import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ForwardCase, loadCase } from "../../tests/golden/golden-case.js";
import { buildNetwork, inputOf } from "../../tests/golden/network.js";
import { sharedGolden } from "../../tests/shared-data.js";
import { liveTensors, narrow, noGrad, scope, tensorFrom } from "../engine/index.js";
import { createModel, modelDefaults, type SnnConfig, SnnModel } from "../models/index.js";
import type { LifResult } from "../neurons/index.js";
import { SpikeRecorder } from "./spike-recorder.js";
import { meanRate, membraneBins, spikeTotals } from "./spike-statistics.js";

/** The reference's figures have nine digits. */
const digits = 1e-8;

interface GoldenCounts {
  readonly sum: readonly number[];
  readonly units: readonly number[];
  readonly average: readonly number[];
  readonly rate: readonly number[];
  readonly total_average: number;
  readonly total_rate: number;
  readonly total_units: number;
}

describe("SpikeRecorder", () => {
  it.skipIf(!sharedGolden).each(["snn-dl9-bntt", "snn-fcn9-bntt"])(
    "counts the spikes of %s as the reference does (skipped without ../shared/golden)",
    async (id) => {
      const { content } = await loadCase(join(sharedGolden!, `${id}.json`));
      const { config, parameters, inputs, count_spikes } = content as ForwardCase & {
        count_spikes: GoldenCounts;
      };
      using model = buildNetwork(config, "snn", parameters);
      if (!(model instanceof SnnModel)) throw new Error("expected a spiking network");
      using recorder = new SpikeRecorder(model);
      scope("test", () => {
        noGrad(() => {
          const input = inputOf(inputs, config.timesteps!);
          model.forward(input);
          model.setTraining(false);
          model.forward(input, { observer: recorder });
          model.forward(narrow(input, 1, 0, 1), { observer: recorder });
        });
      });
      const statistics = recorder.statistics();
      expect(statistics.layers.map((layer) => layer.spikes)).toEqual(count_spikes.sum);
      expect(statistics.layers.map((layer) => layer.neurons)).toEqual(count_spikes.units);
      const near = (values: readonly number[]) =>
        values.map((value) => expect.closeTo(value, -Math.log10(2 * digits * Math.max(1, value))));
      expect(statistics.layers.map((layer) => layer.averageSpikes)).toEqual(near(count_spikes.average));
      expect(statistics.layers.map((layer) => layer.rate)).toEqual(near(count_spikes.rate));
      const totals = spikeTotals(statistics);
      expect(totals.totalNeurons).toBe(count_spikes.total_units);
      expect([totals.totalAverage, totals.totalRate]).toEqual(
        near([count_spikes.total_average, count_spikes.total_rate]),
      );
      expect(meanRate(statistics)).toBeCloseTo(count_spikes.total_rate / config.timesteps!, 8);
    },
  );

  // Two timesteps, two examples, 1x1x3 neurons; the layer's name is one of the network's, its size is the test's.
  const config: SnnConfig = {
    ...modelDefaults,
    ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 1, numClasses: 2, timesteps: 2, threshold: 2 },
  };
  const spikes = (first: readonly number[], second: readonly number[]) =>
    tensorFrom(Float32Array.of(...first, ...second), [2, 2, 1, 1, 3]);
  const result = (): LifResult => ({
    spikes: spikes([1, 0, 0, 1, 0, 0], [1, 0, 0, 0, 1, 0]),
    amplitude: 1,
    levels: 1,
    counts: tensorFrom(BigInt64Array.of(2n, 2n), [2]),
    membrane: tensorFrom(Float32Array.of(0, -1, 1, 100, -100, 0), [2, 1, 1, 3]),
    excess: tensorFrom(new Float64Array(2), [2]),
  });

  it("tells silent, saturated and dead neurons apart and bins membranes in units of the threshold", () => {
    using model = createModel(config) as SnnModel;
    using recorder = new SpikeRecorder(model);
    scope("test", () => recorder.fired("features.0", result()));
    const [layer] = recorder.statistics().layers;
    expect(layer).toMatchObject({
      examples: 2,
      neurons: 3,
      spikes: 4,
      averageSpikes: 2,
      rate: 2 / 3,
      perTimestep: [2 / 6, 2 / 6],
      silentShare: 3 / 6,
      saturatedShare: 1 / 6,
      deadShare: 1 / 3,
    });
    const { from, to, count } = membraneBins;
    const binOf = (v: number) => Math.min(count - 1, Math.floor(((v - from) * count) / (to - from)));
    const expected = new Array<number>(count).fill(0);
    for (const v of [0, -0.5, 0.5, to, from, 0]) expected[binOf(v)]! += 1 / 6;
    expect(layer!.membranes).toEqual(expected.map((share) => expect.closeTo(share, 12)));
  });

  it("records the input's activity per timestep and leaks nothing", () => {
    using model = createModel(config) as SnnModel;
    const before = liveTensors();
    {
      using recorder = new SpikeRecorder(model);
      scope("test", () => {
        recorder.input("features.0", spikes([1, -1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]));
        recorder.input("features.1", spikes([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]));
        recorder.fired("features.0", result());
      });
      expect(recorder.statistics().input).toEqual({
        perTimestep: [2 / 6, 1 / 6],
        meanMagnitude: expect.closeTo(0.25, 12),
        timesteps: 2,
      });
    }
    expect(liveTensors()).toBe(before);
  });
});
