import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { listRuns, runPath } from "./run-list.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function writeRun(name: string, created: string, meanIoUs: number[]): void {
  mkdirSync(join(folder, name));
  const record = { format: "snnseg-run", version: 1, created, options: { model: "snn", epochs: 4 } };
  writeFileSync(join(folder, name, "config.json"), JSON.stringify(record));
  const lines = meanIoUs.flatMap((meanIoU) => [
    { kind: "epoch", epoch: 1, loss: 1 },
    { kind: "evaluation", epoch: 1, loss: 1, meanIoU },
  ]);
  writeFileSync(
    join(folder, name, "metrics.jsonl"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
}

describe("listRuns", () => {
  it("numbers runs by age, with their best score, and passes over other folders", async () => {
    writeRun("younger", "2026-02-01", []);
    writeRun("older", "2026-01-01", [0.2, 0.5, 0.4]);
    mkdirSync(join(folder, "other"));
    expect(await listRuns(folder)).toMatchObject([
      { number: 1, path: join(folder, "older"), epochs: 3, bestMeanIoU: 0.5 },
      { number: 2, path: join(folder, "younger"), epochs: 0, bestMeanIoU: null },
    ]);
    expect(await listRuns(join(folder, "none"))).toEqual([]);
  });
});

describe("a damaged run", () => {
  it("hides no other, is listed with what is wrong, and keeps its number", async () => {
    const damage = join(folder, "damage");
    mkdirSync(damage);
    const write = (name: string, created: string) => writeRun(join("damage", name), created, [0.5]);
    for (const [n, name] of ["a", "b", "c", "d"].entries()) write(name, `2026-01-0${n + 1}`);
    writeFileSync(join(damage, "b", "metrics.jsonl"), "null\n");
    writeFileSync(join(damage, "c", "config.json"), "[]");
    const runs = await listRuns(damage);
    expect(runs.map(({ path }) => basename(path))).toEqual(["a", "b", "d", "c"]);
    expect(runs.map(({ bestMeanIoU }) => bestMeanIoU)).toEqual([0.5, null, 0.5, null]);
    expect(runs[1]!.problem).toMatch(/metrics\.jsonl, line 1/);
    expect(runs[3]!.problem).toMatch(/damage\/c: expected config\.json of a run/);
    expect(runs[0]).not.toHaveProperty("problem");
  });
});

describe("runPath", () => {
  it("leaves paths alone and refuses a number that no run has", async () => {
    expect(await runPath("runs/a")).toBe("runs/a");
    await expect(runPath("999999")).rejects.toThrow(OptionError);
  });
});
