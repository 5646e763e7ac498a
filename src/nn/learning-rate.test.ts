import { describe, expect, it } from "vitest";
import { stepLearningRate } from "./learning-rate.js";

describe("stepLearningRate", () => {
  it("falls to a tenth at half and again at four fifths of the epochs", () => {
    const at = (epoch: number) => stepLearningRate(epoch, { lr: 1e-3, epochs: 60, milestones: [0.5, 0.8] });
    expect([0, 29, 30, 47, 48, 59].map(at)).toEqual(
      [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5].map((lr) => expect.closeTo(lr, 12)),
    );
  });

  it("rounds milestones down to whole epochs", () => {
    const at = (epoch: number) => stepLearningRate(epoch, { lr: 1, epochs: 5, milestones: [0.5] });
    expect([1, 2].map(at)).toEqual([1, 0.1]);
  });
});
