/** Runs of older versions go on as they began, and new ones replace nothing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkFresh, RunFolder, type RunRecord, runLayer } from "./run-folder.js";

it("a run of version 1 keeps its labels at the corner of their pixels, unless it says otherwise", () => {
  const labelPixel = (record: object) =>
    runLayer(new RunFolder("run"), record as RunRecord).values.labelPixel;
  expect(labelPixel({ version: 1, options: { dataset: "folder" } })).toBe("corner");
  expect(labelPixel({ version: 2, options: { dataset: "folder" } })).toBeUndefined();
  expect(labelPixel({ version: 2, options: { dataset: "folder", labelPixel: "centre" } })).toBe("centre");
  expect(labelPixel({ version: 1, options: { dataset: "digits" } })).toBeUndefined();
});

it("a new run replaces neither checkpoints nor another program's config.json", async () => {
  const path = mkdtempSync(join(tmpdir(), "snnseg-run-folder-"));
  const folder = new RunFolder(path);
  await checkFresh(folder);
  writeFileSync(folder.config, '{"port": 80}');
  await expect(checkFresh(folder)).rejects.toThrow(/whose config\.json is something else; choose another/);
  // A run that was ended before it saved something.
  writeFileSync(folder.config, '{"format":"snnseg-run","version":2,"created":"","options":{}}');
  await checkFresh(folder);
  rmSync(folder.config);
  mkdirSync(join(path, "checkpoints"));
  writeFileSync(folder.last, "");
  await expect(checkFresh(folder)).rejects.toThrow(/holds one; choose another folder, or continue it/);
  rmSync(path, { recursive: true });
});
