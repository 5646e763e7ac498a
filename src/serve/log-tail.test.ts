import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataFormatError } from "../errors.js";
import { LogTail } from "./log-tail.js";

let folder = "";
let path = "";
let told: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snnseg-tail-"));
  path = join(folder, "metrics.jsonl");
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const reader = { restarted: () => void told.push("restarted"), line: (text: string) => void told.push(text) };
async function news(tail: LogTail): Promise<string[]> {
  told = [];
  await tail.read(reader);
  return told;
}

describe("LogTail", () => {
  it("tells whole lines once, and waits for the end of one that is being written", async () => {
    const tail = new LogTail(path);
    expect(await news(tail)).toEqual([]);
    appendFileSync(path, "one\ntw");
    expect(await news(tail)).toEqual(["one"]);
    expect(await news(tail)).toEqual([]);
    appendFileSync(path, "o\nthree\n");
    expect(await news(tail)).toEqual(["two", "three"]);
  });

  it("puts characters together that were written in two halves", async () => {
    const tail = new LogTail(path);
    const bytes = Buffer.from("ä€😀\n");
    for (const byte of bytes) {
      appendFileSync(path, Uint8Array.of(byte));
      expect(await news(tail)).toEqual(byte === 0x0a ? ["ä€😀"] : []);
    }
  });

  it("reads lines longer than a chunk, and many lines of one read", async () => {
    const tail = new LogTail(path);
    const lines = Array.from({ length: 3000 }, (_, i) => String(i).repeat(1 + (i % 400)));
    writeFileSync(path, `${lines.join("\n")}\n${"x".repeat(200_000)}\n`);
    expect(await news(tail)).toEqual([...lines, "x".repeat(200_000)]);
  });

  it("begins again after a truncation, a replacement, and a removal", async () => {
    const tail = new LogTail(path);
    writeFileSync(path, "one\ntwo\n");
    expect(await news(tail)).toEqual(["one", "two"]);
    truncateSync(path, 4);
    expect(await news(tail)).toEqual(["restarted", "one"]);
    // Of the same size, as a resumed run may write it.
    writeFileSync(`${path}.new`, "uno\n");
    renameSync(`${path}.new`, path);
    expect(await news(tail)).toEqual(["restarted", "uno"]);
    rmSync(path);
    expect(await news(tail)).toEqual(["restarted"]);
    expect(await news(tail)).toEqual([]);
    writeFileSync(path, "anew\n");
    expect(await news(tail)).toEqual(["anew"]);
  });

  it("refuses a line without an end instead of holding it in memory", async () => {
    writeFileSync(path, "x".repeat(5 << 20));
    await expect(new LogTail(path).read(reader)).rejects.toThrow(DataFormatError);
  });
});
