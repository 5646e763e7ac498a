/** A folder data set that a tiny network can learn in seconds: a bright half beside a dark one, classes by side. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeMaskPng, encodePicturePng } from "../../src/images/index.js";

const [height, width] = [12, 16];

/** Writes `train` and `val` examples, their lists and the class file; returns the folder. */
export function writeTinyData(root: string, { train = 6, val = 3 } = {}): string {
  mkdirSync(join(root, "images"), { recursive: true });
  mkdirSync(join(root, "masks"), { recursive: true });
  for (const [split, count] of [
    ["train", train],
    ["val", val],
  ] as const) {
    const lines = Array.from({ length: count }, (_, i) => {
      const name = `${split}-${i}`;
      writeFileSync(join(root, "images", `${name}.png`), encodePicturePng(picture(i, split)));
      writeFileSync(join(root, "masks", `${name}.png`), encodeMaskPng({ height, width, data: mask(i) }));
      return `images/${name}.png masks/${name}.png`;
    });
    writeFileSync(join(root, `${split}.txt`), `${lines.join("\n")}\n`);
  }
  writeFileSync(join(root, "dataset.json"), JSON.stringify({ classes: ["dark", "bright"], void: 255 }));
  return root;
}

/** Where the bright part of example i begins. */
const edge = (i: number) => 4 + ((i * 3) % 8);

/** Pictures of different splits differ in their texture. */
function picture(i: number, split: "train" | "val") {
  const data = new Uint8Array(height * width * 3);
  for (let p = 0; p < height * width; p++) {
    const level = p % width >= edge(i) ? 220 : 30;
    const texture = p * 7 + i + (split === "val" ? 10 : 0);
    for (let c = 0; c < 3; c++) data[p * 3 + c] = level + ((texture + c * 5) % 20);
  }
  return { height, width, data };
}

/** 1 where it is bright, 0 elsewhere, void on the last row. */
function mask(i: number): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, p) => {
    if (p >= (height - 1) * width) return 255;
    return p % width >= edge(i) ? 1 : 0;
  });
}

/** Options of a network that trains on the tiny data in a moment. */
export const tinyNet: readonly string[] = [
  ...["--dataset", "folder", "--img-size", "8", "--timesteps", "2"],
  ...["--threads", "1", "--workers", "0"],
];
