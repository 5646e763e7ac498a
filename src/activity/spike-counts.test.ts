import { describe, expect, it } from "vitest";
import { SpikeCounts } from "./spike-counts.js";

const layer = (name: string, spikes: number[]) => ({ name, neurons: 10, spikes, meanExcess: [] });

describe("SpikeCounts", () => {
  it("gives spikes per neuron and example over all timesteps", () => {
    const counts = new SpikeCounts();
    counts.add([layer("a", [4, 6])], 2);
    counts.add([layer("a", [10, 0])], 2);
    expect(counts.perExample()).toEqual({ a: 20 / (4 * 10) });
    expect(counts.layers()).toEqual([{ name: "a", neurons: 10, spikes: [14, 6] }]);
  });

  it("gives spikes per neuron and timestep where sizes and numbers of timesteps differ", () => {
    const counts = new SpikeCounts();
    counts.add([layer("a", [4, 6])], 2);
    counts.add([{ name: "a", neurons: 40, spikes: [12] }], 1);
    expect(counts.perTimestep()).toEqual({ a: (10 + 12) / (2 * 2 * 10 + 40) });
  });

  it("reports layers that never fired, but not before anything was seen", () => {
    const counts = new SpikeCounts();
    expect(counts.silentLayers()).toEqual([]);
    counts.add([layer("a", [0, 1]), layer("b", [0, 0])], 1);
    expect(counts.silentLayers()).toEqual(["b"]);
    counts.add([layer("a", [0, 0]), layer("b", [1, 0])], 1);
    expect(counts.silentLayers()).toEqual([]);
  });

  it("survives JSON and does not share its numbers with the copy", () => {
    const counts = new SpikeCounts();
    counts.add([layer("a", [1, 2])], 1);
    const saved = JSON.parse(JSON.stringify(counts.toJSON()));
    const copy = SpikeCounts.from(saved);
    copy.add([layer("a", [1, 1])], 1);
    expect(copy.perExample()).toEqual({ a: 5 / 20 });
    expect(counts.perExample()).toEqual({ a: 3 / 10 });
    expect(saved).toEqual(counts.toJSON());
  });
});
