import { describe, expect, it } from "vitest";
import { learningRateOf } from "./learning-rate-of.js";

const poly = { schedule: "poly", lr: 0.8, epochs: 2, milestones: [0.5], warmup: 0 } as const;
const places = [0, 1].flatMap((epoch) => [0, 1, 2].map((step) => ({ epoch, step, stepsPerEpoch: 3 })));
const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe("learningRateOf", () => {
  it("stays the same within an epoch unless steps are asked for", () => {
    const rates = places.map((place) => learningRateOf(place, { ...poly, scheduleBy: "epoch" }));
    expect(rates).toEqual(near([1, 1, 1, 0.5, 0.5, 0.5].map((left) => 0.8 * left ** 0.9)));
  });

  it("falls with every step of all epochs", () => {
    const rates = places.map((place) => learningRateOf(place, { ...poly, scheduleBy: "step" }));
    expect(rates).toEqual(near([6, 5, 4, 3, 2, 1].map((left) => 0.8 * (left / 6) ** 0.9)));
  });

  it("rises with every step of the epochs of warm-up", () => {
    const rising = { ...poly, schedule: "constant", warmup: 1, scheduleBy: "step" } as const;
    const rates = places.map((place) => learningRateOf(place, rising));
    expect(rates).toEqual(near([0.2, 0.4, 0.6, 0.8, 0.8, 0.8]));
  });

  it("passes milestones at the step after that share of all steps", () => {
    const steps = { ...poly, schedule: "step", milestones: [0.5, 0.8], scheduleBy: "step" } as const;
    const rates = places.map((place) => learningRateOf(place, steps));
    expect(rates).toEqual(near([0.8, 0.8, 0.8, 0.08, 0.08, 0.008]));
  });
});
