import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeMask, decodePicture } from "../../src/images/index.js";
import { ConfusionMatrix, scoresOf } from "../../src/metrics/index.js";
import { isBuilt, lastJson, processTimeout, snnsegInside } from "./snnseg.js";
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
  await snnsegInside(["train", "--root", data, ...tinyNet, "--epochs", "1", "--run", run]);
}, processTimeout);
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!isBuilt)("predict (skipped before the build)", { timeout: processTimeout }, () => {
  it("writes a palette mask and an overlay of each picture's own size", async () => {
    const words = ["predict", run, join(data, "images"), join(data, "images", "val-0.png")];
    const result = lastJson(await snnsegInside([...words, "-o", output, "--overlay", "--json"]));
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
    const missing = await snnsegInside(["predict", run, join(folder, "none.jpg"), "-o", output]);
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining("none.jpg") });
    const empty = await snnsegInside(["predict", run, folder, "-o", output]);
    expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("expected a folder with pictures") });
  });

  it("reports pictures that cannot be read at the end, and loses none of the others", async () => {
    const pictures = join(folder, "pictures");
    cpSync(join(data, "images"), pictures, { recursive: true });
    const bytes = readFileSync(join(pictures, "train-2.png"));
    writeFileSync(join(pictures, "train-2.png"), bytes.subarray(0, bytes.length / 2));
    writeFileSync(join(pictures, "train-4.png"), "not a picture");
    writeFileSync(join(pictures, "._train-0.png"), "of macOS");
    const finished = await snnsegInside(["predict", run, pictures, "-o", join(folder, "rest"), "--json"]);
    expect(finished.code).toBe(1);
    expect(finished.err).toMatch(/received 2 that cannot .*train-2\.png.*train-4\.png/);
    const result = lastJson(finished) as { pictures: unknown[]; failed: { input: string }[] };
    expect(result.pictures).toHaveLength(7);
    expect(result.failed.map(({ input }) => basename(input))).toEqual(["train-2.png", "train-4.png"]);
    expect(readdirSync(join(folder, "rest"))).toHaveLength(7);
  });

  it("turns photographs as viewers do, unless asked for them as stored", async () => {
    const photo = join(folder, "photo.jpg");
    const image = sharp(join(data, "images", "val-0.png")).withMetadata({ orientation: 6 });
    await image.toFile(photo);
    for (const [words, size] of [
      [[], [16, 12]],
      [
        ["--orientation", "stored"],
        [12, 16],
      ],
    ] as const) {
      const result = lastJson(await snnsegInside(["predict", run, photo, "-o", output, "--json", ...words]));
      expect(result.pictures).toMatchObject([{ size }]);
    }
  });

  it("eval --full-size scores the masks that predict writes, at their own size", async () => {
    const direct = join(folder, "direct");
    const words = ["--root", data, ...tinyNet, "--encoding", "direct", "--epochs", "2", "--run", direct];
    await snnsegInside(["train", ...words]);
    const pictures = [0, 1, 2].map((i) => join(data, "images", `val-${i}.png`));
    await snnsegInside(["predict", direct, ...pictures, "--precision", "fp32", "-o", output]);
    const matrix = new ConfusionMatrix(2);
    for (const i of [0, 1, 2]) {
      const [truth, mask] = [join(data, "masks"), output].map((at) => {
        return Uint8Array.from(decodeMask(readFileSync(join(at, `val-${i}.png`)), "mask").data);
      });
      matrix.add(truth!, mask!);
    }
    const { fullSize } = lastJson(await snnsegInside(["eval", direct, "--full-size", "--json"]));
    expect(fullSize).toMatchObject({ ...scoresOf(matrix), baselineMeanIoU: expect.any(Number) });
    const text = await snnsegInside(["eval", direct, "--full-size"]);
    expect(text.out).toMatch(/at the masks' own size:\nmean IoU/);
  });

  it("leaves eval's scores near those of fp32", async () => {
    const scores = async (precision: string) =>
      lastJson(await snnsegInside(["eval", run, "--precision", precision, "--json"])) as Record<
        string,
        number
      >;
    const [fp32, exact, fast] = [await scores("fp32"), await scores("exact"), await scores("fast")];
    for (const { loss } of [exact, fast])
      expect(Math.abs(loss! - fp32.loss!)).toBeLessThan(SCORE_TOLERANCE * fp32.loss!);
    const refused = await snnsegInside(["eval", run, "--precision", "fast", "--spikes"]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("--spikes") });
  });
});
