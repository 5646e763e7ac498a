import { describe, expect, it } from "vitest";
import { decodeLz4Frame } from "./lz4-frame.js";
import { decodeZstdFrame } from "./zstd-frame.js";

// 400 lines "(i*i mod 7) (i mod 13) event", compressed with `lz4 -9` 1.9.4 and `zstd -19` 1.5.4.
const plain = Array.from({ length: 400 }, (_, i) => `${(i * i) % 7} ${i % 13} event\n`).join("");
const lz4 = Buffer.from(
  "BCJNGGRApzoBAADTMCAwIGV2ZW50CjEgMQoAMzQgMgoANTIgMwoAFTQeABU1MgATNgoANTAgNxQAFTgoABU5PAAmMTALAAZmACUxMjUA" +
    "FTBJABUxFAAVMikADoUAFTKFABU0hQAVMYUAFTCFABUxhQAfNIUAAhYyhQAfNAoBACYwIKMAFTMoAA6FABUyhQAfNAoBADYwIDlaABYw" +
    "kAAPhQAAJzIgIAANCgEVMIUAHzGPAQAGhQAVMoUAHzQKAQAWMIUAHzGPAQIGhQAfMhQCAAYKARUwhQAfMY8BAAaFAB4yFAIICgEWMIUA" +
    "HzGPAQEGhQAfMhQCAAYKAR8wmQIAHzSFAAAeMhQCCQoBHzCZAgEfNIUAAB8yFAIABgoBHzCZAgAfNIUAAB8yFAICBwoBD6MD////////" +
    "////////S1B2ZW50CgAAAADPlQVB",
  "base64",
);
const zstd = Buffer.from(
  "KLUv/WT6DiUEAGJGDhCwJx2EAknyrK1ZslLqTtSdz9Zbb+V7HI1v5Xsc+Va+R/lWPlv5VprKghiKhGCgbGWLgxxGYhQVBUuoIHTtHXAXpE" +
    "kHEhhEAHiEb1L3/z8DVDSdjUnDa1sxSk5JNIg209Z/jzQ/ntdrqP220EAUGrjBKSHj31aLd7HaYezSsawcpbSGMSs=",
  "base64",
);
const enough = 1 << 20;

describe.each([
  ["LZ4", lz4, decodeLz4Frame],
  ["Zstandard", zstd, decodeZstdFrame],
] as const)("%s frames", (_name, frame, decode) => {
  it("of the reference encoder are read", () => {
    expect(Buffer.from(decode(frame, enough)).toString()).toBe(plain);
  });

  it("stop at the limit", () => {
    expect(() => decode(frame, plain.length - 1)).toThrow(RangeError);
    expect(decode(frame, plain.length).length).toBe(plain.length);
  });

  it("that are cut anywhere throw and do not hang", () => {
    // The last 4 bytes are a checksum, which is not needed to decode.
    for (let length = 0; length < frame.length - 8; length++) {
      expect(() => decode(frame.subarray(0, length), enough)).toThrow(Error);
    }
  });
});

describe("bombs", () => {
  it("LZ4: a short block that says to repeat a byte for ever stops at the limit", () => {
    const block = Buffer.concat([Buffer.from([0x1f, 65, 1, 0]), Buffer.alloc(60_000, 255), Buffer.from([0])]);
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0]);
    head.writeUInt32LE(block.length, 7);
    const frame = Buffer.concat([head, block, Buffer.alloc(4)]);
    expect(() => decodeLz4Frame(frame, enough)).toThrow(/more than 1048576 bytes/);
    expect(decodeLz4Frame(frame, 1 << 24).length).toBe(60_000 * 255 + 15 + 4 + 1);
  });

  it("Zstandard: a stated window or content of gigabytes is refused before it is allocated", () => {
    const window = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00]);
    expect(() => decodeZstdFrame(window, enough)).toThrow(/window of 1073741824 bytes/);
    const content = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x70, 0x01, 0x00, 0x00]);
    expect(() => decodeZstdFrame(content, enough)).toThrow(/window of 1879048192 bytes/);
  });

  it("Zstandard: blocks that repeat a byte are counted", () => {
    const rle = (last: number) => [0x02 | last, 0x00, 0x10, 7];
    const blocks = Array.from({ length: 100 }, (_, i) => rle(i === 99 ? 1 : 0)).flat();
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, ...blocks]);
    expect(() => decodeZstdFrame(frame, enough)).toThrow(/more than 1048576 bytes/);
    expect(decodeZstdFrame(frame, 100 * 131_072).length).toBe(100 * 131_072);
  });
});
