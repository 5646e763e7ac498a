/** What `dataset.json` may say. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { put, temporaryFolder } from "../fixtures/trees.js";
import { readClassFile } from "./class-file.js";

const file = join(temporaryFolder(), "dataset.json");
const read = (content: unknown) => {
  put(file, typeof content === "string" ? content : JSON.stringify(content));
  return readClassFile(file);
};
const valuesOf = async (content: unknown) => Object.fromEntries((await read(content)).maskCode.values);
const classes = ["road", "car"];

describe("ids", () => {
  it("are 0, 1, 2 …, and 255 void, unless said otherwise", async () => {
    expect(await valuesOf({ classes })).toEqual({ 0: 0, 1: 1, 255: 255 });
    expect(await valuesOf({ classes, void: 1 })).toEqual({ 0: 0, 1: 255 });
  });

  it("may be mapped to names, several to one, and to void", async () => {
    const ids = { 7: "road", 8: "road", 26: "car", 0: "void" };
    expect(await valuesOf({ classes, ids })).toEqual({ 7: 0, 8: 0, 26: 1, 0: 255, 255: 255 });
    expect(await valuesOf({ classes, ids: { 0: "road", 255: "car" } })).toEqual({ 0: 0, 255: 1 });
  });

  it("may be listed in the order of the classes, with ids of void beside them", async () => {
    expect(await valuesOf({ classes, ids: [1, 2], void: 0 })).toEqual({ 1: 0, 2: 1, 0: 255 });
    expect(await valuesOf({ classes, ids: [7, 26], void: [0, 255] })).toEqual({
      7: 0,
      26: 1,
      0: 255,
      255: 255,
    });
  });

  it("are refused where a class has none, a name is unknown, or an id has two meanings", async () => {
    await expect(read({ classes, ids: { 7: "road" } })).rejects.toThrow(
      /an id for each class, received none for car/,
    );
    await expect(read({ classes, ids: { 7: "road", 8: "carr" } })).rejects.toThrow(
      /"carr"; did you mean car\?/,
    );
    await expect(read({ classes, ids: [7] })).rejects.toThrow(/an id for each of 2 classes, received 1/);
    await expect(read({ classes, ids: [7, 7] })).rejects.toThrow(/different ids/);
    await expect(read({ classes, ids: [0, 1], void: 1 })).rejects.toThrow(/1 as car and void/);
    await expect(read({ classes, ids: { road: 7 } })).rejects.toThrow(/wrong ids/);
  });
});

describe("colors", () => {
  const [black, red, white] = [
    [0, 0, 0],
    [255, 0, 0],
    [255, 255, 255],
  ];

  it("may have one more, which is void whatever its id", async () => {
    const { maskCode } = await read({ classes, colors: [black, red, white] });
    expect([...maskCode.colors!.values()]).toEqual([0, 1, 255]);
    await expect(read({ classes, colors: [black, red, white, [1, 1, 1]] })).rejects.toThrow(
      /at most one more/,
    );
  });

  it("make 255 no void where white is a class", async () => {
    const { maskCode } = await read({ classes, colors: [black, white] });
    expect(maskCode.values.has(255)).toBe(false);
    expect(await valuesOf({ classes, colors: [black, white], void: 255 })).toMatchObject({ 255: 255 });
  });
});

describe("the file", () => {
  it("may begin with a byte order mark", async () => {
    expect((await read(`\uFEFF${JSON.stringify({ classes })}`)).classes).toEqual(classes);
  });

  it("names an unknown key and the nearest known one", async () => {
    await expect(read({ classes, colours: [] })).rejects.toThrow(/received "colours"; did you mean colors\?/);
    await expect(read({ classes, ignore_index: 255 })).rejects.toThrow(
      /"ignore_index"; choose one of classes, void/,
    );
  });

  it("says how pictures are held and how masks are read", async () => {
    expect((await read({ classes, orientation: "stored" })).orientation).toBe("stored");
    const colors = [
      [0, 0, 0],
      [1, 1, 1],
    ];
    expect((await read({ classes, colors, masks: "ids" })).maskCode.reading).toBe("ids");
    await expect(read({ classes, masks: "colors" })).rejects.toThrow(/colors where masks are read by them/);
  });
});
