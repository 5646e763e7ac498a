/** Prediction gives a network the very numbers that training gave it, for every kind of data set and every preparation. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pictureOf, put, temporaryFolder } from "../src/datasets/fixtures/trees.js";
import {
  type EventDatasetSpec,
  fitPicture,
  openDataset,
  openRecordingFrames,
  prepareEvSegNet,
} from "../src/datasets/index.js";
import { type EventBatch, EventCollector } from "../src/events/index.js";
import { encodeMaskPng, readPicture, type Size } from "../src/images/index.js";
import { aedat4File, randomEvents, writeDsecFile } from "./event-writers.js";

const root = temporaryFolder();
const context = { seed: 0, epoch: 0 };
const usualWindowUs = 50_000;

function blankMask([height, width]: Size): Uint8Array {
  return encodeMaskPng({ height, width, data: new Uint8Array(height * width) });
}

/** Windows of a recording end before an event at their end, those of labels after it: none is there. */
function withoutEventsAt(moments: readonly number[], events: EventBatch): EventBatch {
  const kept = new EventCollector();
  for (let i = 0; i < events.length; i++) {
    if (moments.includes(events.timestampsUs[i]!)) continue;
    kept.push(events.timestampsUs[i]!, events.x[i]!, events.y[i]!, events.polarity[i]!);
  }
  return kept.take();
}

/** Events of a sensor, and the ends of the first two windows that a recording is cut into. */
function recordingOf(sensor: { readonly width: number; readonly height: number }, windowUs: number) {
  const all = randomEvents(12_000, { ...sensor, seed: windowUs });
  const firstUs = all.timestampsUs[0]!;
  const momentsUs = [firstUs + windowUs, firstUs + 2 * windowUs];
  return { events: withoutEventsAt(momentsUs, all), momentsUs };
}

/** The inputs of the first two labels and those of the first two windows. */
async function bothWays(spec: EventDatasetSpec, split: string, recording: string) {
  const dataset = await openDataset(spec, split);
  const learnt = [await dataset.read(0, context), await dataset.read(1, context)];
  const predicted: Float32Array[] = [];
  for await (const { input } of (await openRecordingFrames(recording, spec)).frames()) predicted.push(input);
  return { learnt: learnt.map(({ image }) => image), predicted: predicted.slice(0, 2) };
}

/** Counts instead of a comparison of arrays, whose differences take minutes to print. */
function expectSame(predicted: readonly Float32Array[], learnt: readonly Float32Array[]): void {
  const lengths = (inputs: readonly Float32Array[]) => inputs.map(({ length }) => length);
  expect(lengths(predicted)).toEqual(lengths(learnt));
  for (const [n, values] of learnt.entries()) {
    expect(new Set(values).size).toBeGreaterThan(2);
    expect(values.filter((value, i) => value !== predicted[n]![i]).length).toBe(0);
  }
}

describe("a recording's windows", () => {
  const small = { width: 40, height: 30 };
  const usual = recordingOf(small, usualWindowUs);
  const short = recordingOf(small, 20_000);
  const davis = recordingOf({ width: 346, height: 260 }, usualWindowUs);
  const dsec = recordingOf({ width: 640, height: 480 }, usualWindowUs);
  const sequence = join(root, "dsec/train/a");

  beforeAll(async () => {
    for (const [name, { events, momentsUs }] of Object.entries({ usual, short })) {
      put(join(root, name, "train/a.aedat4"), aedat4File(events, small));
      put(join(root, name, "dataset.json"), JSON.stringify({ classes: ["road"] }));
      for (const us of momentsUs) put(join(root, name, `train/a/${us}.png`), blankMask([30, 40]));
    }
    put(join(root, "davis.aedat4"), aedat4File(davis.events, { width: 346, height: 260 }));
    for (const us of davis.momentsUs) put(join(root, `davis/${us}.png`), blankMask([200, 346]));
    await prepareEvSegNet(join(root, "davis.aedat4"), {
      labels: join(root, "davis"),
      out: join(root, "ddd17"),
    });
    mkdirSync(join(sequence, "events/left"), { recursive: true });
    await writeDsecFile(join(sequence, "events/left/events.h5"), dsec.events);
    await writeShiftMap(join(sequence, "events/left/rectify_map.h5"), [480, 640]);
    put(join(sequence, "a_semantic_timestamps.txt"), dsec.momentsUs.map((us) => `${us}\n`).join(""));
    for (const i of [0, 1]) put(join(sequence, "11classes", `00000${i}.png`), blankMask([440, 640]));
  });

  it.each([
    ["counts, nothing said", "usual", {}],
    ["a voxel grid, nothing said of its bins", "usual", { representation: "voxel" }],
    ["Ev-SegNet's channels", "usual", { representation: "ev-segnet" }],
    ["a shorter window", "short", { windowUs: 20_000 }],
  ] as const)("events: %s", async (_, name, framing) => {
    const place = { root: join(root, name), imgSize: [12, 16] } as const;
    const recording = join(root, name, "train/a.aedat4");
    const { learnt, predicted } = await bothWays(
      { name: "events", ...place, ...framing },
      "train",
      recording,
    );
    expectSame(predicted, learnt);
  });

  it.each([
    ["2 channels, nothing said", {}],
    ["6 channels, scaled by column", { channels: 6, scaling: "column" }],
  ] as const)("ddd17, prepared from a recording: %s", async (_, words) => {
    const spec = { name: "ddd17", root: join(root, "ddd17"), imgSize: [50, 86], ...words } as const;
    const { learnt, predicted } = await bothWays(spec, "train", join(root, "davis.aedat4"));
    expectSame(predicted, learnt);
  });

  it.each([
    ["counts, nothing said", {}],
    ["a voxel grid", { representation: "voxel", bins: 3 }],
  ] as const)("dsec, rectified and cut to the rows of its labels: %s", async (_, words) => {
    const spec = { name: "dsec", root: join(root, "dsec"), imgSize: [44, 64], ...words } as const;
    const recording = join(sequence, "events/left/events.h5");
    const { learnt, predicted } = await bothWays(spec, "train", recording);
    expectSame(predicted, learnt);
  });
});

describe("a photograph", () => {
  const preparations = (["paper", "imagenet", "unit"] as const).flatMap((preprocessing) =>
    ([undefined, "stretch", "letterbox"] as const).map((fit) => [preprocessing, fit] as const),
  );

  beforeAll(() => {
    put(join(root, "photos/0.png"), pictureOf(31, 57, 4));
    put(join(root, "photos/mask.png"), blankMask([31, 57]));
    put(join(root, "photos/val.txt"), "0.png mask.png\n");
    put(join(root, "photos/dataset.json"), JSON.stringify({ classes: ["road"] }));
  });

  it.each(preparations)("%s, fit %s", async (preprocessing, fit) => {
    const size = [20, 28] as const;
    const words = fit === undefined ? { preprocessing } : { preprocessing, fit };
    const dataset = await openDataset(
      { name: "folder", root: join(root, "photos"), imgSize: size, ...words },
      "val",
    );
    const { image } = await dataset.read(0, context);
    const { input, region } = fitPicture(await readPicture(join(root, "photos/0.png")), { size, ...words });
    expectSame([input], [image]);
    expect(region).toEqual(dataset.regionOf([31, 57]));
  });
});

/** A map that moves every pixel three to the right and one down. */
async function writeShiftMap(path: string, [height, width]: Size): Promise<void> {
  const { File, ready } = await import("h5wasm/node");
  await ready;
  const file = new File(path, "w");
  const data = Float32Array.from({ length: height * width * 2 }, (_, k) => {
    return k % 2 === 0 ? ((k >> 1) % width) + 3 : Math.floor((k >> 1) / width) + 1;
  });
  file.create_dataset({ name: "rectify_map", data, shape: [height, width, 2], chunks: [height, width, 2] });
  file.close();
}
