/** Runs of older versions go on as they began. */
import { expect, it } from "vitest";
import { RunFolder, type RunRecord, runLayer } from "./run-folder.js";

it("a run of version 1 keeps its labels at the corner of their pixels, unless it says otherwise", () => {
  const labelPixel = (record: object) =>
    runLayer(new RunFolder("run"), record as RunRecord).values.labelPixel;
  expect(labelPixel({ version: 1, options: { dataset: "folder" } })).toBe("corner");
  expect(labelPixel({ version: 2, options: { dataset: "folder" } })).toBeUndefined();
  expect(labelPixel({ version: 2, options: { dataset: "folder", labelPixel: "centre" } })).toBe("centre");
  expect(labelPixel({ version: 1, options: { dataset: "digits" } })).toBeUndefined();
});
