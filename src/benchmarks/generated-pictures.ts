/** Pictures to read where no data set is at hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { encodeMaskPng } from "../images/index.js";
import { Draws } from "../random/index.js";

/** VOC2012's usual size. */
const [height, width] = [375, 500];
const coarse = { width: 64, height: 48, channels: 3 } as const;

/** A VOC2012 folder of smooth random pictures, which compress about as photographs do; gone when disposed. */
export async function generatePictures(count: number): Promise<{ readonly root: string } & Disposable> {
  const root = mkdtempSync(join(tmpdir(), "snnseg-bench-"));
  const [images, masks, lists] = [
    "JPEGImages",
    "SegmentationClassAug",
    join("ImageSets", "Segmentation"),
  ].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [images, masks, lists]) mkdirSync(folder, { recursive: true });
  const ids = Array.from({ length: count }, (_, i) => `generated_${i}`);
  for (const [i, id] of ids.entries()) {
    const draws = new Draws(i);
    const values = Array.from({ length: coarse.width * coarse.height * coarse.channels }, () =>
      draws.integer(256),
    );
    const picture = sharp(Buffer.from(values), { raw: coarse }).resize(width, height);
    writeFileSync(join(images, `${id}.jpg`), await picture.jpeg({ quality: 92 }).toBuffer());
    const stripe = (x: number) => (Math.floor(x / 60) * 3) % 21;
    const data = Uint8Array.from({ length: height * width }, (_, p) => stripe(p % width));
    writeFileSync(join(masks, `${id}.png`), encodeMaskPng({ height, width, data }));
  }
  for (const split of ["train", "train_aug"]) writeFileSync(join(lists, `${split}.txt`), ids.join("\n"));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}
