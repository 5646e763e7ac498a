/** Recordings that are damaged or do not say everything about themselves, from the command line. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.js";
import { aedat2DvsFile, datFile, randomEvents, textFile } from "../event-writers.js";
import { isBuilt, lastJson, processTimeout, snnsegInside } from "./snnseg.js";
import { labelPng, put } from "./tiny-events.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-recordings-"));
const at = (...parts: string[]) => join(folder, ...parts);
const size = { width: 24, height: 16 };
const sound = randomEvents(6000, { ...size, seed: 5 });
/** One event right of the sensor. */
const damaged = { ...sound, x: sound.x.map((x, i) => (i === 77 ? 24 : x)) };
const header = "% Version 2\n% Width 24\n% Height 16\n";
const times = [40_000, 80_000, 110_000];

beforeAll(() => {
  put(at("damaged.dat"), datFile(damaged, header));
  put(at("ms.txt"), Buffer.from([...sound.x].map((x, i) => `${x} ${sound.y[i]} ${i} 1\n`).join("")));
  const dvs = randomEvents(2000, { width: 128, height: 128, seed: 2 });
  put(
    at("bare.aedat"),
    Buffer.from(
      aedat2DvsFile(dvs)
        .toString("latin1")
        .replace(/# AEChip.*\r\n/, ""),
      "latin1",
    ),
  );
  for (const split of ["train", "test"]) {
    put(at("set", split, "drive.dat"), datFile(damaged, header));
    for (const [n, time] of times.entries())
      put(at("set", split, "drive", `${time}.png`), labelPng([16, 24], n));
  }
  put(at("set/dataset.json"), JSON.stringify({ classes: ["a", "b", "c", "d", "e", "f"] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function data(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const code = await runProgram(["data", ...words], streams);
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? "";
  return { code, out: textOf(streams.out), err: textOf(streams.err) };
}

const stats = (name: string, ...words: string[]) =>
  data("stats", "--dataset", "events", "--root", at(name), ...words);

describe("data stats of a recording", () => {
  it("ends with what is suspicious, as text and as JSON; strict refuses", async () => {
    const { out } = await stats("damaged.dat");
    const found = `${at("damaged.dat")}: left out 1 event outside the sensor (first: byte`;
    expect(out).toMatch(/^events +5999; the file states 6000$/m);
    expect(out.trimEnd().split("\n").slice(-2)[0]).toBe("suspicious:");
    expect(out.trimEnd().split("\n").at(-1)).toContain(found);
    const json = JSON.parse((await stats("damaged.dat", "--json")).out);
    expect(json).toMatchObject({
      ...{ events: 5999, skipped: [{ reason: "outside-sensor", count: 1 }] },
      suspicions: [{ code: "skipped-events", files: [at("damaged.dat")] }],
    });
    const refused = await stats("damaged.dat", "--strict");
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("expected a pixel of a 24 x 16") });
  });

  it("takes unit, columns and sensor of files that do not say them", async () => {
    const json = JSON.parse((await stats("ms.txt", "--time-unit", "ms", "--json")).out);
    expect(json).toMatchObject({ events: 6000, durationUs: 5_999_000, extent: [24, 16] });
    expect((await stats("ms.txt")).out).toMatch(/^format +text, times in us, columns x y t p$/m);
    // The first two columns could be named the other way round.
    const turned = JSON.parse((await stats("ms.txt", "--columns", "yxtp", "--json")).out);
    expect(turned.extent).toEqual([16, 24]);
    expect(await stats("bare.aedat")).toMatchObject({
      code: 1,
      err: expect.stringContaining("--sensor WxH"),
    });
    const dvs = JSON.parse((await stats("bare.aedat", "--sensor", "128x128", "--json")).out);
    expect(dvs).toMatchObject({ events: 2000, width: 128, height: 128 });
    expect(await stats("bare.aedat", "--sensor", "128")).toMatchObject({ code: 2 });
    expect(await stats("ms.txt", "--columns", "xyt")).toMatchObject({ code: 2 });
  });

  it("shows a unit that cannot be right and a clock that jumps", async () => {
    put(at("slow.txt"), textFile({ ...sound, timestampsUs: sound.timestampsUs.map((t) => t * 5000) }));
    put(
      at("jump.txt"),
      textFile({ ...sound, timestampsUs: sound.timestampsUs.map((t, i) => (i < 9 ? t : t + 6e7)) }),
    );
    const codes = async (name: string) =>
      JSON.parse((await stats(name, "--json")).out).suspicions.map(({ code }: { code: string }) => code);
    expect(await codes("slow.txt")).toEqual(["empty-windows", "time-unit"]);
    expect(await codes("jump.txt")).toEqual(["clock", "empty-windows"]);
  });

  it("of a folder names the recordings that cannot be read, and counts the others", async () => {
    put(at("mixed/a.dat"), datFile(sound, header));
    put(at("mixed/b.raw"), Buffer.from("% evt 3.0\n% geometry 0x0\n% end\n"));
    const { code, err, out } = await stats("mixed", "--json");
    const json = JSON.parse(out);
    expect(json).toMatchObject({ events: 6000, failed: 1, suspicions: [{ code: "unreadable" }] });
    expect(json.suspicions[0].message).toContain("mixed/b.raw, header field width");
    expect([code, err]).toEqual([1, expect.stringContaining("received 1 that cannot")]);
  });

  it("with labels says each finding once", async () => {
    const { suspicions } = JSON.parse((await stats("set", "--json")).out);
    expect(suspicions.map(({ code }: { code: string }) => code)).toEqual([
      "skipped-events",
      "skipped-events",
    ]);
  });
});

describe("data prepare and data show", () => {
  it("take the same options, and warn of what was left out", async () => {
    const labels = at("set/train/drive");
    const words = ["prepare", at("damaged.dat"), "--labels", labels, "--out"];
    const { err, code } = await data(...words, at("prepared"));
    expect([code, err.match(/^warning: .*left out 1 event outside the sensor/gm)?.length]).toEqual([0, 1]);
    expect(await data(...words, at("strict"), "--strict")).toMatchObject({ code: 1 });
    const shown = ["show", "--dataset", "events", "--root", at("damaged.dat"), "--picture", at("show.png")];
    expect((await data(...shown)).err).toMatch(/^warning: .*left out 1 event/);
  });
});

describe.skipIf(!isBuilt)(
  "train, eval, predict (skipped before the build)",
  { timeout: processTimeout },
  () => {
    const warnings = (err: string) => err.match(/^warning: .*left out.*$/gm) ?? [];

    it("go on with a recording that is damaged, and say so once a recording", async () => {
      const network = [
        "--img-size",
        "8",
        "--threads",
        "1",
        "--workers",
        "2",
        "--epochs",
        "2",
        "--batch-size",
        "2",
      ];
      const run = at("run");
      const words = ["train", "--dataset", "events", "--root", at("set"), "--timesteps", "2", ...network];
      const trained = await snnsegInside([...words, "--run", run, "--json"]);
      expect(trained.code, trained.err).toBe(0);
      expect(warnings(trained.err)).toHaveLength(2);
      const scored = await snnsegInside(["eval", run, "--json"]);
      expect(warnings(scored.err)).toHaveLength(1);
      const predicted = await snnsegInside(["predict", run, at("damaged.dat"), "-o", at("masks"), "--json"]);
      expect(warnings(predicted.err)).toHaveLength(1);
      expect(lastJson(predicted)).toMatchObject({ recordings: [{ skipped: [{ count: 1 }] }] });
      const text = ["predict", run, at("ms.txt"), "-o", at("texts"), "--json"];
      expect(lastJson(await snnsegInside([...text, "--time-unit", "ms"]))).toMatchObject({
        recordings: [{ windows: { length: 120 } }],
      });
      const strict = await snnsegInside(["predict", run, at("damaged.dat"), "-o", at("masks"), "--strict"]);
      expect(strict).toMatchObject({
        code: 1,
        err: expect.stringContaining("expected a pixel of a 24 x 16"),
      });
      expect(await snnsegInside([...words, "--run", at("strict-run"), "--strict"])).toMatchObject({
        code: 1,
      });
    });
  },
);
