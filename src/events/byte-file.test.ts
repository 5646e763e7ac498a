import { describe, expect, it } from "vitest";
import { blobSource } from "./blob-file.js";
import { recordPieces } from "./byte-file.js";
import { readAhead } from "./read-ahead.js";
import { SkipLog, SkippedEvents } from "./skipped-events.js";
import { textPieces } from "./text-lines.js";

const bytes = Uint8Array.from({ length: 700_001 }, (_, i) => (i * 31 + (i >> 8)) % 251);
const file = await blobSource(new Blob([bytes]), "bytes").open();

describe("a file over a Blob, read ahead", () => {
  it("gives the bytes asked for, wherever the seams of its pieces lie, and no more than there are", async () => {
    const ahead = readAhead(file);
    const places = [0, 1, 262_140, 262_144, 262_150, 100, 524_280, 699_990, 700_001, 800_000];
    for (const offset of places) {
      for (const length of [0, 7, 28, 300_000]) {
        for (const each of [file, ahead]) {
          const read = await each.read(offset, length);
          expect([offset, length, Buffer.compare(read, bytes.subarray(offset, offset + length))]).toEqual([
            ...[offset, length, 0],
          ]);
        }
      }
    }
  });
});

describe("pieces of a file", () => {
  it.each([2, 5, 8])(
    "hold whole records of %i bytes, all of them, and tell of the rest",
    async (recordBytes) => {
      const skipped = new SkippedEvents();
      const log = new SkipLog("bytes", { strict: false, skipped });
      let at = 3;
      for await (const { view, offset } of recordPieces(file, { start: 3, recordBytes, log })) {
        expect([offset, view.byteLength % recordBytes]).toEqual([at, 0]);
        expect(view.getUint8(view.byteLength - 1)).toBe(bytes[offset + view.byteLength - 1]);
        at += view.byteLength;
      }
      const left = (bytes.length - 3) % recordBytes;
      expect(at).toBe(bytes.length - left);
      expect(skipped.has("cut-end")).toBe(left > 0);
    },
  );

  it("of text hold whole lines, also where a piece ends within one", async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i} ${i % 346} ${i % 7} 1\n`).join("");
    const text = await blobSource(new Blob([lines, "the last"]), "text").open();
    let [read, pieces] = ["", 0];
    for await (const { bytes: piece, offset } of textPieces(text, 0)) {
      expect(offset).toBe(read.length);
      read += Buffer.from(piece).toString("latin1");
      if (read.length < lines.length) expect(read.endsWith("\n")).toBe(true);
      pieces++;
    }
    expect(read).toBe(`${lines}the last`);
    expect(pieces).toBeGreaterThan(3);
  });
});
