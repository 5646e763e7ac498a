/** Damaged arrays, digits and photographs: an error that names the file, or a result of a sane shape. */

import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SnnsegError } from "../errors.js";
import { mutated } from "../images/fixtures/mutate.js";
import { Draws } from "../random/index.js";
import { npyOf } from "./fixtures/npy.js";
import { put, temporaryFolder } from "./fixtures/trees.js";
import { parseCifar10 } from "./kinds/digits/cifar10.js";
import { parseIdxImages, parseIdxLabels, readIdxBytes } from "./kinds/digits/idx.js";
import { readListFile } from "./lists/list-file.js";
import { readClassFile } from "./masks/class-file.js";
import { parseNpy } from "./recordings/npy.js";

const MUTATIONS = 300;
const folder = temporaryFolder();
const draws = new Draws(2);
const bytes = (length: number, below = 256) => Uint8Array.from({ length }, () => draws.integer(below));

function bigEndian(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]),
  );
}

/** Runs `parse` on damaged files; returns how many were noticed. */
async function fuzz(file: Uint8Array, parse: (bytes: Uint8Array) => unknown): Promise<number> {
  let noticed = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    try {
      await parse(mutated(file, seed));
    } catch (error) {
      expect(error, `mutation ${seed}: ${error}`).toBeInstanceOf(SnnsegError);
      expect((error as Error).message).toContain("damaged.file");
      noticed++;
    }
  }
  return noticed;
}

const idxImages = Buffer.concat([bigEndian(2051, 6, 28, 28), bytes(6 * 784)]);
const idxLabels = Buffer.concat([bigEndian(2049, 40), bytes(40, 10)]);
const record = () => Buffer.concat([bytes(1, 10), bytes(3072)]);

describe("damaged files", () => {
  it.each(["<f2", "<f4", ">f8"] as const)("NumPy arrays of %s", async (type) => {
    const file = npyOf([5, 4, 6], bytes(120), { type, fortranOrder: type === "<f4" });
    const noticed = await fuzz(file, (damaged) => {
      const { shape, data } = parseNpy(damaged, "damaged.file");
      expect(data.length).toBe(shape.reduce((product, side) => product * side, 1));
      expect(data.length).toBeLessThanOrEqual(damaged.length);
    });
    expect(noticed).toBeGreaterThan(MUTATIONS / 3);
  });

  it("IDX images and labels", async () => {
    const images = await fuzz(idxImages, (damaged) => {
      const { count, rows, columns, data } = parseIdxImages(damaged, "damaged.file");
      expect(data.length).toBe(count * rows * columns);
    });
    const labels = await fuzz(idxLabels, (damaged) => {
      expect(Math.max(0, ...parseIdxLabels(damaged, "damaged.file"))).toBeLessThan(10);
    });
    expect(Math.min(images, labels)).toBeGreaterThan(MUTATIONS / 4);
  });

  it("gzipped IDX files", async () => {
    const path = join(folder, "damaged.file.gz");
    const noticed = await fuzz(gzipSync(idxLabels), async (damaged) => {
      put(path, damaged);
      parseIdxLabels(await readIdxBytes(path), path);
    });
    expect(noticed).toBeGreaterThan(MUTATIONS / 2);
  });

  it("CIFAR-10 records", async () => {
    const noticed = await fuzz(Buffer.concat([record(), record(), record()]), (damaged) => {
      const { count, picture } = parseCifar10(damaged, "damaged.file");
      expect(count * 3073).toBe(damaged.length);
      expect(picture(count - 1).data).toHaveLength(3072);
    });
    expect(noticed).toBeGreaterThan(MUTATIONS / 4);
  });

  it("class lists and split lists", async () => {
    const path = join(folder, "damaged.file");
    const classes = {
      classes: ["road", "sky", "car"],
      void: 255,
      colors: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ],
    };
    const noticed = await fuzz(Buffer.from(JSON.stringify(classes)), async (damaged) => {
      put(path, damaged);
      const list = await readClassFile(path);
      expect(list.colors.length).toBe(list.classes.length);
    });
    expect(noticed).toBeGreaterThan(MUTATIONS / 3);
    await fuzz(Buffer.from("images/1.png masks/1.png\nimages/2.png\tmasks/2.png\n"), async (damaged) => {
      put(path, damaged);
      expect((await readListFile(path)).length).toBeGreaterThan(0);
    });
  });
});
