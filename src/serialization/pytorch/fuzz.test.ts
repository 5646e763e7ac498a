/** Damaged files of PyTorch: whatever bits are flipped or bytes lost, they are read or refused, never anything else. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DataFormatError } from "../../errors.js";
import { crc32 } from "../../files/index.js";
import { parsePytorch } from "./torch-read.js";
import { openZip } from "./zip-read.js";
import { zipPieces } from "./zip-write.js";

const folder = fileURLToPath(new URL("../fixtures/", import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith(".pth"));
const rounds = 150;

/** Numbers below `n`, the same on every run (Numerical Recipes' linear congruence). */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function flip(bytes: Uint8Array<ArrayBuffer>, draw: (n: number) => number): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice(0, draw(10) === 0 ? 1 + draw(bytes.length) : bytes.length);
  for (let flips = 1 + draw(4); flips > 0; flips--) copy[draw(copy.length)]! ^= 1 << draw(8);
  return copy;
}

/** Whether the file was refused; any other failure fails the test. */
function isRefused(file: Uint8Array<ArrayBuffer>): boolean {
  try {
    parsePytorch(file, "fuzz.pth");
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(DataFormatError);
    return true;
  }
}

it.each(names)("%s with flipped bits and lost ends is read or refused", async (name) => {
  const whole = new Uint8Array(await readFile(`${folder}${name}`));
  const draw = generator(1);
  let refused = 0;
  for (let round = 0; round < rounds; round++) if (isRefused(flip(whole, draw))) refused++;
  expect(refused).toBeGreaterThan(rounds / 10);
});

it.each(names.filter((name) => !name.includes("legacy")))(
  "%s with a damaged pickle under a right checksum too",
  async (name) => {
    const zip = openZip(new Uint8Array(await readFile(`${folder}${name}`)), name);
    const draw = generator(2);
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      const contents = zip.names.map((entry) => {
        const bytes = zip.read(entry);
        return { name: entry, bytes: entry.endsWith("data.pkl") ? flip(bytes, draw) : bytes };
      });
      if (isRefused(new Uint8Array(Buffer.concat([...zipPieces(contents)])))) refused++;
    }
    expect(refused).toBeGreaterThan(rounds / 10);
  },
);

it("checksums as ZIP does (check value of the CRC-32 catalogue)", () => {
  expect(crc32(Buffer.from("123456789")).toString(16)).toBe("cbf43926");
});
