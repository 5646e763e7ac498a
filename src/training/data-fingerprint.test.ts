import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeTinyData } from "../../tests/cli/tiny-data.js";
import { inRun } from "../../tests/tiny-run.js";
import { encodeMaskPng } from "../images/index.js";
import { dataFingerprint } from "./data-fingerprint.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-fingerprint-"));
afterAll(() => rmSync(folder, { recursive: true }));
const length = 9;

/** What ranks compare of a copy of the data after a change to it. */
async function ofData(name: string, change: (root: string) => void = () => {}) {
  const root = writeTinyData(join(folder, name), { train: length });
  change(root);
  const values = { dataset: "folder", root, imgSize: 8, workers: 0, threads: 1 };
  return await inRun(join(folder, `run-${name}`), values, ({ experiment }) => dataFingerprint(experiment));
}

/** In the list and on the disk. */
function rename(root: string, from: string, to: string): void {
  for (const kind of ["images", "masks"])
    renameSync(join(root, kind, `${from}.png`), join(root, kind, `${to}.png`));
  const list = join(root, "train.txt");
  writeFileSync(list, readFileSync(list, "utf8").replaceAll(`/${from}.`, `/${to}.`));
}

describe("what ranks compare of their data", () => {
  it("is the same of a copy elsewhere", async () => {
    expect(await ofData("copy")).toEqual(await ofData("another"));
  });

  it("tells any other name in a list", async () => {
    const same = await ofData("first");
    for (let index = 0; index < length; index++) {
      const other = await ofData(`renamed-${index}`, (root) =>
        rename(root, `train-${index}`, `other-${index}`),
      );
      expect(other["training data"]).not.toEqual(same["training data"]);
      expect(other["evaluation data"]).toEqual(same["evaluation data"]);
    }
  });

  it("tells other labels of examples that are looked at", async () => {
    const same = await ofData("labels");
    const other = await ofData("other-labels", (root) => {
      const data = new Uint8Array(12 * 16).fill(1);
      writeFileSync(join(root, "masks/train-0.png"), encodeMaskPng({ height: 12, width: 16, data }));
    });
    expect(other).not.toEqual(same);
  });
});
