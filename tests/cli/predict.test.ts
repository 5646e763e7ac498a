import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeMask, decodePicture } from "../../src/images/index.js";
import { isBuilt, lastJson, processTimeout, snnseg } from "./snnseg.js";
import { tinyNet, writeTinyData } from "./tiny-data.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-predict-"));
const [data, run, output] = ["data", "run", "masks"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
/** Few pixels and few spikes: a neuron that falls to the other side moves scores by this much. */
const SCORE_TOLERANCE = 0.1;

beforeAll(async () => {
  writeTinyData(data);
  await snnseg(["train", "--root", data, ...tinyNet, "--epochs", "1", "--run", run]);
}, processTimeout);
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!isBuilt)("predict (skipped before the build)", { timeout: processTimeout }, () => {
  it("writes a palette mask and an overlay of each picture's own size", async () => {
    const words = ["predict", run, join(data, "images"), join(data, "images", "val-0.png")];
    const result = lastJson(await snnseg([...words, "-o", output, "--overlay", "--json"]));
    const pictures = result.pictures as { mask: string; overlay: string; shares: Record<string, number> }[];
    expect(pictures).toHaveLength(10);
    expect(pictures.at(-1)!.mask).toBe(join(output, "val-0-2.png"));
    expect(result).toMatchObject({ precision: "fast", classes: ["dark", "bright"] });
    for (const { mask, overlay, shares } of pictures) {
      const { width, height, data: labels } = decodeMask(readFileSync(mask), mask);
      expect([width, height]).toEqual([16, 12]);
      const bright = labels.filter((label) => label === 1).length / labels.length;
      expect(shares.bright ?? 0).toBeCloseTo(bright, 6);
      expect((await decodePicture(readFileSync(overlay), overlay)).width).toBe(16);
    }
  });

  it("names what is wrong with its pictures", async () => {
    const missing = await snnseg(["predict", run, join(folder, "none.jpg"), "-o", output]);
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("none.jpg") });
    const empty = await snnseg(["predict", run, folder, "-o", output]);
    expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("expected a folder with pictures") });
  });

  it("leaves eval's scores near those of fp32", async () => {
    const scores = async (precision: string) =>
      lastJson(await snnseg(["eval", run, "--precision", precision, "--json"])) as Record<string, number>;
    const [fp32, fast] = [await scores("fp32"), await scores("fast")];
    expect(Math.abs(fast.loss! - fp32.loss!)).toBeLessThan(SCORE_TOLERANCE * fp32.loss!);
    const refused = await snnseg(["eval", run, "--precision", "fast", "--spikes"]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("--spikes") });
  });
});
