import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../../tests/saved-network.js";
import { liveTensors } from "../../engine/index.js";
import { DataFormatError, FileError, OptionError } from "../../errors.js";
import { decodeMask, decodePicture, encodePicturePng, type RgbImage } from "../../images/index.js";
import { loadSegmenter, type Segmenter } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-segmenter-"));
const at = (name: string) => join(folder, name);
const pixel = (seed: number) => (_: unknown, i: number) => (i * 37 * seed + ((i * i) % 91)) % 256;
const picture = (seed: number): RgbImage => ({
  ...{ height: 20, width: 24 },
  data: Uint8Array.from({ length: 20 * 24 * 3 }, pixel(seed)),
});

describe("a segmenter", () => {
  let segmenter: Segmenter;
  beforeAll(async () => {
    await saveNetwork(at("snn"), savedConfigs.snn);
    mkdirSync(at("pictures"));
    for (const n of [1, 2, 3]) writeFileSync(at(`pictures/${n}.png`), encodePicturePng(picture(n)));
    segmenter = await loadSegmenter(at("snn.safetensors"), { threads: 1 });
  });
  afterAll(async () => {
    await segmenter.close();
    rmSync(folder, { recursive: true });
  });

  it("gives the mask that predict writes, of a path, of bytes and of pixels", async () => {
    const { code } = await runCommand(
      "predict",
      at("snn"),
      at("pictures"),
      "-o",
      at("masks"),
      "--overlay",
      "--threads",
      "1",
    );
    expect(code).toBe(0);
    for (const n of [1, 2, 3]) {
      const file = at(`pictures/${n}.png`);
      const found = await segmenter.predict(file);
      const written = readFileSync(at(`masks/${n}.png`));
      expect(found).toMatchObject({ height: 20, width: 24 });
      expect(found.mask).toEqual(decodeMask(written, "mask").data);
      expect(Buffer.from(found.toMaskPng())).toEqual(written);
      const overlay = await decodePicture(found.toOverlayPng(), "overlay");
      expect(overlay).toEqual(await decodePicture(readFileSync(at(`masks/${n}.overlay.png`)), "overlay"));
      for (const same of [readFileSync(file), picture(n)])
        expect((await segmenter.predict(same)).mask).toEqual(found.mask);
      expect(Object.values(found.shares).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    }
  });

  it("answers many at once, each its own, and leaves no tensor in this thread", async () => {
    const before = liveTensors();
    const alone = await Promise.all([1, 2, 3].map((n) => segmenter.predict(picture(n))));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => segmenter.predict(picture(1 + (i % 3)))),
    );
    for (const [i, { mask }] of answers.entries()) expect(mask).toEqual(alone[i % 3]!.mask);
    expect(liveTensors()).toBe(before);
  });

  it("tells what it is", () => {
    expect(segmenter).toMatchObject({ file: at("snn.safetensors"), timesteps: 2, precision: "fast" });
    expect(segmenter.classes).toHaveLength(11);
    expect(segmenter.colors).toHaveLength(11);
  });

  it("refuses by name what it cannot read, and goes on", async () => {
    await expect(segmenter.predict(at("none.png"))).rejects.toThrow(FileError);
    await expect(segmenter.predict(Buffer.from("no picture"))).rejects.toThrow(DataFormatError);
    await expect(segmenter.stream(at("pictures/1.png")).next()).rejects.toThrow(OptionError);
    expect((await segmenter.predict(picture(1))).mask).toHaveLength(20 * 24);
  });

  it("does not open what is no run, or what an option makes impossible", async () => {
    await expect(loadSegmenter(at("none"))).rejects.toThrow(FileError);
    await expect(loadSegmenter(at("snn"), { options: { timesteps: 5 } })).rejects.toThrow(OptionError);
  });
});
