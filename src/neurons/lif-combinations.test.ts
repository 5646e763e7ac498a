/** Every combination of what a layer of neurons can be told: the native operator against the plain twin. */
import { describe, expect, it } from "vitest";
import { combinations } from "../../tests/combinations.js";
import { expectTwins, fusedSurrogates, type LifCase } from "../../tests/lif-comparison.js";
import { full, liveTensors, scope, tensorFrom } from "../engine/index.js";
import { type LifOptions, lifSequence, lifSequenceReference } from "./index.js";

const dynamics = combinations({
  reset: ["soft", "hard"] as const,
  imbalance: [0, 0.5, 2],
  surrogate: fusedSurrogates,
  norm: [undefined, "training", "evaluation"] as const,
});

/** Each of {@link dynamics} with all of these. */
const surroundings = combinations({
  steps: [1, 5],
  initial: [false, true],
  threshold: ["one", "channel", "neuron"] as const,
  normalized: ["all steps", "some steps"] as const,
}).filter(({ steps, normalized }) => steps > 1 || normalized === "all steps");

describe("every combination equals the plain twin", () => {
  it("covers at least 200", () => {
    expect(dynamics.length * surroundings.length).toBeGreaterThanOrEqual(200);
  });

  describe.each(dynamics)("$reset reset, imbalance $imbalance, $surrogate, norm $norm", (neurons) => {
    const { norm, ...rest } = neurons;
    const cases = surroundings.filter(({ normalized }) => norm !== undefined || normalized === "all steps");
    it.each(cases)("T $steps, membrane given $initial, ϑ per $threshold, $normalized", (around) => {
      const { steps, initial, threshold, normalized } = around;
      // 17 channels: two vectors and a rest on every instruction set.
      const test: LifCase = {
        ...{ shape: [steps, 2, 17, 2, 1], norm, initial, threshold },
        options: { ...rest, ...(normalized === "some steps" ? { normalizedSteps: steps - 2 } : {}) },
      };
      const before = liveTensors();
      scope("compare", () => expectTwins(test));
      expect(liveTensors()).toBe(before);
    });
  });
});

describe("the second threshold", () => {
  const options = (change: Partial<LifOptions>): LifOptions => ({
    ...{ leak: 1, threshold: full([1], 1), reset: "soft", surrogate: "linear", imbalance: 1 },
    ...change,
  });
  const runs = { lifSequence, lifSequenceReference };

  it.each(Object.entries(runs))("%s lifts a membrane below −ϑ/α with hard reset too", (_name, run) => {
    scope("hard reset", () => {
      const current = tensorFrom(Float32Array.of(-3, 0, 3.5), [3, 1, 1, 1, 1]);
      const { spikes, membrane } = run(current, options({ reset: "hard" }));
      // v: −3 + 1, −2 + 1, then −1 + 3.5 fires; without the lifts 0.5 would not.
      expect([...spikes.toFloat32Array()]).toEqual([0, 0, 1]);
      expect([...membrane.toFloat32Array()]).toEqual([0]);
    });
  });
});
