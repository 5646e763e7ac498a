/**
 * Files made to harm whoever opens them. Each must be refused for the stated reason, at once, and without taking
 * memory that the file's size does not justify. None of the commands inside may ever run.
 */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { DataFormatError } from "../../errors.js";
import { crc32 } from "../../files/index.js";
import { parsePytorch } from "./torch-read.js";
import { type ZipContent, zipPieces } from "./zip-write.js";

/** A file that every executed payload would create. */
const trace = join(tmpdir(), `snnseg-hostile-${process.pid}`);
const mostMegabytes = 64;
/** A hang, not a speed limit. */
const mostMilliseconds = 20_000;

type Bytes = Uint8Array<ArrayBuffer>;
const latin1 = (text: string) => Buffer.from(text, "latin1");
const concat = (...parts: readonly (string | Uint8Array | number[])[]): Bytes =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "string" ? latin1(part) : Uint8Array.from(part)))),
  );
const le = (value: number | bigint, bytes: number): Bytes => {
  const all = new Uint8Array(8);
  new DataView(all.buffer).setBigUint64(0, BigInt(value), true);
  return all.slice(0, bytes);
};
/** BINUNICODE */
const text = (value: string) => concat("X", le(value.length, 4), value);
const int = (value: number) => concat("J", le(value >>> 0, 4));
const global = (module: string, name: string) => `c${module}\n${name}\n`;

/** An archive as torch.save makes it, around a pickle. */
const archive = (pickle: Uint8Array, others: readonly ZipContent[] = [storage("0", 16)]) =>
  concat(...zipPieces([{ name: "archive/data.pkl", bytes: pickle }, ...others]));
const storage = (key: string, size: number): ZipContent => ({
  name: `archive/data/${key}`,
  bytes: new Uint8Array(size),
});
/** A pickle of protocol 2 that leaves one value. */
const pickle = (...parts: readonly (string | Uint8Array | number[])[]) =>
  archive(concat([0x80, 2], ...parts, "."));

const storageId = (length: number, { key = "0", type = "FloatStorage" } = {}) =>
  concat("(", text("storage"), global("torch", type), text(key), text("cpu"), int(length), "tQ");
const counts = (...values: number[]) => concat("(", ...values.map(int), "t");
const tensor = (id: Uint8Array, { offset = 0, shape = [4], strides = [1] } = {}) =>
  concat(
    global("torch._utils", "_rebuild_tensor_v2"),
    "(",
    id,
    int(offset),
    counts(...shape),
    counts(...strides),
    [0x89],
    global("collections", "OrderedDict"),
    ")RtR",
  );
const touch = `touch ${trace}`;
const legacyStart = concat(
  [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
  ".",
);
const legacy = (...parts: readonly (string | Uint8Array | number[])[]) =>
  concat(legacyStart, [0x80, 2], "M", le(1001, 2), ".", [0x80, 2], "}.", ...parts);

/** An archive whose bytes are changed after it was made. */
function patched(
  file: Bytes,
  change: (view: DataView, find: (bytes: readonly number[]) => number) => void,
): Bytes {
  const copy = file.slice();
  const find = (bytes: readonly number[]) => Buffer.from(copy).indexOf(Uint8Array.from(bytes));
  change(new DataView(copy.buffer), find);
  return copy;
}
const directory = [0x50, 0x4b, 1, 2];
const end = [0x50, 0x4b, 5, 6];
const good = archive(concat([0x80, 2], "}."));
const named = (name: string) =>
  concat(
    ...zipPieces([
      { name: "archive/data.pkl", bytes: concat("}.") },
      { name, bytes: new Uint8Array(1) },
    ]),
  );

/** A deflated entry of zeros that claims to be as large as `claim`. */
function deflated(zeros: number, claim = zeros): Bytes {
  const content = deflateRawSync(new Uint8Array(zeros), { level: 9 });
  const file = concat(...zipPieces([{ name: "archive/data.pkl", bytes: content }]));
  return patched(file, (view, find) => {
    for (const at of [find([0x50, 0x4b, 3, 4]) + 8, find(directory) + 10]) view.setUint16(at, 8, true);
    for (const at of [find([0x50, 0x4b, 3, 4]) + 22, find(directory) + 24]) view.setUint32(at, claim, true);
    for (const at of [find([0x50, 0x4b, 3, 4]) + 14, find(directory) + 16])
      view.setUint32(at, crc32(new Uint8Array(zeros)), true);
  });
}

/** Lists of lists of lists, ten of each, all by reference. */
const laughs = (levels: number) => {
  const level = (i: number) =>
    concat("](", ...new Array<Uint8Array>(10).fill(concat("h", [i])), "eq", [i + 1], "0");
  return concat("](", int(1), "eq", [0], "0", ...Array.from({ length: levels }, (_, i) => level(i)), "h", [
    levels,
  ]);
};

const hostile: readonly (readonly [what: string, file: Bytes, reason: RegExp])[] = [
  // Look-ups and calls
  [
    "os.system by GLOBAL and REDUCE",
    pickle(global("os", "system"), text(touch), [0x85], "R"),
    /look-up of "os\.system"/,
  ],
  ["posix.system", pickle(global("posix", "system"), text(touch), [0x85], "R"), /look-up of "posix\.system"/],
  [
    "builtins.eval",
    pickle(global("builtins", "eval"), text("1"), [0x85], "R"),
    /look-up of "builtins\.eval"/,
  ],
  [
    "Python 2's __builtin__.exec",
    pickle(global("__builtin__", "exec"), text("1"), [0x85], "R"),
    /__builtin__\.exec/,
  ],
  [
    "subprocess.Popen by STACK_GLOBAL",
    pickle(text("subprocess"), text("Popen"), [0x93], text(touch), [0x85], "R"),
    /look-up of "subprocess\.Popen"/,
  ],
  [
    "a method of an allowed class",
    pickle(text("collections"), text("OrderedDict.__init__"), [0x93]),
    /OrderedDict\.__init__/,
  ],
  [
    "a name that JavaScript objects inherit",
    pickle(global("constructor", "constructor")),
    /look-up of "constructor\.constructor"/,
  ],
  ["__proto__ as a name", pickle(global("", "__proto__")), /look-up of "\.__proto__"/],
  [
    "operator.attrgetter",
    pickle(global("operator", "attrgetter"), text("a"), [0x85], "R"),
    /operator\.attrgetter/,
  ],
  [
    "torch's own pickle loader",
    pickle(global("torch.storage", "_load_from_bytes"), "C", [1, 0], [0x85], "R"),
    /_load_from_bytes/,
  ],
  ["torch.hub.load", pickle(global("torch.hub", "load"), ")R"), /torch\.hub\.load/],
  [
    "numpy's array constructor",
    pickle(global("numpy.core.multiarray", "_reconstruct"), ")R"),
    /_reconstruct/,
  ],
  ["argparse.Namespace", pickle(global("argparse", "Namespace"), ")", [0x81]), /argparse\.Namespace/],
  [
    "NEWOBJ of an allowed name",
    pickle(global("collections", "OrderedDict"), ")", [0x81]),
    /NEWOBJ, which makes an object/,
  ],
  ["INST", pickle("(", text(touch), "ios\nsystem\n"), /INST, which makes an object/],
  ["OBJ", pickle("(", global("torch", "FloatStorage"), "o"), /OBJ, which makes an object/],
  ["the extension registry", pickle([0x82, 1], ")R"), /EXT1, which runs registered code/],
  ["a call of a text", pickle(text("os.system"), text(touch), [0x85], "R"), /cannot be called/],
  [
    "a call of a storage type",
    pickle(global("torch", "FloatStorage"), int(4), [0x85], "R"),
    /cannot be called/,
  ],
  ["a type left as a value", pickle(global("torch", "FloatStorage")), /type or function where data belongs/],
  [
    "a codec that is no Latin-1",
    pickle(global("_codecs", "encode"), text("x"), text("rot13"), [0x86], "R"),
    /_codecs\.encode/,
  ],
  ["attributes for a list", pickle("]}", text("__class__"), "N", "sb"), /state for something that has none/],
  [
    "a reference to a module's source",
    pickle(
      "(",
      text("module"),
      global("torch", "FloatStorage"),
      text("m.py"),
      text("import os"),
      int(0),
      "tQ",
    ),
    /no storage/,
  ],
  [
    "a tensor with hooks",
    pickle(
      global("torch._utils", "_rebuild_tensor_v2"),
      "(",
      storageId(4),
      int(0),
      counts(4),
      counts(1),
      [0x89],
      text("hook"),
      "tR",
    ),
    /hooks/,
  ],
  ["a name without an end", pickle(`c${"a".repeat(100_000)}`), /name without an end/],
  // Nesting and repetition
  ["a billion laughs", pickle(laughs(9)), /bomb: \d+ bytes that stand for 2\d{9} values/],
  ["10^60 laughs", pickle(laughs(60)), /bomb/],
  [
    "a text repeated by reference",
    pickle(
      "](",
      text("a".repeat(100_000)),
      "q",
      [0],
      ..."h"
        .repeat(50_000)
        .split("")
        .map((h) => concat(h, [0])),
      "e",
    ),
    /bomb: \d+ bytes that stand for 5000/,
  ],
  [
    "a tensor repeated by reference",
    archive(
      concat(
        [0x80, 2],
        "](",
        tensor(storageId(250_000), { shape: [250_000] }),
        "q",
        [0],
        ..."h"
          .repeat(5_000)
          .split("")
          .map((h) => concat(h, [0])),
        "e.",
      ),
      [storage("0", 1_000_000)],
    ),
    /bomb: \d+ bytes that stand for 5001000000/,
  ],
  ["a list that contains itself", pickle("]q", [0], "h", [0], "a"), /contains itself/],
  ["a hundred thousand nested lists", pickle("]".repeat(100_000), "a".repeat(99_999)), /nested more than/],
  ["a hundred thousand nested tuples", pickle(")", "\x85".repeat(100_000)), /nested more than/],
  [
    "pairs given to OrderedDict again and again",
    pickle(
      "](",
      ..."x"
        .repeat(2_000)
        .split("")
        .map(() => concat(text("k"), "N", [0x86])),
      "eq",
      [0],
      ...Array.from({ length: 5_000 }, () =>
        concat(global("collections", "OrderedDict"), "h", [0], [0x85], "R0"),
      ),
    ),
    /bomb: a short file that asks for much work/,
  ],
  ["millions of empty dicts", pickle("}0".repeat(1_100_000), "}"), /more than 1000000 objects/],
  [
    "a pickle of 17 million bytes",
    pickle(text("x".repeat(17_000_000))),
    /pickle of more than 16777216 bytes/,
  ],
  // Lying sizes
  ["a text longer than the file", pickle("X", le(0xffffffff, 4)), /4294967295 more bytes/],
  ["bytes of 2^63", pickle([0x8e], le(2n ** 63n, 8)), /a length of 9223372036854775808/],
  ["an integer of 4 GiB", pickle([0x8b], le(0xffffffff, 4)), /integer of 4294967295 bytes/],
  [
    "an integer of 1 MiB that is there",
    pickle([0x8b], le(1 << 20, 4), new Uint8Array(1 << 20).fill(7)),
    /integer of 1048576 bytes/,
  ],
  [
    "a memo entry that does not exist",
    pickle("j", le(0xffffffff, 4)),
    /entry 4294967295, which does not exist/,
  ],
  ["a frame longer than the file", pickle([0x95], le(1_000, 8)), /length of 1000|longer than the file/],
  ["a pickle without an end", archive(concat([0x80, 2], "}")), /1 more bytes/],
  ["an empty stack", pickle(""), /end with 0 values/],
  [
    "a storage larger than its entry",
    pickle(tensor(storageId(1_000_000_000), { shape: [1_000_000_000] })),
    /4000000000 bytes of storage "0", received 16/,
  ],
  [
    "a storage that is not there",
    pickle(tensor(storageId(4, { key: "../../etc/passwd" }))),
    /storage "\.\.\/\.\.\/etc\/passwd", received no such entry/,
  ],
  [
    "a tensor larger than its storage",
    pickle(tensor(storageId(4), { shape: [5] })),
    /\[5\].*storage with 4 elements/,
  ],
  [
    "a tensor beyond its storage's end",
    pickle(tensor(storageId(4), { offset: 3, shape: [2] })),
    /storage with 4 elements/,
  ],
  [
    "a stride beyond its storage's end",
    pickle(tensor(storageId(4), { shape: [2], strides: [2 ** 30] })),
    /storage with 4 elements/,
  ],
  ["a negative offset", pickle(tensor(storageId(4), { offset: -1 })), /size, stride or offset/],
  ["a negative stride", pickle(tensor(storageId(4), { strides: [-1] })), /size, stride or offset/],
  [
    "one element repeated a billion times",
    pickle(tensor(storageId(4), { shape: [1_000_000_000], strides: [0] })),
    /more elements than it has/,
  ],
  [
    "sides whose product overflows",
    pickle(tensor(storageId(4), { shape: [2 ** 30, 2 ** 30], strides: [0, 0] })),
    /\[1073741824, 1073741824\]/,
  ],
  [
    "a tensor of 100 axes",
    pickle(tensor(storageId(4), { shape: new Array(100).fill(1), strides: new Array(100).fill(1) })),
    /size, stride or offset/,
  ],
  [
    "an untyped storage of half an element",
    pickle(
      global("torch._utils", "_rebuild_tensor_v3"),
      "(",
      storageId(16, { type: "UntypedStorage" }),
      int(0),
      counts(2),
      counts(3),
      [0x89],
      "}",
      global("torch", "float64"),
      "tR",
    ),
    /storage with 2 elements/,
  ],
  // ZIP paths
  ["a path out of the folder", named("../../etc/cron.d/x"), /may lead elsewhere/],
  ["an absolute path", named("/etc/passwd"), /may lead elsewhere/],
  ["a Windows path", named("..\\x"), /may lead elsewhere/],
  ["a drive", named("C:/x"), /may lead elsewhere/],
  ["a NUL in a name", named("archive/data.pkl\0.txt"), /may lead elsewhere/],
  ["two entries of one name", named("archive/data.pkl"), /two entries named/],
  ["two pickles", named("other/data.pkl"), /one data\.pkl, received 2/],
  [
    "another name in the entry's own header",
    patched(good, (view, find) => view.setUint8(find([0x50, 0x4b, 3, 4]) + 30, 0x62)),
    /another name in its own header/,
  ],
  // ZIP sizes
  ["a bomb of zeros that says so", deflated(100_000_000), /claim to unpack to 100000000/],
  [
    "a bomb of zeros that lies",
    deflated(100_000_000, 1_000),
    /expected entry "archive\/data\.pkl" of 1000 bytes/,
  ],
  ["an entry that unpacks to less than it says", deflated(1_000, 2_000), /of 2000 bytes/],
  [
    "a stored entry of two sizes",
    patched(good, (view, find) => view.setUint32(find(directory) + 24, 4_000, true)),
    /stored, of 4000 bytes in 4/,
  ],
  [
    "an entry past the end",
    patched(good, (view, find) => {
      for (const at of [20, 24]) view.setUint32(find(directory) + at, 1_000_000, true);
    }),
    /past the content's end/,
  ],
  [
    "an entry that begins nowhere",
    patched(good, (view, find) => view.setUint32(find(directory) + 42, 5, true)),
    /where none begins/,
  ],
  [
    "entries over the same bytes",
    patched(named("archive/data.pkx"), (view) => {
      const at = Buffer.from(view.buffer as ArrayBuffer).lastIndexOf(Uint8Array.from(directory));
      view.setUint32(at + 42, 0, true);
      view.setUint8(at + 46 + 15, 0x6c);
    }),
    /two entries|another name|same bytes/,
  ],
  [
    "four billion entries",
    patched(good, (view, find) => {
      view.setUint16(find(end) + 8, 0xffff, true);
      view.setUint16(find(end) + 10, 0xffff, true);
    }),
    /table of 65535 entries/,
  ],
  [
    "a table outside the file",
    patched(good, (view, find) => view.setUint32(find(end) + 16, 0xfffffff0, true)),
    /a table of/,
  ],
  [
    "an archive on several disks",
    patched(good, (view, find) => view.setUint16(find(end) + 4, 1, true)),
    /several disks/,
  ],
  ["encryption", patched(good, (view, find) => view.setUint16(find(directory) + 8, 1, true)), /encrypted/],
  [
    "an exotic compression",
    patched(good, (view, find) => view.setUint16(find(directory) + 10, 99, true)),
    /method 99/,
  ],
  ["a wrong checksum", patched(good, (view, find) => view.setUint8(find([0x80, 2]) + 2, 0x5d)), /checksum/],
  ["an archive cut in half", good.slice(0, good.length / 2), /no table of contents/],
  [
    "a TorchScript program",
    concat(
      ...zipPieces([
        { name: "a/data.pkl", bytes: concat("}.") },
        { name: "a/constants.pkl", bytes: concat(").") },
      ]),
    ),
    /TorchScript/,
  ],
  [
    "an unknown byte order",
    concat(
      ...zipPieces([
        { name: "a/data.pkl", bytes: concat("}.") },
        { name: "a/byteorder", bytes: concat("middle") },
      ]),
    ),
    /byte order/,
  ],
  // The legacy format
  [
    "a look-up in a legacy file",
    legacy([0x80, 2], global("os", "system"), text(touch), [0x85], "R."),
    /look-up of "os\.system"/,
  ],
  [
    "a look-up before the value",
    concat(legacyStart, global("os", "system"), text(touch), [0x85], "R."),
    /look-up of "os\.system"/,
  ],
  [
    "a look-up in the list of storages",
    legacy([0x80, 2], "}.", [0x80, 2], global("os", "system"), "."),
    /look-up of "os\.system"/,
  ],
  [
    "a legacy storage larger than the file",
    legacy([0x80, 2], tensor(storageId(4)), ".", [0x80, 2], "](", text("0"), "e.", le(2n ** 40n, 8)),
    /length of 1099511627776/,
  ],
  [
    "a legacy storage shorter than its tensor",
    legacy(
      [0x80, 2],
      tensor(storageId(4)),
      ".",
      [0x80, 2],
      "](",
      text("0"),
      "e.",
      le(1, 8),
      new Uint8Array(4),
    ),
    /16 bytes of storage "0", received 4/,
  ],
  [
    "a legacy storage that never comes",
    legacy([0x80, 2], tensor(storageId(4)), ".", [0x80, 2], "]."),
    /storage "0", received none/,
  ],
  [
    "a legacy storage nobody refers to",
    legacy([0x80, 2], "}.", [0x80, 2], "](", text("9"), "e.", le(0, 8)),
    /no tensor refers to/,
  ],
  ["another legacy version", concat(legacyStart, [0x80, 2], "M", le(1002, 2), "."), /format 1001/],
  // Other files
  ["an empty file", concat(""), /begins with nothing/],
  [
    "a bare pickle",
    concat([0x80, 2], global("os", "system"), text(touch), [0x85], "R."),
    /file of torch\.save/,
  ],
  ["a text", concat("#!/bin/sh\nrm -rf /\n"), /begins with 23212f62/],
];

describe("hostile files", () => {
  it("are many", () => {
    expect(hostile.length).toBeGreaterThan(60);
    expect(new Set(hostile.map(([what]) => what)).size).toBe(hostile.length);
  });

  it.each(hostile)("%s is refused", { timeout: mostMilliseconds }, (_, file, reason) => {
    const before = process.memoryUsage().arrayBuffers;
    let error: unknown;
    try {
      parsePytorch(file, "weights.pth");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DataFormatError);
    expect((error as Error).message).toMatch(/^read weights\.pth.*: expected /);
    expect((error as Error).message).toMatch(reason);
    expect((process.memoryUsage().arrayBuffers - before) / 2 ** 20).toBeLessThan(mostMegabytes);
    expect(existsSync(trace)).toBe(false);
  });

  it("differ from harmless ones only in what is refused", () => {
    expect(parsePytorch(good, "x").value).toEqual(new Map());
    expect(parsePytorch(pickle(tensor(storageId(4))), "x").value).toMatchObject({
      dtype: "float32",
      shape: [4],
    });
    expect(
      parsePytorch(pickle(tensor(storageId(4), { shape: [3, 2], strides: [0, 1] })), "x").value,
    ).toMatchObject({ shape: [3, 2] });
    expect(parsePytorch(pickle(laughs(2)), "x").value).toHaveLength(10);
    expect(() => parsePytorch(deflated(1_000), "x")).toThrow(/instruction 0x00/);
    const sound = legacy(
      [0x80, 2],
      tensor(storageId(4)),
      ".",
      [0x80, 2],
      "](",
      text("0"),
      "e.",
      le(4, 8),
      new Uint8Array(16),
    );
    expect(parsePytorch(sound, "x").value).toMatchObject({ shape: [4] });
  });
});
