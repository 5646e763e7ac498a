/** Examples of a data set as rows of input, mask and overlay. */
import {
  type DatasetSpec,
  datasetKind,
  openDataset,
  type SegmentationDataset,
  type ViewedExample,
} from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { type RgbImage, sideBySide } from "../../images/index.js";
import { permutation } from "../../random/index.js";
import {
  brighterColor,
  darkerColor,
  enlarge,
  type LegendEntry,
  labelImage,
  legendOf,
  overlayImage,
  type PictureGrid,
  type PictureRow,
  viewedFrames,
} from "../../report/index.js";
import { warnOf } from "../../runs/index.js";
import { chosenExamples } from "../../training/index.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ChosenData } from "./chosen-data.js";

/** What is to be drawn. */
export type Shown = {
  readonly grid: PictureGrid;
  /** Frames of one size and how long each is shown; none where nothing moves. */
  readonly animation: { readonly frames: readonly RgbImage[]; readonly delayMs: number } | undefined;
  /** What a program should know. */
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Longer sequences are shown by this many of their frames, the last one among them. */
const mostFrames = 8;
const frameDelayMs = 150;
/** Share of the class colours over events, which are few and thin. */
const eventLabelShare = 0.3;
/** Smallest width of an animated frame. */
const animationWidth = 240;

export const polarityLegend: readonly LegendEntry[] = [
  { name: "brighter events", color: brighterColor },
  { name: "darker events", color: darkerColor },
];

/** Reads and draws the chosen examples: at the files' own size, or at `--img-size` where it is given. */
export async function examplesShown(
  spec: DatasetSpec,
  {
    split,
    data,
    moves,
    terminal,
  }: {
    readonly split: string;
    readonly data: ChosenData;
    readonly moves: boolean;
    readonly terminal: Terminal;
  },
): Promise<Shown> {
  const dataset = await openDataset(spec, split);
  warnOf([dataset], terminal);
  const atNetworkSize = data.given.has("imgSize");
  const examples: ViewedExample[] = [];
  for (const index of chosen(dataset, data)) {
    examples.push(await (atNetworkSize ? dataset.view(index) : dataset.stored(index)));
  }
  const { classes, colors, frames } = dataset;
  const shownFrames = framesToShow(frames);
  const isEvents = datasetKind(spec).input === "events";
  const rows = examples.map((example) => rowOf(example, { shownFrames, colors, isEvents }));
  const legend = legendOf(
    examples.map(({ label }) => label),
    { names: classes, colors },
  );
  const inputs =
    frames > 1 ? shownFrames.map((t) => frameName(t - frames + 1)) : [isEvents ? "events" : "input"];
  return {
    grid: {
      heading: `${dataset.name}, split ${split}: ${examples.length} of ${dataset.length} examples`,
      ...{ columns: [...inputs, "labels", "overlay"], rows, cellWidth: inputs.length > 3 ? 200 : 260 },
      legend: isEvents ? [...polarityLegend, ...legend] : legend,
    },
    animation:
      moves && frames > 1 ? { frames: animationOf(examples, colors), delayMs: frameDelayMs } : undefined,
    facts: {
      examples: dataset.length,
      shown: examples.map(({ id, size }) => ({ id, size })),
      ...{ channels: dataset.channels, frames, classes: legend.map(({ name }) => name) },
    },
  };
}

/** The examples asked for, else a few random ones in their order. */
function chosen(dataset: SegmentationDataset, { config }: ChosenData): number[] {
  const { examples: ids, pictures, seed } = config;
  if (ids.length > 0) return chosenExamples(dataset, { ids, count: 0 });
  if (pictures === 0) throw new OptionError("--pictures: expected at least 1, received 0; ask for more");
  return [...permutation(seed, dataset.length).subarray(0, pictures)].sort((a, b) => a - b);
}

function framesToShow(frames: number): number[] {
  const count = Math.min(Math.max(1, frames), mostFrames);
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? Math.max(0, frames - 1) : Math.round((i * (frames - 1)) / (count - 1)),
  );
}

function frameName(offset: number): string {
  return offset === 0 ? "last frame" : `frame ${offset}`;
}

function rowOf(
  example: ViewedExample,
  {
    shownFrames,
    colors,
    isEvents,
  }: {
    readonly shownFrames: readonly number[];
    readonly colors: SegmentationDataset["colors"];
    readonly isEvents: boolean;
  },
): PictureRow {
  const { id, size, label } = example;
  const frames = viewedFrames(example);
  const last = frames.at(-1)!;
  const images = [
    ...shownFrames.map((t) => frames[t]),
    labelImage(label, { size, colors }),
    overlayImage(last, { labels: label, colors, ...(isEvents ? { share: eventLabelShare } : {}) }),
  ];
  return { title: `${id} (${size.join("x")})`, images };
}

/** At each moment the frames of all examples below each other, the labels beside them. */
function animationOf(examples: readonly ViewedExample[], colors: SegmentationDataset["colors"]): RgbImage[] {
  const rows = examples.map((example) => {
    const labels = labelImage(example.label, { size: example.size, colors });
    return viewedFrames(example).map((frame) => sideBySide([frame, labels], "across"));
  });
  const factor = Math.max(1, Math.ceil(animationWidth / (rows[0]?.[0]?.width ?? animationWidth)));
  return (rows[0] ?? []).map((_, t) =>
    enlarge(
      sideBySide(
        rows.map((row) => row[t]!),
        "down",
      ),
      factor,
    ),
  );
}
