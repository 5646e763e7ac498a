import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { datFile, randomEvents } from "../../tests/event-writers.js";
import { DataFormatError, FileError } from "../errors.js";
import { EventRateCounter, findRecordings, subBatch } from "./index.js";

const root = mkdtempSync(join(tmpdir(), "snnseg-find-"));
afterAll(() => rmSync(root, { recursive: true }));

const total = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

describe("EventRateCounter", () => {
  it("counts every event once, in its stretch, however long the recording is", () => {
    const events = randomEvents(5000, { width: 10, height: 10, seed: 3 });
    const counter = new EventRateCounter();
    for (let i = 0; i < events.length; i += 777) counter.add(subBatch(events, i, i + 777));
    const { startUs, binUs, on, off } = counter.rate(50);
    expect(on.length).toBeLessThanOrEqual(50);
    expect(total(on) + total(off)).toBe(events.length);
    expect(total(on)).toBe(events.polarity.reduce((a, b) => a + b, 0));
    const third = events.timestampsUs.filter((t) => Math.floor((t - startUs) / binUs) === 2);
    expect(on[2]! + off[2]!).toBe(third.length);
  });

  it("puts events from before the first one into the first stretch", () => {
    const counter = new EventRateCounter();
    const x = Uint16Array.of(0, 0, 0);
    counter.add({
      timestampsUs: Float64Array.of(50, 10, 9e9),
      x,
      y: x,
      polarity: Uint8Array.of(1, 0, 1),
      length: 3,
    });
    const { on, off } = counter.rate(2);
    expect([on, off]).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });
});

describe("findRecordings", () => {
  it("finds recordings by their content below a folder, in natural order, but no hidden or other files", async () => {
    const dat = datFile(randomEvents(20, { width: 10, height: 10, seed: 3 }));
    mkdirSync(join(root, "b/.cache"), { recursive: true });
    for (const name of ["b/run10.x", "b/run9", "b/.cache/kept.dat", ".hidden"]) {
      writeFileSync(join(root, name), dat);
    }
    writeFileSync(join(root, "README.md"), "# Recordings\n");
    writeFileSync(join(root, "empty"), "");
    expect(await findRecordings(root)).toEqual([join(root, "b/run9"), join(root, "b/run10.x")]);
    expect(await findRecordings(join(root, "README.md"))).toEqual([join(root, "README.md")]);
  });

  it("says so where there is none", async () => {
    await expect(findRecordings(join(root, "none"))).rejects.toThrow(FileError);
    mkdirSync(join(root, "nothing"));
    await expect(findRecordings(join(root, "nothing"))).rejects.toThrow(DataFormatError);
  });
});
