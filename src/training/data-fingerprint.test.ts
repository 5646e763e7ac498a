import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
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

function differences(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(a).filter((name) => !isDeepStrictEqual(a[name], b[name]));
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
      expect(differences(same, other)).toContain("names of training examples, as a hash");
      expect(differences(same, other).join()).not.toContain("evaluation");
    }
  });

  it("tells a picture or a mask of another size in bytes, whichever it is", async () => {
    const same = await ofData("sizes");
    const files = Array.from({ length }, (_, index) => [
      `images/train-${index}.png`,
      `masks/train-${index}.png`,
    ]);
    for (const [i, file] of files.flat().entries()) {
      const other = await ofData(`longer-${i}`, (root) => appendFileSync(join(root, file), "\0"));
      expect(differences(same, other), file).toContain("sizes of training files");
    }
  });

  it("tells other contents of the same size, and other labels, of examples that are looked into", async () => {
    const same = await ofData("contents");
    const other = await ofData("other-contents", (root) => {
      const mask = join(root, "masks/train-0.png");
      const { length: bytes } = readFileSync(mask);
      const data = new Uint8Array(12 * 16).fill(1);
      const png = encodeMaskPng({ height: 12, width: 16, data });
      // What follows a picture's end is no part of it.
      writeFileSync(mask, Buffer.concat([png, Buffer.alloc(bytes - png.length)]));
    });
    expect(differences(same, other)).toEqual([
      "contents of 4 training examples' files, as a hash",
      "labels of 4 training examples, as a hash",
    ]);
  });
});
