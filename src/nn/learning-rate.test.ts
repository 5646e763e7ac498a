import { describe, expect, it } from "vitest";
import { stepLearningRate } from "./learning-rate.js";

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
