import { describe, expect, it } from "vitest";
import { scheduledLearningRate, stepLearningRate } from "./learning-rate.js";

describe("stepLearningRate", () => {
  it("falls to a tenth at half and again at four fifths of the epochs", () => {
    const at = (epoch: number) => stepLearningRate(epoch, { lr: 1e-3, epochs: 60, milestones: [0.5, 0.8] });
    expect([0, 29, 30, 47, 48, 59].map(at)).toEqual(
      [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5].map((lr) => expect.closeTo(lr, 12)),
    );
  });

  it("waits for whole epochs, so that a single epoch keeps its learning rate", () => {
    const at = (epoch: number, epochs: number) =>
      stepLearningRate(epoch, { lr: 1, epochs, milestones: [0.55] });
    expect([at(2, 5), at(3, 5), at(0, 1)]).toEqual([1, 0.1, 1]);
    expect([at(10, 20), at(11, 20)]).toEqual([1, 0.1]);
  });
});

describe("scheduledLearningRate", () => {
  const plan = { lr: 0.8, epochs: 4, milestones: [0.5], warmup: 0 } as const;
  const rates = (schedule: "step" | "poly" | "cosine" | "constant", warmup = 0) =>
    [0, 1, 2, 3].map((epoch) => scheduledLearningRate(epoch, { ...plan, schedule, warmup }));
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

  it("follows each schedule's formula", () => {
    expect(rates("step")).toEqual(near([0.8, 0.8, 0.08, 0.08]));
    expect(rates("constant")).toEqual([0.8, 0.8, 0.8, 0.8]);
    expect(rates("poly")).toEqual(near([1, 0.75, 0.5, 0.25].map((left) => 0.8 * left ** 0.9)));
    const diagonal = Math.SQRT1_2;
    expect(rates("cosine")).toEqual(near([0.8, 0.4 * (1 + diagonal), 0.4, 0.4 * (1 - diagonal)]));
  });

  it("rises in equal steps while warming up", () => {
    expect(rates("constant", 3)).toEqual(near([0.2, 0.4, 0.6, 0.8]));
    expect(rates("step", 1)).toEqual(near([0.4, 0.8, 0.08, 0.08]));
  });
});
