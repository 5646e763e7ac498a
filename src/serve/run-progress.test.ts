import { describe, expect, it } from "vitest";
import { epochLine, evaluationLine } from "../../tests/serve/run-files.js";
import { runLineOf } from "./run-line.js";
import { RunProgress } from "./run-progress.js";

const lineOf = (text: string) => runLineOf(text)!;

describe("runLineOf", () => {
  it("takes what a training writes, and older lines with less in them", () => {
    expect(lineOf(epochLine(3))).toMatchObject({ kind: "epoch", epoch: 3, lr: 0.01, time: { seconds: 2 } });
    expect(lineOf('{"kind":"epoch","epoch":1,"loss":2}')).toMatchObject({ lr: null, rates: {} });
    expect(lineOf(evaluationLine(2, 0.5)).kind).toBe("evaluation");
  });

  it.each([
    "",
    "null",
    "{",
    "[]",
    '{"kind":"epoch","epoch":1}',
    '{"kind":"epoch","epoch":1,"loss":1,"rates":{"a":"<"}}',
  ])("says of %j that it is none", (text) => expect(runLineOf(text)).toBeUndefined());
});

describe("RunProgress", () => {
  it("knows the best evaluation, the first of equals, and the latest", () => {
    const progress = new RunProgress();
    for (const [epoch, score] of [
      [1, 0.25],
      [2, 0.5],
      [3, 0.5],
      [4, 0.125],
    ] as const) {
      progress.add(lineOf(evaluationLine(epoch, score)));
    }
    expect([progress.best?.epoch, progress.latest?.epoch]).toEqual([2, 4]);
  });

  it("adds up the epochs and evaluations that are left, whatever one slow epoch took", () => {
    const progress = new RunProgress();
    expect(progress.secondsLeft({ epochs: 10, evalEvery: 4 })).toBeNull();
    for (const [epoch, seconds] of [
      [1, 2],
      [2, 2],
      [3, 900],
      [4, 2],
    ] as const) {
      progress.add(lineOf(epochLine(epoch, { time: { seconds, imagesPerSecond: 1 } })));
    }
    progress.add(lineOf(evaluationLine(4, 0.5)));
    // Six epochs of 2 s; evaluations after 8 and 10 of 1 s.
    expect(progress.secondsLeft({ epochs: 10, evalEvery: 4 })).toBe(14);
  });

  it("keeps no more of a million epochs than of a thousand", () => {
    const progress = new RunProgress();
    const line = lineOf(epochLine(1));
    for (let epoch = 1; epoch <= 1_000_000; epoch++) progress.add({ ...line, epoch });
    expect(progress.epochs.length).toBeLessThan(515);
    expect(progress.epochsDone).toBe(1_000_000);
  });
});
