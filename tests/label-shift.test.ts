/** Labels lie where the pictures that they are learnt with lie, whatever the data set, the fit and the preprocessing. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { npyOf } from "../src/datasets/fixtures/npy.js";
import { put, temporaryFolder } from "../src/datasets/fixtures/trees.js";
import { type DatasetSpec, openDataset } from "../src/datasets/index.js";
import { EventCollector } from "../src/events/index.js";
import { encodeMaskPng, encodePicturePng, type Size } from "../src/images/index.js";
import { textFile, writeDsecFile } from "./event-writers.js";

const [height, width] = [48, 64];
/** Where the bright part of an example begins: all places of a period of the sizes below. */
const edges = Array.from({ length: 16 }, (_, i) => 16 + i);
const axes = ["across", "along"] as const;
const examples = axes.flatMap((axis) => edges.map((edge) => ({ axis, edge })));
type Example = (typeof examples)[number];

const isBright = ({ axis, edge }: Example, i: number) =>
  (axis === "across" ? i % width : Math.floor(i / width)) >= edge;
const pixels = (example: Example) =>
  Uint8Array.from({ length: height * width }, (_, i) => Number(isBright(example, i)));

const root = temporaryFolder();
const windowUs = 50_000;
const moments = examples.map((_, n) => (n + 1) * windowUs);

beforeAll(async () => {
  const names = examples.map((_, n) => String(n).padStart(3, "0"));
  const masks = examples.map((example) => encodeMaskPng({ height, width, data: pixels(example) }));
  for (const [n, example] of examples.entries()) {
    const data = Uint8Array.from({ length: 3 * height * width }, (_, i) =>
      isBright(example, Math.floor(i / 3)) ? 255 : 0,
    );
    const picture = encodePicturePng({ height, width, data });
    put(join(root, `folder/images/${names[n]}.png`), picture);
    put(join(root, `folder/masks/${names[n]}.png`), masks[n]!);
    put(join(root, `voc/JPEGImages/${names[n]}.jpg`), picture);
    put(join(root, `voc/SegmentationClass/${names[n]}.png`), masks[n]!);
    const counts = Float32Array.from({ length: 6 * height * width }, (_, i) =>
      Number(isBright(example, Math.floor(i / 6))),
    );
    put(join(root, `ddd17/events/train/rec_${n}.npy`), npyOf([height, width, 6], counts));
    put(join(root, `ddd17/labels/train/rec_${n}.png`), masks[n]!);
    put(join(root, `events/train/drive/${moments[n]}.png`), masks[n]!);
    put(join(root, `dsec/train/drive/11classes/${names[n]}.png`), masks[n]!);
  }
  const lines = names.map((name) => `images/${name}.png masks/${name}.png\n`);
  put(join(root, "folder/train.txt"), lines.join(""));
  put(join(root, "voc/ImageSets/Segmentation/train.txt"), `${names.join("\n")}\n`);
  const classes = JSON.stringify({ classes: ["dark", "bright"] });
  put(join(root, "folder/dataset.json"), classes);
  put(join(root, "events/dataset.json"), classes);
  const collector = new EventCollector();
  for (const [n, example] of examples.entries()) {
    for (const [i, bright] of pixels(example).entries()) {
      if (bright === 1) collector.push(moments[n]! - 1000, i % width, Math.floor(i / width), 1);
    }
  }
  const events = collector.take();
  put(join(root, "events/train/drive.txt"), textFile(events));
  const sequence = join(root, "dsec/train/drive");
  await mkdir(dirname(join(sequence, "events/left/x")), { recursive: true });
  await writeDsecFile(join(sequence, "events/left/events.h5"), events, { offsetUs: 0, chunk: 4096 });
  await writeIdentityMap(join(sequence, "events/left/rectify_map.h5"));
  put(join(sequence, "drive_semantic_timestamps.txt"), moments.map((t) => `${t}\n`).join(""));
});

async function writeIdentityMap(path: string): Promise<void> {
  const { File } = await import("h5wasm/node");
  const file = new File(path, "w");
  const data = Float32Array.from({ length: 480 * 640 * 2 }, (_, k) =>
    k % 2 === 0 ? (k >> 1) % 640 : Math.floor((k >> 1) / 640),
  );
  file.create_dataset({ name: "rectify_map", data, shape: [480, 640, 2], chunks: [48, 64, 2] });
  file.close();
}

/** Mean over all places of how far the labels' edge lies behind the picture's, in pixels of the stored example. */
async function meanShifts(spec: DatasetSpec): Promise<Record<Example["axis"], number>> {
  const dataset = await openDataset(spec, "train");
  const brightest = dataset.channels === 3 ? 255 : 1;
  const channel = dataset.channels === 2 || dataset.channels === 6 ? 0 : dataset.channels - 1;
  const shifts = { across: [] as number[], along: [] as number[] };
  for (let index = 0; index < dataset.length; index++) {
    const view = await dataset.view(index);
    // DSEC leaves out labels whose window begins before the recording.
    const number = dataset.name === "dsec" ? Number(view.id.slice(-6)) : index;
    const { axis } = examples[number]!;
    const [h, w] = dataset.size;
    const [top, left, rows, columns] = dataset.regionOf([height, width]);
    let [picture, labels] = [0, 0];
    for (let y = top; y < top + rows; y++) {
      for (let x = left; x < left + columns; x++) {
        picture += view.values[(channel * h + y) * w + x]! / brightest;
        labels += Number(view.label[y * w + x] === 1);
      }
    }
    // Bright area over the edge's length: how much of the axis is bright.
    const [length, side, pixelsOfSide] = axis === "across" ? [rows, columns, width] : [columns, rows, height];
    shifts[axis].push(((picture - labels) / length) * (pixelsOfSide / side));
  }
  const mean = (values: readonly number[]) => {
    expect(values.length).toBeGreaterThanOrEqual(edges.length - 1);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { across: mean(shifts.across), along: mean(shifts.along) };
}

const sizes: readonly Size[] = [
  [6, 8],
  [12, 8],
  [9, 12],
];
const sliced = { windowUs };
const specs: Record<string, (imgSize: Size) => DatasetSpec> = {
  events: (imgSize) => ({ name: "events", root: join(root, "events"), imgSize, ...sliced }),
  "events, ev-segnet": (imgSize) => ({
    ...{ name: "events", root: join(root, "events"), imgSize, ...sliced },
    representation: "ev-segnet",
  }),
  dsec: (imgSize) => ({ name: "dsec", root: join(root, "dsec"), imgSize, ...sliced }),
  ddd17: (imgSize) => ({ name: "ddd17", root: join(root, "ddd17"), imgSize }),
};
for (const preprocessing of ["paper", "imagenet", "unit"] as const) {
  for (const fit of ["stretch", "letterbox"] as const) {
    for (const [name, folder] of [
      ["folder", "folder"],
      ["voc2012", "voc"],
    ] as const) {
      specs[`${name}, ${preprocessing}, ${fit}`] = (imgSize) => {
        return { name, root: join(root, folder), imgSize, preprocessing, fit };
      };
    }
  }
}

/** What nearest sampling costs at even ratios; DSEC's first example, which is left out, counts for the rest. */
const mostShift = 0.51;

describe("the labels' edges lie within half a pixel of the pictures'", () => {
  it.each(Object.keys(specs))("%s", async (name) => {
    for (const size of sizes) {
      for (const [axis, shift] of Object.entries(await meanShifts(specs[name]!(size)))) {
        expect(Math.abs(shift), `${size.join("x")} ${axis}: ${shift}`).toBeLessThan(mostShift);
      }
    }
  });

  it.each(["voc2012, paper, stretch", "ddd17"])("but for the paper's rule: %s", async (name) => {
    const spec = { ...specs[name]!([6, 8]), labelPixel: "corner" } as DatasetSpec;
    const { across, along } = await meanShifts(spec);
    expect(across).toBeCloseTo(3.5, 1);
    expect(along).toBeCloseTo(3.5, 1);
  });
});
