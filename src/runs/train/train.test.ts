import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tinyDigits } from "../../../tests/tiny-run.js";
import { liveTensors } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { readState } from "../../nn/index.js";
import { loadSegmenter, openRun, train } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-train-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
const options = {
  ...tinyDigits,
  imgSize: 16,
  model: "snn",
  timesteps: 2,
  digitsTrain: 8,
  epochs: 2,
  evalEvery: 1,
  pictures: 1,
} as const;

describe("train", () => {
  it("leaves a run that can be opened, and tells of it on the way", async () => {
    const before = liveTensors();
    const seen: string[] = [];
    const trained = await train(options, {
      run: at("whole"),
      observer: {
        epochDone: ({ epoch }) => seen.push(`epoch ${epoch}`),
        evaluated: () => seen.push("evaluated"),
      },
    });
    expect(seen).toEqual(["epoch 1", "evaluated", "epoch 2", "evaluated"]);
    expect(trained).toMatchObject({ finished: true, best: { meanIoU: expect.any(Number) } });
    expect(existsSync(trained.report!) && existsSync(trained.picture!)).toBe(true);
    expect(liveTensors()).toBe(before);
    await using segmenter = await loadSegmenter(at("whole"), { threads: 1 });
    const picture = { height: 8, width: 9, data: new Uint8Array(8 * 9 * 3) };
    expect((await segmenter.predict(picture)).mask).toHaveLength(8 * 9);
  });

  it("stopped and resumed it ends with the same weights", async () => {
    await train(options, { run: at("one") });
    const stop = new AbortController();
    const observer = { evaluated: () => stop.abort() };
    const half = await train(options, { run: at("two"), signal: stop.signal, observer });
    expect(half).toMatchObject({ finished: false, report: undefined, progress: { epoch: 1 } });
    await train({}, { run: at("two"), resume: true });
    using one = await openRun(at("one"), { last: true });
    using two = await openRun(at("two"), { last: true });
    expect(readState(two.model)).toEqual(readState(one.model));
  });

  it("refuses a folder that holds a run, and unknown names", async () => {
    await expect(train(options, { run: at("one") })).rejects.toThrow(OptionError);
    await expect(train({ preset: "quik" })).rejects.toThrow(/did you mean quick/);
    await expect(train({ ...options, lr: "fast" }, { run: at("none") })).rejects.toThrow(/lr/);
    expect(existsSync(at("none"))).toBe(false);
  });
});
