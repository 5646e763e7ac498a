import { describe, expect, it } from "vitest";
import type { ByteFile } from "./byte-file.js";
import { latin1Bytes, latin1Text } from "./latin1.js";
import { textPieces } from "./text-lines.js";

function fileOf(text: string): ByteFile {
  const bytes = latin1Bytes(text);
  return {
    ...{ name: "a test", size: bytes.length },
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function linesOf(text: string, start = 0): Promise<(readonly [offset: number, line: string])[]> {
  const lines: [number, string][] = [];
  let from = start;
  for await (const { bytes, offset, next } of textPieces(fileOf(text), start)) {
    expect(offset).toBe(from);
    from = next;
    let at = offset;
    for (const line of latin1Text(bytes).replace(/\n$/, "").split("\n")) {
      lines.push([at, line]);
      at += line.length + 1;
    }
  }
  expect(from).toBe(text.length);
  return lines;
}

describe("a text in pieces", () => {
  it.each(["\n", ""])("has every line once, whole, where it stands; the last ends with %j", async (last) => {
    const all = Array.from({ length: 60_000 }, (_, i) => `${i * 37} ${i % 640} 7 1`);
    const expected: [number, string][] = [];
    let at = 0;
    for (const line of all) {
      expected.push([at, line]);
      at += line.length + 1;
    }
    expect(await linesOf(all.join("\n") + last)).toEqual(expected);
    expect(await linesOf(all.join("\n") + last, expected[100]![0])).toEqual(expected.slice(100));
  });

  it("has of a line longer than a piece its beginning, and goes on after it", async () => {
    const long = "7".repeat(1_000_000);
    const lines = await linesOf(`1 2 3 0\n${long}\n4 5 6 1\n`);
    expect(lines.map(([offset, line]) => [offset, line.length])).toEqual([
      [0, 7],
      [8, 512],
      [8 + 1_000_001, 7],
    ]);
    expect((await linesOf(long))[0]![1]).toHaveLength(512);
  });

  it("is empty where the file is", async () => {
    expect(await linesOf("")).toEqual([]);
  });
});
