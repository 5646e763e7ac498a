/** Event data for tests of the command line: a DDD17 tree in Ev-SegNet's layout, and recordings with made-up labels. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeMaskPng } from "../../src/images/index.js";
import { integer, uniform } from "../../src/random/index.js";

const [height, width] = [20, 34];

/** Writes a file and the folders above it. */
export function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/**
 * Writes frames of 20x34 pixels and 6 channels, half of them float64 in C order and half float16 in Fortran order,
 * of a recording each in `train` (with a gap) and `test`. Returns the folder.
 */
export function writeTinyDdd17(root: string): string {
  const frames = { train: [3, 4, 5, 6, 7, 10, 11, 12], test: [0, 1, 2, 3] };
  for (const [split, numbers] of Object.entries(frames)) {
    for (const n of numbers) {
      const name = `rec${split === "train" ? 14 : 15}_export_${n}`;
      put(join(root, "events", split, `${name}.npy`), n % 2 === 0 ? doubles(n) : fortranHalves(n));
      put(join(root, "labels", split, `${name}.png`), labelPng([height, width], n));
    }
  }
  return root;
}

/** A label picture of all six classes and void, in stripes that move with `n`. */
export function labelPng([rows, columns]: readonly [number, number], n: number): Uint8Array {
  const data = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const stripe = (Math.floor((i % columns) / 5) + n) % 7;
    return stripe === 6 ? 255 : stripe;
  });
  return encodeMaskPng({ height: rows, width: columns, data });
}

/** Sparse counts, so that half precision holds them exactly. */
function valueAt(n: number, i: number): number {
  return uniform(n, i) < 0.3 ? 1 + integer(n + 1, i, 4) : 0;
}

function doubles(n: number): Uint8Array {
  const data = Float64Array.from({ length: height * width * 6 }, (_, i) => valueAt(n, i));
  return npy("<f8", false, new Uint8Array(data.buffer));
}

function fortranHalves(n: number): Uint8Array {
  const halves = [0x0000, 0x3c00, 0x4000, 0x4200, 0x4400];
  const data = new Uint16Array(height * width * 6);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 6; c++) {
        data[y + height * (x + width * c)] = halves[valueAt(n, (y * width + x) * 6 + c)]!;
      }
    }
  }
  return npy("<f2", true, new Uint8Array(data.buffer));
}

function npy(type: string, fortran: boolean, bytes: Uint8Array): Uint8Array {
  const order = fortran ? "True" : "False";
  const text = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${height}, ${width}, 6), }`;
  const padded = `${text.padEnd(128 - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00  ${padded}`, "latin1");
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, bytes]);
}
