import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { DataFormatError, FileError } from "../errors.js";
import { MetricsLog, readMetrics } from "./metrics-log.js";
import type { EpochRecord } from "./records.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-metrics-"));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (epoch: number): EpochRecord => ({
  kind: "epoch",
  epoch,
  loss: 0.1 * epoch,
  lr: 1e-3,
  steps: 2,
  examples: 6,
  rates: {},
  silentLayers: [],
  time: { seconds: 1, imagesPerSecond: 6, waitingShare: 0 },
});

describe("MetricsLog", () => {
  it("goes back to the lines of a checkpoint and drops what a killed process wrote later", async () => {
    const path = join(folder, "a.jsonl");
    const log = await MetricsLog.open(path, 0);
    for (const epoch of [1, 2, 3]) await log.append(record(epoch));
    appendFileSync(path, '{"kind": "epo');
    expect(await readMetrics(path)).toEqual([record(1), record(2), record(3)]);

    const resumed = await MetricsLog.open(path, 2);
    expect(resumed.lines).toBe(2);
    await resumed.append(record(4));
    expect(await readMetrics(path)).toEqual([record(1), record(2), record(4)]);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
  });

  it("refuses to go on where lines are missing", async () => {
    const path = join(folder, "b.jsonl");
    await (await MetricsLog.open(path, 0)).append(record(1));
    await expect(MetricsLog.open(path, 2)).rejects.toThrow(DataFormatError);
    await expect(MetricsLog.open(path, 2)).rejects.toThrow(/expected 2 lines, received 1/);
  });

  it("names a damaged line, and the file when it cannot be written", async () => {
    const path = join(folder, "c.jsonl");
    for (const damage of [
      "nonsense",
      "null",
      "[]",
      '{"kind":"evaluation","epoch":1,"loss":0,"meanIoU":null}',
    ]) {
      writeFileSync(path, `${JSON.stringify(record(1))}\n${damage}\n`);
      await expect(readMetrics(path)).rejects.toThrow(/c\.jsonl, line 2/);
    }
    const log = await MetricsLog.open(join(folder, "gone", "d.jsonl"), 0);
    rmSync(join(folder, "gone"), { recursive: true });
    await expect(log.append(record(1))).rejects.toThrow(FileError);
  });
});
